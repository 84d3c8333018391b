// The sockets of the hotel's guests: every message of the brief as it is printed there, and numbers in place of broadcast ids.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numericId, readHotel, writeHotel } from '../../shared/dialects/hotel-socket.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { numericIdLimits } from '../../shared/protocol/limits.ts';
import type { NotificationFrame, ServerFrame } from '../../shared/protocol/server-frames.ts';
import { ulid } from '../../shared/system/ids.ts';

const time = '2024-01-15T10:00:00.000Z';
const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
const lastMs = numericIdLimits.sinceMs + 2 ** numericIdLimits.timeBits - 1;

const notification: NotificationFrame = {
  type: 'notification',
  id: '01HM5N6Z00ABCDEFGHJKMNPQRS',
  event: 'notification',
  data: {},
  createdAt: time,
  expiresAt: '2024-02-15T10:00:00.000Z',
};

function connected(user: string): ServerFrame {
  return {
    type: 'connected',
    connectionId: 'c',
    user,
    tenant: 'hotel-1',
    roles: [],
    positions: [],
    unread: [],
    heartbeatEveryMs: 300_000,
    time,
    expiresAt: time,
  };
}

/** The text of the brief without its white space. */
function printed(text: string): string {
  return JSON.stringify(JSON.parse(text));
}

describe('a message of a guest', () => {
  it.each([
    ['{"type":"ping"}', { type: 'ping' }],
    ['{"type":"ping","data":{},"timestamp":1}', { type: 'ping' }],
    ['{"type":"pong","data":{"timestamp":"2024"}}', { type: 'alive' }],
  ])('%s is read', (text, frame) => {
    expect(readHotel(text)).toEqual({ dialect: 'hotel', replyTo: undefined, frame });
  });

  it.each([
    ['{"type":"acknowledge","topic":"all","epoch":"e","seq":1}', 'bad_request', 'type', undefined],
    ['{"type":"read","id":"7","topic":"all","epoch":"e","seqs":[1]}', 'bad_request', 'type', '7'],
    ['{"type":"authenticate","token":"t"}', 'invalid_field', 'type', undefined],
    ['{"id":"7"}', 'missing_field', 'type', '7'],
    ['"ping"', 'invalid_field', 'frame', undefined],
    ['ping', 'invalid_json', 'frame', undefined],
  ])('%s is refused', (text, code, field, replyTo) => {
    const refusal = readHotel(text);
    expect(refusal.frame).toBeInstanceOf(Failure);
    expect(refusal).toMatchObject({ dialect: 'hotel', replyTo, frame: { code, detail: { field } } });
  });
});

