// The sockets of the repair shop and of the support desk: unchanged Socket.IO clients, whose texts are packets. No text that is none is ever written.
import { readEvent, tokenOf } from './socketio-events.ts';
import { writeNotification } from './socketio-notifications.ts';
import type { Asked } from './socketio-reply.ts';
import { askedByBroken, askedIn, replyToOf } from './socketio-reply.ts';
import { orRefusal, refused, spoken } from './spoken.ts';
import type { JsonObject } from '../domain/log.ts';
import type { Spoken } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import { socketIoLimits } from '../protocol/limits.ts';
import type { ConnectedFrame, ServerFrame, Unread } from '../protocol/server-frames.ts';
import { decodeEnginePacket, openPacket, pingPacket, pongPacket } from '../socketio/engine-packets.ts';
import type { SocketIoPacket } from '../socketio/packets.ts';
import {
  ackPacket,
  connectErrorPacket,
  connectPacket,
  decodePacket,
  disconnectPacket,
  eventPacket,
} from '../socketio/packets.ts';

/** The one namespace. The gateway of the brief has no other either. */
const namespace = '/';

export function readSocketIo(text: string): Spoken {
  const packet = decodeEnginePacket(text);
  switch (packet?.kind) {
    case undefined:
      return refuse(null, noPacket(text));
    case 'ping':
      return say({ kind: 'ping', text: packet.text }, () => ({ type: 'ping' }));
    case 'pong':
      return say(null, () => ({ type: 'alive' }));
    case 'close':
      return say(null, () => ({ type: 'goodbye' }));
    case 'open':
    case 'upgrade':
    case 'noop':
      return say(null, () => ({ type: 'nothing' }));
    case 'message':
      return readMessage(packet.text);
  }
}

function readMessage(text: string): Spoken {
  const packet = orRefusal(() => decodePacket(text));
  return packet instanceof Failure ? refuse(askedByBroken(text), packet) : readPacket(packet, text);
}

function readPacket(packet: SocketIoPacket, text: string): Spoken {
  switch (packet.kind) {
    case 'connect':
      return say(packet, () => {
        mustBeMain(packet.namespace);
        const token = tokenOf(packet.auth);
        return token === null ? { type: 'enter' } : { type: 'authenticate', token };
      });
    case 'event':
      return say(packet, () => {
        mustBeMain(packet.namespace);
        return readEvent(packet.event, packet.args);
      });
    case 'disconnect':
      // Nobody is in another namespace, so that leaving one is nothing.
      return say(null, () => ({ type: packet.namespace === namespace ? 'goodbye' : 'nothing' }));
    case 'ack':
      return say(null, () => ({ type: 'nothing' }));
    case 'connect_error':
      return refuse(null, serversOwn());
    case 'binary':
      return refuse(askedByBroken(text), binary());
  }
}

function say(asked: Asked | null, read: Parameters<typeof spoken>[2]): Spoken {
  return spoken('socketio', asked === null ? undefined : replyToOf(asked), read);
}

function refuse(asked: Asked | null, failure: Failure): Spoken {
  return refused('socketio', asked === null ? undefined : replyToOf(asked), failure);
}

function mustBeMain(asked: string): void {
  if (asked === namespace) return;
  throw new Failure('not_found', {
    message: 'there is no other namespace than /',
    field: 'namespace',
    remedy: 'Connect without a path behind the host: io("https://host"), not io("https://host/chat").',
  });
}

function noPacket(text: string): Failure {
  if (text.startsWith('b')) return binary();
  return new Failure('bad_request', {
    message: 'the frame is no Engine.IO packet',
    field: 'frame',
    remedy: 'Connect with socket.io-client 3 or 4; frames of JSON belong to the path /ws.',
  });
}

function binary(): Failure {
  return new Failure('bad_request', {
    message: 'binary data cannot be taken',
    field: 'packet',
    remedy: 'Put it into the event as base64 text, or send a link to it.',
  });
}

function serversOwn(): Failure {
  return new Failure('bad_request', {
    message: 'a connect error is for the server to send',
    field: 'packet',
    remedy: 'Send connect, disconnect, event and ack packets only.',
  });
}

