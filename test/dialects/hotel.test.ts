// The hotel's API: its bodies become one command, and results become its answers, as the brief prints them.
import * as z from 'zod/mini';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  communicationAnswer,
  communicationsAnswer,
  guestConnectionsAnswer,
  guestTestAnswer,
  mustBeOwn,
  toCommunicationCommand,
  toGuestTestCommand,
} from '../../shared/dialects/hotel.ts';
import { numericId, writeHotel } from '../../shared/dialects/hotel-socket.ts';
import { acceptBroadcast, notificationOf } from '../../shared/domain/broadcast.ts';
import { notificationFrame, resetFrame, skippedFrame } from '../../shared/domain/frames.ts';
import type { CreateCommunicationBody } from '../../shared/protocol/hotel-bodies.ts';
import {
  createCommunicationAnswer,
  createCommunicationBody,
  getGuestConnectionsAnswer,
  listCommunicationsAnswer,
  listCommunicationsQuery,
  sendGuestTestAnswer,
  sendGuestTestBody,
} from '../../shared/protocol/hotel-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { aNotification } from '../builders/notification.ts';

/** As the brief prints it. */
const printed = {
  hotel_id: 1,
  type: 'notification',
  title: 'Pool Maintenance',
  message: 'The pool will be closed for maintenance from 2-4 PM',
  category: 'service',
  recipient_type: 'all',
  priority: 'normal',
  sender_type: 'hotel',
} as const satisfies CreateCommunicationBody;

const broadcastId = '01KAJ2V5R8ABCDEFGHJKMNPQRS';
const acceptedAtMs = Date.UTC(2024, 0, 15, 10);

function refusal(code: string, field: string): unknown {
  return expect.objectContaining({ code, detail: expect.objectContaining({ field }) as object });
}

function body(change: object): CreateCommunicationBody {
  return validate(createCommunicationBody, { ...printed, ...change }, 'body');
}

describe('a communication', () => {
  it('keeps its fields as they were sent, and is kept for who is away', () => {
    expect(toCommunicationCommand(body({}), 'default')).toEqual({
      event: 'notification',
      data: { ...printed, status: 'sent' },
      audience: { kind: 'topic', topic: 'all' },
      durability: 'durable',
    });
  });

  it.each([
    ['guest', 123, { kind: 'users', users: ['123'] }],
    ['guest', 'guest-7', { kind: 'users', users: ['guest-7'] }],
    ['specific', 123, { kind: 'users', users: ['123'] }],
    ['all', undefined, { kind: 'topic', topic: 'all' }],
    ['walkin', undefined, { kind: 'topic', topic: 'all' }],
  ])('for the recipient type %s and the id %s is for %j', (recipient_type, recipient_id, audience) => {
    const change = { recipient_type, ...(recipient_id === undefined ? {} : { recipient_id }) };
    expect(toCommunicationCommand(body(change), 'default').audience).toEqual(audience);
  });

  it.each([
    ['notification', 'notification'],
    ['message', 'notification'],
    ['system', 'system'],
  ])('of type %s is a %s event', (type, event) => {
    expect(toCommunicationCommand(body({ type }), 'default')).toMatchObject({ event, data: { type } });
  });

  it('may say when it expires, which the guest is not shown', () => {
    const command = toCommunicationCommand(body({ expiresAt: '2026-12-24T19:00:00+01:00' }), 'default');
    expect(command.expiresAtMs).toBe(Date.UTC(2026, 11, 24, 18));
    expect(command.data).not.toHaveProperty('expiresAt');
  });

  it.each([
    ['guest', undefined, 'missing_field'],
    ['specific', undefined, 'missing_field'],
    ['all', 123, 'invalid_field'],
    ['walkin', 'guest-7', 'invalid_field'],
  ])('for the recipient type %s with the id %s is refused', (recipient_type, recipient_id, code) => {
    const change = { recipient_type, ...(recipient_id === undefined ? {} : { recipient_id }) };
    expect(() => toCommunicationCommand(body(change), 'default')).toThrow(refusal(code, 'recipient_id'));
  });

  it.each(['hotel_id', 'type', 'title', 'message', 'recipient_type'])('lacks %s', (field) => {
    expect(() => body({ [field]: undefined })).toThrow(refusal('missing_field', field));
  });

  it.each([
    [{ hotel_id: 1.5 }, 'invalid_field', 'hotel_id'],
    [{ hotel_id: '1' }, 'invalid_field', 'hotel_id'],
    [{ type: 'promotion' }, 'invalid_field', 'type'],
    [{ title: '' }, 'invalid_field', 'title'],
    [{ message: 'x'.repeat(8_193) }, 'invalid_field', 'message'],
    [{ category: 7 }, 'invalid_field', 'category'],
    [{ recipient_type: 'everybody' }, 'invalid_field', 'recipient_type'],
    [{ recipient_type: 'guest', recipient_id: '' }, 'invalid_field', 'recipient_id'],
    [{ recipient_type: 'guest', recipient_id: 1.5 }, 'invalid_field', 'recipient_id'],
    [{ recipient_type: 'guest', recipient_id: null }, 'invalid_field', 'recipient_id'],
    [{ priority: 'Normal' }, 'invalid_field', 'priority'],
    [{ sender_type: '' }, 'invalid_field', 'sender_type'],
    [{ status: 'draft' }, 'unknown_field', 'status'],
  ])('with %j is refused', (change, code, field) => {
    expect(() => body(change)).toThrow(refusal(code, field));
  });

  it.each([
    ['1', 1, true],
    ['01', 1, true],
    ['1', 2, false],
    ['1', -1, false],
    ['9007199254740993', Number.MAX_SAFE_INTEGER, false],
    ['default', 2, true],
    ['hotel-1', 2, true],
    ['', 2, true],
  ])('of the tenant %j may be of the hotel %s: %s', (tenant, hotel_id, isAllowed) => {
    const make = () => toCommunicationCommand(body({ hotel_id }), tenant);
    if (isAllowed) expect(make()).toMatchObject({ data: { hotel_id } });
    else expect(make).toThrow(refusal('forbidden', 'hotel_id'));
  });
});

