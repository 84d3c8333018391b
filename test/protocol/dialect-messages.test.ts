// The documented messages against what the dialects really read and write: every one of them, and no other.
import { Decoder, PacketType } from 'socket.io-parser';
import type { Packet } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { communicationAnswer, toCommunicationCommand } from '../../shared/dialects/hotel.ts';
import { toFormCommand, toLeadCommand, toSyncCommand } from '../../shared/dialects/leads.ts';
import {
  toAssignment,
  toStaffNotification,
  toTicketUpdate,
  toWorkOrderUpdate,
} from '../../shared/dialects/repair-shop.ts';
import { socketDialects } from '../../shared/dialects/sockets.ts';
import type { BroadcastCommand } from '../../shared/domain/broadcast.ts';
import { acceptBroadcast, notificationOf } from '../../shared/domain/broadcast.ts';
import { notificationFrame } from '../../shared/domain/frames.ts';
import type { DialectMessage } from '../../shared/protocol/dialect-message.ts';
import { hotelMessages, leadsMessages } from '../../shared/protocol/dialect-messages.ts';
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import type { ServerFrame } from '../../shared/protocol/server-frames.ts';
import { deskMessages, shopMessages, socketIoAck } from '../../shared/protocol/socketio-messages.ts';
import { validate } from '../../shared/protocol/validation.ts';

const time = '2026-11-21T08:30:00.000Z';
const nowMs = Date.parse(time);
const expiresAt = '2026-11-21T10:30:00.000Z';
const ann = { tenant: 'sales-north', user: 'ann' };

function frameOf(command: Pick<BroadcastCommand, 'event' | 'data' | 'metadata'>): ServerFrame {
  const audience = { kind: 'topic', topic: 'all' } as const;
  const broadcast = acceptBroadcast(
    '01KAHJ5X3B9V6C2M4N8P7Q0RST',
    'hotel',
    { ...command, audience, durability: 'durable' },
    nowMs,
  );
  return notificationFrame(notificationOf(broadcast), null);
}

const communication = {
  hotel_id: 1,
  type: 'notification',
  title: 'Pool',
  message: 'Closed',
  category: 'service',
  recipient_type: 'all',
  priority: 'normal',
  sender_type: 'hotel',
} as const;

/** Notifications of every kind that some product has a word for. */
const events: readonly ServerFrame[] = [
  toCommunicationCommand(communication, 'hotel'),
  { event: 'system', data: { message: 'Maintenance' } },
  { event: 'analytics_update', data: { visitors: 7 } },
  toLeadCommand({ leadId: '1', leadData: {}, action: 'created' }, ann),
  toFormCommand({ formId: '1', submissionData: {}, leadId: '2' }, ann),
  toSyncCommand(
    { provider: 'hubspot', action: 'created', contactId: '1', leadId: '2', success: true, message: 'm' },
    ann,
  ),
  toStaffNotification({ everyone: true, notification: { title: 't', message: 'm', type: 'info', own: 1 } }).command,
  toWorkOrderUpdate({ id: '7' }, { workOrder: {}, changes: {}, updatedBy: 'ann' }).command,
  toAssignment({ id: '7' }, { technicianId: 1, previousTechnicianId: null, workOrder: {}, assignedBy: 2 }).room,
  toTicketUpdate({ id: '9' }, { ticket: {}, changes: {}, updatedBy: 'ann' }).command,
  { event: 'presence:online', data: { userId: 'ann' } },
  { event: 'presence:offline', data: { userId: 'ann' } },
  { event: 'presence:status', data: { userId: 'ann', status: 'away' } },
  { event: 'typing', data: { userId: 'ann', room: 'r', active: true } },
  { event: 'typing', data: { userId: 'ann', room: 'r', active: false } },
  { event: 'message', data: { message: 'Hi' }, metadata: { from: 'ann' } },
  { event: 'message', data: { message: 'Hi' }, metadata: { from: 'ann', room: 'r' } },
  { event: 'chatMessage', data: { message: 'Hi' } },
  { event: 'whatsappStatusUpdate', data: { status: 'read' } },
  { event: 'whatsappMessageUpdate', data: { text: 'Hi' } },
  { event: 'conversationUpdate', data: { id: 1 } },
].map(frameOf);

