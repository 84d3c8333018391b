// The support desk's HTTP API: its calls, as printed in the brief, become one command, and results become its answers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeskMessageName } from '../../shared/dialects/support-desk.ts';
import {
  clientsAnswer,
  clientStatusAnswer,
  deskMessageAnswer,
  statusAnswer,
  toDeskMessage,
} from '../../shared/dialects/support-desk.ts';
import { nameLimits, requestLimits } from '../../shared/protocol/limits.ts';
import {
  clientStatusAnswer as clientStatusSchema,
  deskSendAnswer,
  deskStatusAnswer,
  listClientsAnswer,
} from '../../shared/protocol/support-desk-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { aConnection } from '../builders/connection.ts';

const nowMs = Date.UTC(2026, 10, 21, 8, 30);

/** Bodies as they are printed in the brief. */
const welcome = { type: 'info', title: 'Welcome', message: 'Welcome to our service!' };
const maintenance = { type: 'warning', title: 'Maintenance', message: 'Scheduled maintenance in 5 minutes' };
const userUpdate = { userId: '123', action: 'profile_updated' };
const chat = { message: 'Hello', from: 'agent-7' };

const client = { clientId: 'client123' };
const room = { roomName: 'support' };
const update = { eventName: 'userUpdate' };
const toClient = { kind: 'users', users: ['client123'] };
const toRoom = { kind: 'topic', topic: 'room:support' };
const toAll = { kind: 'topic', topic: 'all' };

type Call = readonly [DeskMessageName, object, object, string, object, string];

/** Route, path, body; event, audience, and what the answer says. */
const calls: readonly Call[] = [
  ['notifyClient', client, welcome, 'notification', toClient, 'Notification accepted for client client123'],
  ['notifyRoom', room, welcome, 'notification', toRoom, 'Notification accepted for room support'],
  ['notifyEverybody', {}, maintenance, 'notification', toAll, 'Notification accepted for all clients'],
  ['chatWithClient', client, chat, 'chatMessage', toClient, 'Chat message accepted for client client123'],
  ['chatWithRoom', room, chat, 'chatMessage', toRoom, 'Chat message accepted for room support'],
  [
    'sendEventToClient',
    { ...client, ...update },
    userUpdate,
    'userUpdate',
    toClient,
    'Event userUpdate accepted for client client123',
  ],
  [
    'sendEventToRoom',
    { ...room, ...update },
    userUpdate,
    'userUpdate',
    toRoom,
    'Event userUpdate accepted for room support',
  ],
  ['sendEventToEverybody', update, userUpdate, 'userUpdate', toAll, 'Event userUpdate accepted for all clients'],
  [
    'sendWhatsappStatus',
    client,
    { status: 'read' },
    'whatsappStatusUpdate',
    toClient,
    'WhatsApp status accepted for client client123',
  ],
  [
    'sendWhatsappMessage',
    client,
    { text: 'Hi' },
    'whatsappMessageUpdate',
    toClient,
    'WhatsApp message accepted for client client123',
  ],
  [
    'sendConversation',
    client,
    { conversationId: 9 },
    'conversationUpdate',
    toClient,
    'Conversation update accepted for client client123',
  ],
];

function refusalOf(code: string, field: string): unknown {
  return expect.objectContaining({ code, detail: expect.objectContaining({ field }) as object });
}

describe('a call', () => {
  it.each(calls)('%s %j with %j becomes one command', (name, path, body, event, audience, subject) => {
    expect(toDeskMessage(name, { ...path }, {}, body)).toEqual({
      command: { event, data: body, audience, durability: 'durable' },
      subject,
    });
  });

  it.each([
    ['ephemeral', 'ephemeral'],
    ['durable', 'durable'],
    [undefined, 'durable'],
  ])('with the durability %s is %s', (durability, expected) => {
    expect(toDeskMessage('notifyEverybody', {}, { durability }, welcome).command.durability).toBe(expected);
  });

  it.each([
    ['user_42', { kind: 'users', users: ['42'] }],
    ['role_admin', { kind: 'topic', topic: 'role:admin' }],
    ['admin_room', { kind: 'topic', topic: 'role:admin' }],
    ['all', { kind: 'topic', topic: 'room:all' }],
  ])('to the room %s is for %j', (roomName, audience) => {
    expect(toDeskMessage('notifyRoom', { roomName }, {}, welcome).command.audience).toEqual(audience);
  });

  it('carries whatever object it was given, field by field', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(objects, (extra) => {
        fc.pre(!Object.hasOwn(extra, '__proto__'));
        const custom = toDeskMessage('sendEventToEverybody', { ...update }, {}, extra);
        expect(custom.command.data).toEqual(extra);
        const told = { ...extra, ...welcome };
        expect(toDeskMessage('notifyEverybody', {}, {}, told).command.data).toEqual(told);
      }),
    );
  });
});

