// Every key of every table: parts are percent-encoded and joined with a bar, so that no two lists of parts share a key.
import type { Page } from '../domain/broadcast.ts';
import type { Topic } from '../domain/topic.ts';

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

/** Sort key of the broadcast itself, beside its receipts. */
export const broadcastSortKey = 'broadcast';

/** Sort key of one page's receipts, and the beginning of the keys of what does not fit into that item. Ends in a mark, so that page 1 is no beginning of page 10. */
export function receiptsSortKey(page: Page): string {
  const number = String(page.number).padStart(6, '0');
  return page.kind === 'users' ? `users#${number}#` : `${shardReceiptsPrefix(page.shard)}${number}#`;
}

export function shardReceiptsPrefix(shard: number): string {
  return `shard#${String(shard).padStart(2, '0')}#`;
}
