// The support desk's HTTP API (brief: WebSocket Service Documentation) as a pure translation to one command and back.
import { refuseReservedName } from './event-names.ts';
import type { PresentUser } from './present.ts';
import { connectedSince, connectionCount, pageOfPresent, roomsOf } from './present.ts';
import type { Audience, BroadcastCommand } from '../domain/broadcast.ts';
import { audienceOfRoom } from '../domain/broadcast.ts';
import type { KnownConnection } from '../domain/connection.ts';
import { isoTime } from '../domain/time.ts';
import { everyone } from '../domain/topic.ts';
import { nameLimits } from '../protocol/limits.ts';
import type { PathParameters } from '../protocol/path-text.ts';
import { pathText } from '../protocol/path-text.ts';
import type {
  ClientStatusAnswer,
  DeskSendAnswer,
  DeskStatusAnswer,
  ListClientsAnswer,
} from '../protocol/support-desk-bodies.ts';
import { deskChatBody, deskEventBody, deskNotificationBody, deskSendQuery } from '../protocol/support-desk-bodies.ts';
import { validate } from '../protocol/validation.ts';

const notification = { what: 'Notification', event: 'notification', body: deskNotificationBody } as const;
const chat = { what: 'Chat message', event: 'chatMessage', body: deskChatBody } as const;
/** The event's name is in the path. */
const custom = { what: 'Event', event: null, body: deskEventBody } as const;

/** What each route sends, and to whom. */
const messages = {
  notifyClient: { ...notification, to: 'client' },
  notifyRoom: { ...notification, to: 'room' },
  notifyEverybody: { ...notification, to: 'everybody' },
  chatWithClient: { ...chat, to: 'client' },
  chatWithRoom: { ...chat, to: 'room' },
  sendEventToClient: { ...custom, to: 'client' },
  sendEventToRoom: { ...custom, to: 'room' },
  sendEventToEverybody: { ...custom, to: 'everybody' },
  sendWhatsappStatus: { what: 'WhatsApp status', event: 'whatsappStatusUpdate', body: deskEventBody, to: 'client' },
  sendWhatsappMessage: { what: 'WhatsApp message', event: 'whatsappMessageUpdate', body: deskEventBody, to: 'client' },
  sendConversation: { what: 'Conversation update', event: 'conversationUpdate', body: deskEventBody, to: 'client' },
} as const;

export type DeskMessageName = keyof typeof messages;

export interface DeskMessage {
  readonly command: BroadcastCommand;
  /** What is sent to whom, as the answer calls it. */
  readonly subject: string;
}

/**
 * What a route sends; the body arrives as it came, for the desk's apps know fields that we do not. Everything that is
 * wrong throws, the path first.
 */
export function toDeskMessage(
  name: DeskMessageName,
  path: PathParameters,
  query: Readonly<Record<string, unknown>>,
  body: unknown,
): DeskMessage {
  const { what, event: ownEvent, body: schema, to } = messages[name];
  const { audience, whom } = recipient(to, path);
  const event = ownEvent ?? eventOf(path);
  const { durability = 'durable' } = validate(deskSendQuery, query, 'query');
  const command = { event, data: validate(schema, body, 'body'), audience, durability };
  return { command, subject: `${ownEvent === null ? `${what} ${event}` : what} accepted for ${whom}` };
}

/**
 * A client is a person, by the id in the token. The product before meant the id of a socket, which was another one after
 * every reconnection: nothing could have been kept for it.
 */
function recipient(
  to: (typeof messages)[DeskMessageName]['to'],
  path: PathParameters,
): { readonly audience: Audience; readonly whom: string } {
  switch (to) {
    case 'client': {
      const client = clientOf(path);
      return { audience: { kind: 'users', users: [client] }, whom: `client ${client}` };
    }
    case 'room': {
      const room = pathText(path, 'roomName', nameLimits.topicNameCharactersMax);
      return { audience: audienceOfRoom(room), whom: `room ${room}` };
    }
    case 'everybody':
      return { audience: { kind: 'topic', topic: everyone }, whom: 'all clients' };
  }
}

export function clientOf(path: PathParameters): string {
  return pathText(path, 'clientId', nameLimits.userCharactersMax);
}

function eventOf(path: PathParameters): string {
  const event = pathText(path, 'eventName', nameLimits.eventCharactersMax);
  refuseReservedName(event, 'path eventName');
  return event;
}

/** Whom it has reached is not known yet, so the answer says no more than that it is on its way. */
export function deskMessageAnswer(broadcastId: string, subject: string): DeskSendAnswer {
  return {
    success: true,
    message: subject,
    broadcastId,
    state: 'accepted',
    links: { deliveries: `/api/broadcasts/${broadcastId}/deliveries` },
  };
}

export function statusAnswer(present: readonly PresentUser[], nowMs: number): DeskStatusAnswer {
  return {
    status: 'running',
    connectedClients: present.length,
    totalConnections: connectionCount(present),
    timestamp: isoTime(nowMs),
  };
}

export function clientsAnswer(present: readonly PresentUser[], after: string | undefined): ListClientsAnswer {
  const { users, next } = pageOfPresent(present, after);
  const clients = users.map(({ user, connections }) => ({
    clientId: user,
    connections: connections.length,
    connectedAt: connectedSince(connections),
    dialects: [...new Set(connections.map(({ dialect }) => dialect))].sort(),
  }));
  return { clients, count: present.length, next };
}

export function clientStatusAnswer(
  clientId: string,
  connections: readonly Pick<KnownConnection, 'user' | 'roles' | 'topics' | 'connectedAtMs'>[],
): ClientStatusAnswer {
  const connected = connections.length > 0;
  return {
    clientId,
    connected,
    connections: connections.length,
    connectedAt: connected ? connectedSince(connections) : null,
    rooms: roomsOf(connections),
  };
}