describe('a communication that was accepted', () => {
  it('is answered with the frame that its guests get, field for field', () => {
    const numbers = fc.integer({ min: 1, max: 9_999 });
    const made = fc.record({
      type: fc.constantFrom('notification' as const, 'message' as const),
      title: fc.string({ minLength: 1, maxLength: 20 }),
      guest: fc.option(fc.oneof(numbers, fc.string({ minLength: 1, maxLength: 20 })), { nil: undefined }),
      acceptedAtMs: fc.integer({ min: acceptedAtMs, max: Date.UTC(2050, 0, 1) }),
    });
    fc.assert(
      fc.property(made, ({ type, title, guest, acceptedAtMs: atMs }) => {
        const recipient = guest === undefined ? {} : { recipient_type: 'guest', recipient_id: guest };
        const command = toCommunicationCommand(body({ type, title, ...recipient }), 'default');
        const broadcast = acceptBroadcast(broadcastId, 'default', command, atMs);
        const answer = z.parse(createCommunicationAnswer, communicationAnswer(broadcast));
        const [text = ''] = writeHotel(notificationFrame(notificationOf(broadcast), null));
        expect(JSON.parse(text)).toEqual({ type: 'notification', data: answer.data });
      }),
    );
  });

  it('looks as the brief prints it', () => {
    const broadcast = acceptBroadcast(broadcastId, '1', toCommunicationCommand(body({}), '1'), acceptedAtMs);
    const answer = communicationAnswer(broadcast);
    const data = {
      id: numericId(broadcastId),
      ...printed,
      status: 'sent',
      created_at: '2024-01-15T10:00:00.000Z',
      updated_at: '2024-01-15T10:00:00.000Z',
    };
    const links = { deliveries: `/api/broadcasts/${broadcastId}/deliveries` };
    expect(answer).toEqual({ status: 'success', data, broadcastId, links });
    expect(Object.keys((answer as { data: object }).data)).toEqual([
      'id',
      'hotel_id',
      'type',
      'title',
      'message',
      'category',
      'priority',
      'sender_type',
      'recipient_type',
      'status',
      'created_at',
      'updated_at',
    ]);
  });
});

