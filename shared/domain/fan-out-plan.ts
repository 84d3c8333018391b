// How a broadcast's audience is divided into pages, and what the answers of the gateway mean for a recipient.
import type { Broadcast, Page } from './broadcast.ts';
import { userPageCount } from './broadcast.ts';
import type { Subscriber } from './connection.ts';
import type { Receipt } from './delivery.ts';
import type { Position } from './log.ts';
import { shardCount } from './topic.ts';
import { connectionLimits } from '../protocol/limits.ts';

/** The pages that a broadcast starts with; a shard's later pages follow from its first. */
export function firstPages(broadcast: Broadcast): readonly Page[] {
  if (broadcast.audience.kind === 'users') {
    return Array.from({ length: userPageCount(broadcast.audience) }, (_, number) => ({ kind: 'users', number }));
  }
  const { topic } = broadcast.audience;
  return Array.from({ length: shardCount(topic) }, (_, shard) => ({ kind: 'shard', shard, after: null, number: 0 }));
}

/** What became of one connection. `slow`: it may still get the notification, at its next resume. */
export type PostResult = 'posted' | 'gone' | 'too_large' | 'slow';

/** The same, or that nothing was posted: its client has not selected this event, or nothing yet. */
export type TellResult = PostResult | 'not_selected' | 'not_yet';

/** One recipient's receipt, from the posts to all connections of the user. */
export function receiptOf(
  user: string,
  position: Position | null,
  posts: readonly TellResult[],
  atMs: number,
): Receipt {
  const noted = { user, position, atMs };
  if (posts.includes('posted')) return { ...noted, outcome: 'sent' };
  if (posts.includes('too_large')) return { ...noted, outcome: 'failed', reason: 'too_large' };
  const isUnwanted = posts.includes('not_selected') && !posts.includes('slow') && !posts.includes('not_yet');
  if (isUnwanted) return { ...noted, outcome: 'suppressed', reason: 'not_selected' };
  const reason = posts.includes('slow') ? 'connection_slow' : 'not_connected';
  return { ...noted, outcome: position === null ? 'failed' : 'queued', reason };
}

/** A receipt that needs no further post: a repeated queue message leaves these recipients alone. */
export function isSettled(receipt: Receipt): boolean {
  return receipt.outcome !== 'queued';
}

/**
 * Whether `gone` means that the connection is closed. A young one may answer `gone` only because `$connect` has not
 * returned yet; the opener will send it what it missed.
 * Source: https://repost.aws/knowledge-center/410-gone-api-gateway
 */
export function goneMeansClosed(subscriber: Pick<Subscriber, 'connectedAtMs'>, nowMs: number): boolean {
  return nowMs - subscriber.connectedAtMs > connectionLimits.openingMs;
}
