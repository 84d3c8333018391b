// The hotel's API: a communication becomes one command, and is answered as its guests get it.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { communicationAnswer, toCommunicationCommand } from '../../shared/dialects/hotel.ts';
import { numericId, writeHotel } from '../../shared/dialects/hotel-socket.ts';
import { acceptBroadcast, notificationOf } from '../../shared/domain/broadcast.ts';
import { notificationFrame } from '../../shared/domain/frames.ts';
import type { CreateCommunicationBody } from '../../shared/protocol/hotel-bodies.ts';
import { createCommunicationAnswer, createCommunicationBody } from '../../shared/protocol/hotel-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';

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