describe('a poll', () => {
  const place = { topic: 'all', epoch: 'e1', seq: 3 } as const;
  const communicated = aNotification({
    id: broadcastId,
    event: 'notification',
    data: { ...printed, status: 'sent' },
    createdAtMs: acceptedAtMs,
  });
  const other = aNotification({ id: broadcastId, event: 'bill:ready', data: { room: 7 }, createdAtMs: acceptedAtMs });

  it('shows the notifications in their order, as they are pushed, and how many are unread', () => {
    const frames = [
      skippedFrame('all', 'e1', { fromSeq: 1, toSeq: 2 }, 'expired'),
      notificationFrame(communicated, place),
      resetFrame({ topic: 'user:123', epoch: 'e2', seq: 0 }, 'new_epoch'),
      notificationFrame(other, { ...place, seq: 4 }),
    ];
    const answer = communicationsAnswer({ frames, complete: false, topics: [{ count: 2 }, { count: 3 }] }, 'mark');
    const [text = ''] = writeHotel(notificationFrame(communicated, place));
    const times = { created_at: '2024-01-15T10:00:00.000Z', updated_at: '2024-01-15T10:00:00.000Z' };
    expect(z.parse(listCommunicationsAnswer, answer)).toEqual({
      status: 'success',
      data: [
        (JSON.parse(text) as { data: unknown }).data,
        { id: numericId(broadcastId), type: 'bill:ready', room: 7, ...times },
      ],
      next: 'mark',
      complete: false,
      unread: 5,
    });
  });

  it('is empty when there is nothing', () => {
    expect(communicationsAnswer({ frames: [], complete: true, topics: [] }, '')).toEqual({
      status: 'success',
      data: [],
      next: '',
      complete: true,
      unread: 0,
    });
  });

  it('is for the guest of the token, who may be named', () => {
    expect(() => {
      mustBeOwn(undefined, '123');
      mustBeOwn('123', '123');
    }).not.toThrow();
    for (const claimed of ['124', '0123', '123 ']) {
      expect(() => {
        mustBeOwn(claimed, '123');
      }).toThrow(refusal('forbidden', 'query guestId'));
    }
  });

  it('knows the query of the inbox, and the guest', () => {
    const query = { guestId: '123', limit: '10', after: 'mark', from: 'start' };
    expect(validate(listCommunicationsQuery, query, 'query')).toEqual(query);
    expect(() => validate(listCommunicationsQuery, { guest: '123' }, 'query')).toThrow(
      refusal('unknown_field', 'guest'),
    );
  });
});

describe('the statistics', () => {
  it('are those of the brief', () => {
    const present = [
      { user: '123', connections: [{}, {}] },
      { user: '456', connections: [{}] },
      { user: '789', connections: [{}, {}] },
    ];
    expect(z.parse(getGuestConnectionsAnswer, guestConnectionsAnswer(present))).toEqual({
      status: 'success',
      data: {
        totalConnections: 5,
        uniqueGuests: 3,
        guests: [
          { guestId: 123, connections: 2 },
          { guestId: 456, connections: 1 },
          { guestId: 789, connections: 2 },
        ],
      },
    });
  });

  it('call guests whose name is no number by their name', () => {
    const users = ['0', '007', '1.5', '-1', '9007199254740993', 'guest-7'];
    expect(guestConnectionsAnswer(users.map((user) => ({ user, connections: [{}] })))).toMatchObject({
      data: { guests: [0, '007', '1.5', -1, '9007199254740993', 'guest-7'].map((guestId) => ({ guestId })) },
    });
  });

  it('of nobody are zero', () => {
    expect(guestConnectionsAnswer([])).toMatchObject({ data: { totalConnections: 0, uniqueGuests: 0, guests: [] } });
  });
});

describe('a test', () => {
  it('is answered as the brief prints it', () => {
    const test = validate(sendGuestTestBody, { guestId: 123, message: 'This is a test notification' }, 'body');
    const broadcast = acceptBroadcast('B1', '1', toGuestTestCommand(test, '1'), 0);
    expect(z.parse(sendGuestTestAnswer, guestTestAnswer(test, broadcast))).toEqual({
      status: 'success',
      message: 'Test notification sent to guest 123',
      broadcastId: 'B1',
    });
  });

  it.each([
    [{ guestId: 123, message: 'hi' }, '1', { hotel_id: 1, message: 'hi', recipient_id: 123 }, '123'],
    [{ guestId: 'guest-7' }, 'default', { message: 'This is a test notification', recipient_id: 'guest-7' }, 'guest-7'],
  ])('%j of the tenant %s is a notification for who is there', (given, tenant, data, user) => {
    const command = toGuestTestCommand(validate(sendGuestTestBody, given, 'body'), tenant);
    expect(command).toEqual({
      event: 'notification',
      data: {
        type: 'notification',
        title: 'Test Notification',
        category: 'test',
        priority: 'normal',
        sender_type: 'system',
        recipient_type: 'guest',
        status: 'sent',
        ...data,
      },
      audience: { kind: 'users', users: [user] },
      durability: 'ephemeral',
    });
  });

  it.each([
    [{}, 'guestId'],
    [{ guestId: '' }, 'guestId'],
    [{ guestId: 1.5 }, 'guestId'],
    [{ guestId: 'x'.repeat(129) }, 'guestId'],
    [{ guestId: 1, message: '' }, 'message'],
    [{ guestId: 1, title: 'hi' }, 'title'],
  ])('%j is refused', (given, field) => {
    expect(() => validate(sendGuestTestBody, given, 'body')).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ field }) as object }),
    );
  });
});
