// The sockets of the leads (brief: WebSocket & CRM API Implementation): `{type, data, timestamp}` in both directions.
import * as z from 'zod/mini';
import { frameId, jsonFrame, refused, spoken } from './spoken.ts';
import type { Spoken } from '../ports.ts';
import type { ClientFrame, DialectFrame } from '../protocol/client-frames.ts';
import { Failure } from '../protocol/failures.ts';
import { connectionLimits, nameLimits } from '../protocol/limits.ts';
import type { ServerFrame } from '../protocol/server-frames.ts';
import { validate } from '../protocol/validation.ts';

const token = z.string().check(z.minLength(1), z.maxLength(connectionLimits.tokenCharactersMax));
const event = z.string().check(z.minLength(1), z.maxLength(nameLimits.eventCharactersMax));
const events = z.array(event).check(z.minLength(1), z.maxLength(connectionLimits.eventsPerFrameMax));

/** Other fields, the timestamp among them, mean nothing here: the old server did not look at them either. */
const leadsFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('authenticate'), data: z.object({ token }) }),
  z.object({ type: z.literal('subscribe'), data: z.object({ events }) }),
  z.object({ type: z.literal('unsubscribe'), data: z.object({ events }) }),
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('pong') }),
]);

const knownTypes: readonly string[] = [
  'authenticate',
  'subscribe',
  'unsubscribe',
  'ping',
  'pong',
] satisfies readonly z.infer<typeof leadsFrame>['type'][];

/**
 * Whether a frame on a socket of Bellhop is one of the leads: a type of theirs, and `data` or a timestamp, which none of our
 * own frames of these types has. A token beside `data` is ours, and told what is wrong with it.
 */
export function isLeadsFrame(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'token' in value) return false;
  if (typeOf(value) === undefined) return false;
  const hasData = 'data' in value && typeof value.data === 'object' && value.data !== null;
  return hasData || ('timestamp' in value && typeof value.timestamp === 'string');
}

export function readLeads(text: string): Spoken {
  const value = jsonFrame(text);
  return value instanceof Failure ? refused('leads', undefined, value) : readLeadsFrame(value);
}

export function readLeadsFrame(value: unknown): Spoken {
  return spoken('leads', replyToOf(value), () => toFrame(validate(leadsFrame, value, 'frame')));
}

function toFrame(frame: z.infer<typeof leadsFrame>): ClientFrame | DialectFrame {
  switch (frame.type) {
    case 'authenticate':
      return { type: 'authenticate', token: frame.data.token };
    case 'subscribe':
    case 'unsubscribe':
      return { type: frame.type, events: [...new Set(frame.data.events)] };
    case 'ping':
      return { type: 'ping' };
    case 'pong':
      return { type: 'alive' };
  }
}

function typeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  return knownTypes.find((type) => type === value.type);
}

/** `subscribe`, or `subscribe#7` when the frame had the id 7; `#7` when its type is not known. */
function replyToOf(value: unknown): string | undefined {
  const type = typeOf(value);
  const id = frameId(value);
  return id === undefined ? type : `${type ?? ''}#${id}`;
}

function requestOf(replyTo: string | undefined): { readonly request?: string; readonly id?: string } {
  const [, request = '', id = ''] = /^([a-z]*)(?:#([^]*))?$/.exec(replyTo ?? '') ?? [];
  return { ...(request === '' ? {} : { request }), ...(id === '' ? {} : { id }) };
}

export function writeLeads(frame: ServerFrame): readonly string[] {
  switch (frame.type) {
    case 'connected': {
      const { user: userId, tenant: teamId, roles, expiresAt, time } = frame;
      return message('authenticated', { success: true, userId, teamId, roles, expiresAt }, time, frame.replyTo);
    }
    case 'refreshed': {
      const { roles, expiresAt, time } = frame;
      return message('authenticated', { success: true, roles, expiresAt }, time, frame.replyTo);
    }
    case 'selected':
      return message('subscribed', { events: frame.events }, frame.time, frame.replyTo);
    case 'pong':
      return message('pong', {}, frame.time, frame.replyTo);
    case 'heartbeat':
      return message('ping', {}, frame.time, undefined);
    case 'notification':
      return message(frame.event, frame.data, frame.createdAt, undefined);
    case 'error': {
      const { code, message: text, field, remedy, replyTo } = frame;
      const { request } = requestOf(replyTo);
      // An error does not know when it happened; `undefined` leaves the timestamp out, as it does the field and the request.
      return message('error', { code, message: text, field, remedy, request }, undefined, replyTo);
    }
    case 'skipped':
    case 'reset':
    case 'resumed':
    case 'unread':
    case 'joined':
    case 'left':
    case 'sent':
    case 'open':
    case 'done':
      return [];
  }
}

/** One message. A client that gave its frame an id finds it in the answer. */
function message(
  type: string,
  data: object,
  timestamp: string | undefined,
  replyTo: string | undefined,
): readonly [string] {
  const { id } = requestOf(replyTo);
  return [JSON.stringify({ type, data, timestamp, id })];
}
