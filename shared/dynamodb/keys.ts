// Every key of every table: parts are percent-encoded and joined with a bar, so that no two lists of parts share a key.
import { createHash } from 'node:crypto';
import type { Page } from '../domain/broadcast.ts';
import type { Topic } from '../domain/topic.ts';
import { outboxLimits } from '../protocol/limits.ts';

/** Encoding leaves no bar inside a part. Throws for half a surrogate pair, which `nameProblem` keeps away from here. */
export function keyOf(...parts: readonly string[]): string {
  return parts.map((part) => encodeURIComponent(part)).join('|');
}

/** The partition of a topic's subscriptions, and in another table of its cursors: one for each shard. */
export function shardKey(tenant: string, topic: Topic, shard: number): string {
  return keyOf(tenant, topic, String(shard));
}

/** The partition of a topic's log. */
export function logKey(tenant: string, topic: Topic): string {
  return keyOf(tenant, topic);
}

export function idempotencyKey(tenant: string, key: string): string {
  return keyOf('idempotency', tenant, key);
}

export function rateKey(key: string, windowMs: number, windowStartMs: number): string {
  return keyOf('rate', key, String(windowMs), String(windowStartMs));
}

export function presenceKey(tenant: string, user: string): string {
  return keyOf('presence', tenant, user);
}

/** By a digest, for three of the longest names are longer than a key may be. */
export function typingKey(tenant: string, room: string, user: string): string {
  return keyOf(
    'typing',
    createHash('sha256')
      .update(keyOf(tenant, room, user))
      .digest('hex'),
  );
}

/** The index that holds the broadcasts of the outbox, and nothing else, as names for the oldest first. */
export const outboxIndex = 'Outbox';

/** The partitions of the outbox, so that no single one has to take every broadcast. */
export const outboxShards: readonly string[] = Array.from(
  { length: outboxLimits.shards },
  (_, shard) => `outbox-${String(shard)}`,
);

/** The partition of the outbox that a broadcast is in: ids end at random, so each gets its share. */
export function outboxShardOf(id: string): string {
  const last = id.charCodeAt(id.length - 1);
  return `outbox-${String(last % outboxLimits.shards)}`;
}

/** Sort key of the broadcast itself, beside its pages. */
export const broadcastSortKey = 'broadcast';

/** Sort key of one page's record. Those that begin with the kind of page alone are of an older version. */
export function pageSortKey(page: Page): string {
  const number = String(page.number).padStart(6, '0');
  return page.kind === 'users' ? `page#users#${number}` : `${shardPagesPrefix(page.shard)}${number}`;
}

export function shardPagesPrefix(shard: number): string {
  return `page#shard#${String(shard).padStart(2, '0')}#`;
}
