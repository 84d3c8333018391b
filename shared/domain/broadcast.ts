// Broadcasts: a request to tell an audience something, as it is accepted, stored and reported.
import type { JsonObject, Notification, Position } from './log.ts';
import { topicOfRoom } from './room.ts';
import type { WideTopic } from './topic.ts';
import { isWide } from './topic.ts';
import { fanOutLimits, retention } from '../protocol/limits.ts';

/** Named users, each of whom gets it in an inbox; or whoever follows a wide topic, whose log gets it once. */
export type Audience =
  { readonly kind: 'users'; readonly users: readonly string[] } | { readonly kind: 'topic'; readonly topic: WideTopic };

/** The one command that every dialect translates to. */
export interface BroadcastCommand {
  readonly event: string;
  readonly data: JsonObject;
  readonly metadata?: JsonObject;
  readonly audience: Audience;
  /** A durable broadcast is kept for whoever is away; an ephemeral one reaches who is connected within five seconds, or nobody. */
  readonly durability: 'durable' | 'ephemeral';
  /** From here on it is shown to nobody any more. */
  readonly expiresAtMs?: number;
  /** How long after it was accepted, when no time is told; 30 days unless told. */
  readonly keptMs?: number;
  /** Users of the audience who shall not get it, such as the one who caused it. */
  readonly except?: readonly string[];
}

export interface Broadcast extends Omit<BroadcastCommand, 'keptMs'> {
  readonly id: string;
  readonly tenant: string;
  readonly acceptedAtMs: number;
  readonly expiresAtMs: number;
  /** Where a wide broadcast stands in its topic's log; absent until it is appended, and for audiences of named users. */
  readonly position?: Position;
  /** When the queue took it; absent until then. */
  readonly dispatchedAtMs?: number;
}

/** One page of a broadcast's audience: the unit of fan-out work and of the receipts. */
export type Page =
  | { readonly kind: 'users'; readonly number: number }
  | { readonly kind: 'shard'; readonly shard: number; readonly after: string | null; readonly number: number };

export function acceptBroadcast(id: string, tenant: string, command: BroadcastCommand, nowMs: number): Broadcast {
  const { keptMs = retention.notificationMs, ...kept } = command;
  return { expiresAtMs: nowMs + keptMs, ...kept, id, tenant, acceptedAtMs: nowMs };
}

/** Everybody in a room. The room of one person is that person, who gets it in the inbox. */
export function audienceOfRoom(room: string): Audience {
  const topic = topicOfRoom(room);
  return isWide(topic) ? { kind: 'topic', topic } : { kind: 'users', users: [topic.slice('user:'.length)] };
}

export function userPageCount(audience: { readonly users: readonly string[] }): number {
  return Math.max(1, Math.ceil(audience.users.length / fanOutLimits.usersPerPage));
}

export function usersOfPage(audience: { readonly users: readonly string[] }, pageNumber: number): readonly string[] {
  const from = pageNumber * fanOutLimits.usersPerPage;
  return audience.users.slice(from, from + fanOutLimits.usersPerPage);
}

/** How many users are named; null for a topic, whose followers are known only at the time of asking. */
export function audienceSize(audience: Audience): number | null {
  return audience.kind === 'users' ? audience.users.length : null;
}

/** What arrives at every recipient. */
export function notificationOf(broadcast: Broadcast): Notification {
  return {
    id: broadcast.id,
    event: broadcast.event,
    data: broadcast.data,
    ...(broadcast.metadata === undefined ? {} : { metadata: broadcast.metadata }),
    createdAtMs: broadcast.acceptedAtMs,
    expiresAtMs: broadcast.expiresAtMs,
    ...(broadcast.except === undefined ? {} : { except: broadcast.except }),
  };
}

/** Why it is not worth sending any more, or null when it is: an ephemeral broadcast only while it is fresh. */
export function whyTooLate(broadcast: Broadcast, nowMs: number): 'expired' | 'too_late' | null {
  if (nowMs >= broadcast.expiresAtMs) return 'expired';
  const isStale = broadcast.durability === 'ephemeral' && nowMs - broadcast.acceptedAtMs > retention.ephemeralMs;
  return isStale ? 'too_late' : null;
}
