// What a person has not read yet, in one topic.
import type { Cursor } from './cursor.ts';
import { hasRead, whyNotFor } from './cursor.ts';
import type { LogEntry } from './log.ts';
import { countBeyond, dropBeyond } from './ranges.ts';
import type { Topic } from './topic.ts';

/** How many are unread, as of the entry `asOfSeq`; of two of them the one with the higher `version`, then `asOfSeq`, is the newer. */
export interface Unread {
  readonly topic: Topic;
  readonly epoch: string;
  readonly count: number;
  readonly asOfSeq: number;
  readonly version: number;
}

/** How many of these entries, up to `endSeq`, the user would still have to read. */
export function countUnreadAmong(cursor: Cursor, entries: readonly LogEntry[], endSeq: number, nowMs: number): number {
  return entries.filter(
    ({ seq, notification }) =>
      seq <= endSeq && !hasRead(cursor, seq) && whyNotFor(notification, cursor.user, nowMs) === null,
  ).length;
}

/** How many numbers after `afterSeq` and up to `endSeq` are not read, whether or not there is still something under them. */
export function countUnreadBetween(cursor: Cursor, afterSeq: number, endSeq: number): number {
  const from = Math.max(afterSeq, cursor.readSeq);
  return Math.max(endSeq - from - countBeyond(dropBeyond(cursor.readBeyond, endSeq), from), 0);
}