/** The answers to these texts of a client, and everything else that the server says by itself. */
function framesFor(replyTo: (event: string) => string | undefined): readonly ServerFrame[] {
  const who = { connectionId: 'c', user: '7', tenant: 'hotel', roles: ['guest'], positions: [], unread: [] };
  const refusal = { code: 'bad_request', message: 'm', field: 'f', remedy: 'r' };
  return [
    { type: 'open', connectionId: 'c' },
    { type: 'heartbeat', time },
    { type: 'connected', ...who, heartbeatEveryMs: 1, time, expiresAt },
    { type: 'refreshed', roles: ['guest'], positions: [], time, expiresAt, ...reply(replyTo('authenticate')) },
    { type: 'selected', events: ['lead_update'], time, ...reply(replyTo('subscribe')) },
    { type: 'pong', time, heads: [], unread: [], ...reply(replyTo('ping')) },
    { type: 'joined', room: 'r', time, ...reply(replyTo('joinRoom')) },
    { type: 'left', room: 'r', topic: 'room:r', time, ...reply(replyTo('leaveRoom')) },
    { type: 'sent', id: 'B1', data: { message: 'Hi' }, time, ...reply(replyTo('message')) },
    { type: 'done', ...reply(replyTo('user_presence')) },
    { type: 'error', ...refusal, ...reply(replyTo('authenticate')) },
    unread('user:7'),
    unread('all'),
    ...events,
  ];
}

function unread(topic: string): ServerFrame {
  return { type: 'unread', topic, epoch: 'e', count: 1, asOfSeq: 1, version: 1, readSeq: 0, readBeyond: [] };
}

function reply(replyTo: string | undefined): { replyTo?: string } {
  return replyTo === undefined ? {} : { replyTo };
}

/** The one message of a name, or the one for any other name. */
function documented(messages: Readonly<Record<string, DialectMessage>>, name: string): DialectMessage {
  const found = Object.values(messages).find((message) => message.name === name);
  const other = found ?? Object.values(messages).find((message) => message.name === null);
  if (other === undefined) throw new Error(`${name} is not documented`);
  return other;
}

function namesIn(messages: Readonly<Record<string, DialectMessage>>): readonly string[] {
  return [...new Set(Object.values(messages).flatMap(({ name }) => (name === null ? [] : [name])))].toSorted();
}

/** A schema drops the fields that it does not know, so what it gives back must be all that was said. */
function expectDocumented(messages: Readonly<Record<string, DialectMessage>>, name: string, payload: unknown): void {
  expect(validate(documented(messages, name).payload, payload, name)).toEqual(payload);
}

describe.each([
  ['leads', leadsMessages],
  ['hotel', hotelMessages],
] as const)('%s', (dialect, { client, server }) => {
  it('writes every message that is documented, as it is documented, and no other', () => {
    const messages = framesFor((event) => `${event}#7`)
      .flatMap((frame) => socketDialects.write(dialect, frame))
      .map((text) => JSON.parse(text) as { readonly type: string });
    // What came over another product's API may be called as one of ours, and have other fields.
    for (const message of messages) expectDocumented(server, message.type, message);
    expect([...new Set(messages.map(({ type }) => type))]).toEqual(expect.arrayContaining([...namesIn(server)]));
  });

  it('reads every message that is documented', () => {
    const data = { token: 't', events: ['lead_update'] };
    for (const type of namesIn(client)) {
      const message = { type, data, timestamp: time, id: '7' };
      expect(() => validate(documented(client, type).payload, message, type)).not.toThrow();
      expect(readBy(dialect, JSON.stringify(message))).not.toBeInstanceOf(Failure);
    }
  });

  it('reads no other', () => {
    const refused = readBy(dialect, '{"type":"unheard of"}') as Failure;
    const known = [...refused.detail.remedy.matchAll(/"(\w+)"/g)].map(([, type = '']) => type);
    expect(known.toSorted()).toEqual(namesIn(client));
  });
});