export function writeSocketIo(frame: ServerFrame): readonly string[] {
  switch (frame.type) {
    case 'open':
      return [openPacket({ sid: frame.connectionId, ...socketIoLimits })];
    case 'heartbeat':
      return [pingPacket];
    case 'connected':
      return welcome(frame);
    case 'notification':
      return writeNotification(frame).map(({ event, data }) => emit(event, data));
    case 'unread':
      return badge([frame]);
    case 'error':
      return refusal(frame);
    case 'pong':
    case 'joined':
    case 'left':
    case 'sent':
    case 'refreshed':
    case 'done':
      return answer(frame, askedIn(frame.replyTo));
    case 'skipped':
    case 'reset':
    case 'resumed':
    case 'selected':
      return [];
  }
}

/** Admits the client, says so in the words of the desk, and gives the badge of the repair shop its number. */
function welcome({ connectionId, user, time, unread }: ConnectedFrame): readonly string[] {
  const message = 'Connected to WebSocket server';
  return [
    connectPacket(namespace, { sid: connectionId }),
    emit('connected', { message, clientId: user, socketId: connectionId, timestamp: time }),
    ...badge(unread),
  ];
}

/** Notifications are what is addressed to the user; what is told to a room or to everybody counts in no badge. */
function badge(unread: readonly Pick<Unread, 'topic' | 'count'>[]): readonly string[] {
  return unread
    .filter(({ topic }) => topic.startsWith('user:'))
    .map(({ count }) => emit('notification_count_updated', { count, unreadCount: count }));
}

type Answer = Extract<ServerFrame, { readonly type: 'pong' | 'joined' | 'left' | 'sent' | 'refreshed' | 'done' }>;

/** The ack, if the client waits for one, and then the event by which the old server confirmed. */
function answer(frame: Answer, asked: Asked | null): readonly string[] {
  if (frame.type === 'pong' && asked?.kind === 'ping') return [pongPacket(asked.text)];
  const ack = asked?.kind === 'event' ? acknowledged(asked, { success: true, ...result(frame) }) : [];
  return [...ack, ...confirmation(frame, asked, ack.length > 0)];
}

function acknowledged(asked: Extract<Asked, { readonly kind: 'event' }>, body: JsonObject): readonly string[] {
  return asked.id === undefined ? [] : [ackPacket(asked.id, [body], asked.namespace)];
}

function result(frame: Answer): JsonObject {
  switch (frame.type) {
    case 'joined':
    case 'left':
      return { room: frame.room, timestamp: frame.time };
    case 'sent':
      return { id: frame.id, room: frame.room, timestamp: frame.time };
    case 'refreshed':
      return { expiresAt: frame.expiresAt };
    case 'pong':
      return { timestamp: frame.time };
    case 'done':
      return {};
  }
}

function confirmation(frame: Answer, asked: Asked | null, hasAck: boolean): readonly string[] {
  const request = asked?.kind === 'event' ? asked.event : undefined;
  switch (frame.type) {
    case 'joined': {
      const { room, time: timestamp } = frame;
      return request === 'joinRoom' ? [emit('roomJoined', { room, message: `Joined room ${room}`, timestamp })] : [];
    }
    case 'left': {
      const { room, time: timestamp } = frame;
      return request === 'leaveRoom' ? [emit('roomLeft', { room, message: `Left room ${room}`, timestamp })] : [];
    }
    case 'sent': {
      const { id, data, time: timestamp } = frame;
      return request === 'message' ? [emit('messageReceived', { id, ...data, timestamp })] : [];
    }
    case 'refreshed':
      return hasAck ? [] : [emit('authenticated', result(frame))];
    case 'pong':
      return hasAck ? [] : [emit('pong', result(frame))];
    case 'done':
      return [];
  }
}

/** A client that is kept out hears it in one packet, does not try again by itself, and takes nothing after it. */
function refusal({ code, message, field, remedy, closing, replyTo }: ErrorFrame): readonly string[] {
  const asked = askedIn(replyTo);
  if (asked?.kind === 'connect') {
    return [connectErrorPacket(asked.namespace, { message, data: { code, field, remedy } })];
  }
  const event = asked?.kind === 'event' && asked.event !== '' ? asked.event : undefined;
  const error = { code, message, field, remedy };
  const ack = asked?.kind === 'event' ? acknowledged(asked, { success: false, error }) : [];
  return [
    ...(ack.length > 0 ? ack : [emit('error', { ...error, event })]),
    ...(closing === true ? [disconnectPacket(namespace)] : []),
  ];
}

type ErrorFrame = Extract<ServerFrame, { readonly type: 'error' }>;

function emit(event: string, data: JsonObject): string {
  return eventPacket(event, [data], { namespace });
}
