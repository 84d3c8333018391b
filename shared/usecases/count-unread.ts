// Counts what a person has not read yet.
import type { Unread } from '../domain/unread.ts';
import { countUnreadAmong, countUnreadBetween } from '../domain/unread.ts';
import type { Clock, LogStore } from '../ports.ts';
import { unreadLimits } from '../protocol/limits.ts';
import type { Standing } from './standing-cursors.ts';

export interface CountUnreadPorts {
  readonly logs: LogStore;
  readonly clock: Clock;
}

/**
 * Exact as far as a badge shows numbers: the oldest entries are looked at one by one until some are found unread, past
 * what has expired, for ten pages. Of what comes after that look nobody knows what has expired, and all of it is counted.
 */
export async function countUnread(ports: CountUnreadPorts, { cursor, head }: Standing): Promise<Unread> {
  const { countedMax, pagesMax } = unreadLimits;
  let lookedUpTo = cursor.readSeq;
  let counted = 0;
  for (let page = 0; counted === 0 && lookedUpTo < head.seq && page < pagesMax; page += 1) {
    // A run that was read needs no look.
    const next = lookedUpTo + 1;
    const read = cursor.readBeyond.find(({ fromSeq, toSeq }) => fromSeq <= next && next <= toSeq);
    if (read !== undefined) lookedUpTo = read.toSeq;
    const entries = await ports.logs.read(cursor.tenant, cursor.topic, lookedUpTo, countedMax);
    counted = countUnreadAmong(cursor, entries, head.seq, ports.clock.nowMs());
    // Fewer than were asked for are all that there are.
    lookedUpTo = entries.length < countedMax ? head.seq : (entries.at(-1)?.seq ?? head.seq);
  }
  return {
    topic: cursor.topic,
    epoch: head.epoch,
    count: counted + countUnreadBetween(cursor, lookedUpTo, head.seq),
    asOfSeq: head.seq,
    version: cursor.readVersion,
  };
}