function readBy(dialect: DialectName, text: string): unknown {
  return socketDialects.read(dialect, text).frame;
}

/** What the official client makes of a text of ours; null for what it keeps to itself. */
function packetOf(text: string): Packet | null {
  let packet: Packet | null = null;
  const decoder = new Decoder();
  decoder.on('decoded', (decoded: Packet) => {
    packet = decoded;
  });
  if (text.startsWith('4')) decoder.add(text.slice(1));
  return packet;
}

function packetsFor(replyTo: (event: string) => string | undefined): readonly Packet[] {
  return framesFor(replyTo)
    .flatMap((frame) => socketDialects.write('socketio', frame))
    .flatMap((text) => packetOf(text) ?? []);
}

describe('socketio', () => {
  const client = { ...shopMessages.client, ...deskMessages.client };
  const server = { ...shopMessages.server, ...deskMessages.server };
  const askedFor = (id: string) => (event: string) =>
    socketDialects.read('socketio', `42${id}${JSON.stringify([event, 'x'])}`).replyTo;

  it('writes every event that is documented, as it is documented, and no other', () => {
    const heard = packetsFor(askedFor(''))
      .filter(({ type }) => type === PacketType.EVENT)
      .map(({ data }) => data as readonly [string, unknown]);
    for (const [event, payload] of heard) {
      // A communication of the hotel is no notification of the desk, though both are called so; `pong` answers no event.
      if (event !== 'pong') expectDocumented(server, event, payload);
    }
    expect([...new Set(heard.map(([event]) => event))]).toEqual(expect.arrayContaining([...namesIn(server)]));
  });

  it('acks as documented', () => {
    const acks = packetsFor(askedFor('12')).filter(({ type }) => type === PacketType.ACK);
    expect(acks.length).toBeGreaterThan(4);
    for (const { data } of acks) {
      const [answer] = data as readonly unknown[];
      expect(validate(socketIoAck, answer, 'ack')).toEqual(answer);
    }
  });

  it('reads every event that is documented, in each of its forms', () => {
    const forms: readonly unknown[] = ['x', { room: 'x', status: 'away', token: 't', message: 'm' }, { roomName: 'x' }];
    for (const name of namesIn(client)) {
      const { payload } = documented(client, name);
      const taken = forms.filter((form) => isTaken(() => validate(payload, form, name)));
      expect(taken.length).toBeGreaterThan(0);
      for (const form of forms) {
        const frame = readBy('socketio', `42${JSON.stringify([name, form])}`);
        // Whatever is documented is read; what is read besides is a kindness.
        if (taken.includes(form)) expect([name, form, frame instanceof Failure]).toEqual([name, form, false]);
      }
    }
  });

  it('reads no other', () => {
    const refused = readBy('socketio', '42["unheard of"]') as Failure;
    const known = refused.detail.remedy.replace(/^Send one of |\.$/g, '').split(', ');
    expect(known.toSorted()).toEqual(namesIn(client));
  });
});

function isTaken(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

it('a communication is pushed as it is answered', () => {
  const command = toCommunicationCommand(communication, 'hotel');
  const broadcast = acceptBroadcast('01KAHJ5X3B9V6C2M4N8P7Q0RST', 'hotel', command, nowMs);
  const [text = ''] = socketDialects.write('hotel', notificationFrame(notificationOf(broadcast), null));
  const { data } = communicationAnswer(broadcast) as { readonly data: unknown };
  expect(JSON.parse(text)).toEqual({ type: 'notification', data });
});
