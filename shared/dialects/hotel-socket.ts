// The sockets of the hotel's guests (brief: Real-Time Notifications API), field for field. Guests listen; they have nothing to say.
import * as z from 'zod/mini';
import { frameId, jsonFrame, refused, spoken } from './spoken.ts';
import type { JsonObject } from '../domain/log.ts';
import type { Spoken } from '../ports.ts';
import type { ClientFrame, DialectFrame } from '../protocol/client-frames.ts';
import { Failure } from '../protocol/failures.ts';
import { numericIdLimits } from '../protocol/limits.ts';
import type { NotificationFrame, ServerFrame } from '../protocol/server-frames.ts';
import { validate } from '../protocol/validation.ts';

/** The brief has no frames of guests; these two keep a socket alive. Other fields mean nothing. */
const hotelFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('pong') }),
]);

/** The columns of a communication, in the order of the brief. */
const columns = [
  'hotel_id',
  'type',
  'title',
  'message',
  'category',
  'priority',
  'sender_type',
  'recipient_type',
  'status',
] as const;

export function readHotel(text: string): Spoken {
  const value = jsonFrame(text);
  if (value instanceof Failure) return refused('hotel', undefined, value);
  return spoken('hotel', frameId(value), () => toFrame(value));
}

function toFrame(value: unknown): ClientFrame | DialectFrame {
  refuseMarks(value);
  return validate(hotelFrame, value, 'frame').type === 'ping' ? { type: 'ping' } : { type: 'alive' };
}

function refuseMarks(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('type' in value)) return;
  const { type } = value;
  if (type !== 'acknowledge' && type !== 'read') return;
  throw new Failure('bad_request', {
    message: `guests send no ${type} frames: what was posted to a guest counts as had`,
    field: 'type',
    remedy: 'Leave the frame out; what a guest has read is told over the HTTP API.',
  });
}

export function writeHotel(frame: ServerFrame): readonly string[] {
  switch (frame.type) {
    case 'connected':
      return message('connection', { status: 'connected', guestId: guestId(frame.user), timestamp: frame.time });
    case 'notification':
      return notification(frame);
    case 'heartbeat':
      return message('ping', { timestamp: frame.time });
    case 'pong':
      return message('pong', { timestamp: frame.time, replyTo: frame.replyTo });
    case 'error': {
      const { code, message: text, field, remedy, replyTo } = frame;
      return message('error', { code, message: text, field, remedy, replyTo });
    }
    case 'skipped':
    case 'reset':
    case 'resumed':
    case 'unread':
    case 'joined':
    case 'left':
    case 'sent':
    case 'refreshed':
    case 'open':
    case 'selected':
    case 'done':
      return [];
  }
}

function notification({ id, event, data, createdAt }: NotificationFrame): readonly [string] {
  switch (event) {
    case 'notification':
      return message(event, communication(id, data, createdAt));
    case 'system':
      return message(event, { ...data, timestamp: data['timestamp'] ?? createdAt });
    default:
      return message(event, data);
  }
}

/** The fields of the brief first and in its order. The id is always ours, so that what is shown and what is marked as read is one. */
export function communication(id: string, data: JsonObject, createdAt: string): JsonObject {
  const names = [...new Set([...columns, ...Object.keys(data)])].filter((name) => name !== 'id');
  const fields = names.filter((name) => Object.hasOwn(data, name)).map((name) => [name, data[name]] as const);
  return { id: numericId(id), ...Object.fromEntries(fields), created_at: createdAt, updated_at: createdAt };
}

/** Guests were rows with numbers: a user that is written as such a number is one, any other stays a text. */
export function guestId(user: string): number | string {
  const number = Number(user);
  return Number.isSafeInteger(number) && String(number) === user ? number : user;
}

function message(type: string, data: JsonObject): readonly [string] {
  return [JSON.stringify({ type, data })];
}

/** Crockford's base 32, in which a ULID is written: ten characters of time, sixteen of chance. */
const ulidAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ulidTimeCharacters = 10;

/**
 * The number of a broadcast. The product before had ids of an SQL table, and its clients compare and sort them as numbers,
 * which a ULID is not. Of the 53 bits that a number holds exactly the upper 40 are the time in milliseconds, so that later
 * ids are higher, until the year 2058; the lower 13 are a hash (FNV-1a) of the rest, which tells two broadcasts of one
 * millisecond apart in all but one of 8,192 cases. The way back is not in the number: look for the id that has it.
 */
export function numericId(broadcastId: string): number {
  const { sinceMs, timeBits, hashBits } = numericIdLimits;
  const timeMs = ulidTimeMs(broadcastId.slice(0, ulidTimeCharacters));
  const hash = fnv1a(broadcastId.slice(ulidTimeCharacters)) % 2 ** hashBits;
  const span = 2 ** timeBits;
  return ((((timeMs - sinceMs) % span) + span) % span) * 2 ** hashBits + hash;
}

/** What is no character of a ULID counts as nothing: an id of another make has a number too, if no place in time. */
function ulidTimeMs(characters: string): number {
  return Array.from(characters).reduce((ms, character) => ms * 32 + Math.max(ulidAlphabet.indexOf(character), 0), 0);
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