describe('a call is refused', () => {
  const long = (charactersMax: number) => 'x'.repeat(charactersMax + 1);
  const { userCharactersMax, topicNameCharactersMax, eventCharactersMax } = nameLimits;

  it.each<readonly [string, DeskMessageName, Record<string, string>, object, unknown, string, string]>([
    ['no client', 'notifyClient', {}, {}, welcome, 'invalid_field', 'path clientId'],
    [
      'a client too long for a user',
      'chatWithClient',
      { clientId: long(userCharactersMax) },
      {},
      chat,
      'invalid_field',
      'path clientId',
    ],
    ['no room', 'notifyRoom', { roomName: '' }, {}, welcome, 'invalid_field', 'path roomName'],
    [
      'a room that nobody can join',
      'notifyRoom',
      { roomName: long(topicNameCharactersMax) },
      {},
      welcome,
      'invalid_field',
      'path roomName',
    ],
    ['no event', 'sendEventToEverybody', {}, {}, {}, 'invalid_field', 'path eventName'],
    [
      'an event too long',
      'sendEventToEverybody',
      { eventName: long(eventCharactersMax) },
      {},
      {},
      'invalid_field',
      'path eventName',
    ],
    [
      'a reserved event',
      'sendEventToEverybody',
      { eventName: 'disconnect' },
      {},
      {},
      'invalid_field',
      'path eventName',
    ],
    ['no title', 'notifyClient', client, {}, { type: 'info', message: 'm' }, 'missing_field', 'title'],
    ['no type', 'notifyRoom', room, {}, { title: 't', message: 'm' }, 'missing_field', 'type'],
    ['no message', 'notifyEverybody', {}, {}, { type: 'info', title: 't' }, 'missing_field', 'message'],
    ['no chat message', 'chatWithRoom', room, {}, { from: 'a' }, 'missing_field', 'message'],
    ['an empty chat message', 'chatWithClient', client, {}, { message: '' }, 'invalid_field', 'message'],
    [
      'a message without end',
      'chatWithClient',
      client,
      {},
      { message: long(requestLimits.messageCharactersMax) },
      'invalid_field',
      'message',
    ],
    ['a list as data', 'sendWhatsappStatus', client, {}, [1], 'invalid_field', 'body'],
    ['a text as data', 'sendEventToClient', { ...client, ...update }, {}, 'text', 'invalid_field', 'body'],
    [
      'a durability of its own',
      'notifyClient',
      client,
      { durability: 'forever' },
      welcome,
      'invalid_field',
      'durability',
    ],
    ['an unknown query', 'notifyClient', client, { durable: 'no' }, welcome, 'unknown_field', 'durable'],
  ])('for %s: %s', (_, name, path, query, body, code, field) => {
    expect(() => toDeskMessage(name, path, { ...query }, body)).toThrow(refusalOf(code, field));
  });
});

describe('the answers', () => {
  it('202 says what is accepted and where to look, not that it has arrived', () => {
    const answer = deskMessageAnswer('B1', 'Notification accepted for client client123');
    expect(answer).toEqual({
      success: true,
      message: 'Notification accepted for client client123',
      broadcastId: 'B1',
      state: 'accepted',
      links: { deliveries: '/api/broadcasts/B1/deliveries' },
    });
    expect(validate(deskSendAnswer, answer, 'answer')).toEqual(answer);
  });

  const [phone, laptop] = [
    aConnection({ user: 'a', dialect: 'socketio', connectedAtMs: nowMs - 1_000, roles: [] }),
    aConnection({ user: 'a', dialect: 'bellhop', connectedAtMs: nowMs - 2_000, roles: [] }),
  ];
  const present = [
    { user: 'a', connections: [phone, laptop, phone] },
    { user: 'b', connections: [phone] },
  ];

  it('the status counts people and their connections', () => {
    const answer = statusAnswer(present, nowMs);
    expect(answer).toEqual({
      status: 'running',
      connectedClients: 2,
      totalConnections: 4,
      timestamp: '2026-11-21T08:30:00.000Z',
    });
    expect(validate(deskStatusAnswer, answer, 'answer')).toEqual(answer);
  });

  it('the list has each client once, since the oldest connection; the count is of all of them', () => {
    const answer = clientsAnswer(present, undefined);
    expect(answer).toEqual({
      clients: [
        { clientId: 'a', connections: 3, connectedAt: '2026-11-21T08:29:58.000Z', dialects: ['bellhop', 'socketio'] },
        { clientId: 'b', connections: 1, connectedAt: '2026-11-21T08:29:59.000Z', dialects: ['socketio'] },
      ],
      count: 2,
      next: null,
    });
    expect(validate(listClientsAnswer, answer, 'answer')).toEqual(answer);
    expect(clientsAnswer(present, 'a')).toMatchObject({ clients: [{ clientId: 'b' }], count: 2 });
  });

  it('a client is connected, with its rooms, or not', () => {
    const inRoom = { ...phone, topics: [...phone.topics, 'room:support'] as const };
    const answer = clientStatusAnswer('a', [inRoom, laptop]);
    expect(answer).toEqual({
      clientId: 'a',
      connected: true,
      connections: 2,
      connectedAt: '2026-11-21T08:29:58.000Z',
      rooms: ['user_a', 'support'],
    });
    expect(validate(clientStatusSchema, answer, 'answer')).toEqual(answer);
    const away = clientStatusAnswer('b', []);
    expect(away).toEqual({ clientId: 'b', connected: false, connections: 0, connectedAt: null, rooms: [] });
    expect(validate(clientStatusSchema, away, 'answer')).toEqual(away);
  });
});