describe('a message to a guest', () => {
  it('is, for a notification, the one of the brief', () => {
    const data = {
      recipient_type: 'all',
      category: 'service',
      priority: 'normal',
      hotel_id: 1,
      title: 'Pool Maintenance',
      message: 'The pool will be closed for maintenance',
      sender_type: 'hotel',
      status: 'sent',
      type: 'notification',
    };
    expect(writeHotel({ ...notification, data })).toEqual([
      printed(`{
        "type": "notification",
        "data": {
          "id": ${String(numericId(notification.id))},
          "hotel_id": 1,
          "type": "notification",
          "title": "Pool Maintenance",
          "message": "The pool will be closed for maintenance",
          "category": "service",
          "priority": "normal",
          "sender_type": "hotel",
          "recipient_type": "all",
          "status": "sent",
          "created_at": "2024-01-15T10:00:00.000Z",
          "updated_at": "2024-01-15T10:00:00.000Z"
        }
      }`),
    ]);
  });

  it('keeps other fields, but the id and the times are ours', () => {
    const data = { id: 'x', recipient_id: 123, created_at: 'x', message: 'm', updated_at: 'x' };
    const [text = ''] = writeHotel({ ...notification, data });
    expect(JSON.parse(text)).toEqual({
      type: 'notification',
      data: { id: numericId(notification.id), message: 'm', recipient_id: 123, created_at: time, updated_at: time },
    });
  });

  it('confirms the connection as in the brief', () => {
    expect(writeHotel(connected('123'))).toEqual([
      printed(`{
        "type": "connection",
        "data": {
          "status": "connected",
          "guestId": 123,
          "timestamp": "2024-01-15T10:00:00.000Z"
        }
      }`),
    ]);
  });

  it.each([
    ['0', 0],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740993', '9007199254740993'],
    ['007', '007'],
    ['1.5', '1.5'],
    ['1e3', '1e3'],
    ['-0', '-0'],
    [' 7', ' 7'],
    ['guest-7', 'guest-7'],
  ])('calls the user %j %j', (user, guestId) => {
    const [text = ''] = writeHotel(connected(user));
    expect(JSON.parse(text)).toMatchObject({ data: { guestId } });
  });

  it('is, for a system message, the one of the brief', () => {
    const message = 'Server maintenance in 5 minutes';
    const expected = printed(`{
      "type": "system",
      "data": {
        "message": "Server maintenance in 5 minutes",
        "timestamp": "2024-01-15T10:00:00.000Z"
      }
    }`);
    expect(writeHotel({ ...notification, event: 'system', data: { message } })).toEqual([expected]);
    const late = { ...notification, event: 'system', data: { message, timestamp: time }, createdAt: 'later' };
    expect(writeHotel(late)).toEqual([expected]);
  });

  it.each<readonly [ServerFrame, object]>([
    [
      { ...notification, event: 'task:new', data: { id: 5 } },
      { type: 'task:new', data: { id: 5 } },
    ],
    [
      { type: 'heartbeat', time },
      { type: 'ping', data: { timestamp: time } },
    ],
    [
      { type: 'pong', time, heads: [], unread: [] },
      { type: 'pong', data: { timestamp: time } },
    ],
    [
      { type: 'error', code: 'c', message: 'm', field: 'f', remedy: 'r', closing: true, replyTo: '7' },
      { type: 'error', data: { code: 'c', message: 'm', field: 'f', remedy: 'r', replyTo: '7' } },
    ],
  ])('%j', (frame, message) => {
    expect(writeHotel(frame).map((text) => JSON.parse(text) as unknown)).toEqual([message]);
  });

  it.each<ServerFrame>([
    { type: 'resumed', positions: [], complete: true },
    { type: 'refreshed', roles: [], positions: [], expiresAt: time, time },
    { type: 'open', connectionId: 'c' },
    { type: 'done' },
  ])('$type has no words here', (frame) => {
    expect(writeHotel(frame)).toEqual([]);
  });
});

describe('the number of a broadcast', () => {
  it('is the same always: clients have stored it', () => {
    expect(numericId('01HM5N6Z00ABCDEFGHJKMNPQRS')).toBe(10_033_865_694_109);
    expect(numericId(ulid(numericIdLimits.sinceMs, new Uint8Array(10)))).toBeLessThan(2 ** numericIdLimits.hashBits);
  });

  it('is exact, and higher for a later millisecond', () => {
    const ms = fc.integer({ min: numericIdLimits.sinceMs, max: lastMs });
    fc.assert(
      fc.property(ms, ms, random, random, (oneMs, otherMs, one, other) => {
        const numbers = [numericId(ulid(oneMs, one)), numericId(ulid(otherMs, other))] as const;
        for (const number of numbers) expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
        if (oneMs !== otherMs) expect(Math.sign(numbers[0] - numbers[1])).toBe(Math.sign(oneMs - otherMs));
      }),
    );
  });

  it('tells most broadcasts of one millisecond apart', () => {
    const seeds = Array.from({ length: 100 }, (_, seed) => Uint8Array.from([seed, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const numbers = new Set(seeds.map((seed) => numericId(ulid(lastMs, seed))));
    expect(numbers.size).toBeGreaterThan(95);
  });

  it('is exact for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const number = numericId(text);
        expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
      }),
    );
  });
});
