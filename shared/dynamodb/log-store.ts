// Logs: gapless sequences of notifications, appended without transactions and without a second copy of any.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LogHead, Notification, Position } from '../domain/log.ts';
import type { Clock, LogStore } from '../ports.ts';
import { tableLimits } from '../protocol/limits.ts';
import { backOff, tooBusy } from './back-off.ts';
import { logKey } from './keys.ts';
import type { Entry, Log } from './log-entries.ts';
import { entriesAfter, lastSeqFrom, logEntryOf, marksAfter, putEntry } from './log-entries.ts';
import { advanceHead, logHeadOf, openHead } from './log-head.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { Item } from './pages.ts';
import { queryItems, queryUpTo } from './pages.ts';

/** What a reader has seen of a log: everything that could hold the notification, up to `lastSeq`; `foundSeq` is where it stands. */
interface Seen {
  readonly lastSeq: number;
  readonly foundSeq: number | null;
}

/**
 * Why this is exact. A notification is put at `p` only by a writer that has seen all entries up to `p - 1` that could
 * hold its id, and only if `p` is free: were its id anywhere before, that writer would have returned it; were it put
 * at `p` meanwhile, the put would fail. And `p - 1` was seen to exist, so there is no gap.
 *
 * @param era which life of the table this is: after the table was restored, a text that was never used before begins
 * a new epoch in each log, since the numbers that were lost will be used again
 */
export function logStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock, era: string): LogStore {
  const log = (...names: Parameters<typeof logKey>): Log => ({ client, tableName, pk: logKey(...names) });
  // Writers of one process would only take each other's places.
  const inTurn = oneAtATime();
  return {
    head: async (tenant, topic, enoughSeq = Number.POSITIVE_INFINITY) => readHead(log(tenant, topic), era, enoughSeq),
    append: async (tenant, topic, notification) => {
      const hot = log(tenant, topic);
      return inTurn(hot.pk, async () => append(hot, clock, era, notification));
    },
    read: async (tenant, topic, afterSeq, limit) => {
      const { items } = await queryUpTo(client, entriesAfter(log(tenant, topic), afterSeq), limit);
      return items.map((item) => logEntryOf(item as Entry));
    },
    lastSeqBefore: async (tenant, topic, atMs) => {
      for await (const item of marksBackwards(log(tenant, topic))) {
        const { seq, appendedAtMs } = item as Entry;
        if (appendedAtMs < atMs) return seq;
      }
      return 0;
    },
  };
}

async function append(log: Log, clock: Clock, era: string, notification: Notification): Promise<Position> {
  const [head, tail] = await Promise.all([openHead(log, era), readTail(log, notification)]);
  // The two reads are not one moment: the head may name entries that were put after the tail was read.
  const isLate = tail.foundSeq === null && head.lastSeq > tail.lastSeq;
  let seen = isLate ? await readOn(log, tail.lastSeq, head.lastSeq, notification.id) : tail;
  for (let attempt = 0; seen.foundSeq === null && attempt < tableLimits.appendAttemptsMax; attempt += 1) {
    const nextSeq = seen.lastSeq + 1;
    if (await putEntry(log, nextSeq, notification, clock.nowMs())) {
      seen = { lastSeq: nextSeq, foundSeq: nextSeq };
    } else {
      await backOff(clock, attempt);
      seen = await readOn(log, seen.lastSeq, seen.lastSeq, notification.id);
    }
  }
  if (seen.foundSeq === null) throw tooBusy('the log of this topic');
  return { epoch: await advanceHead(log, head, seen.lastSeq), seq: seen.foundSeq };
}

/** The head may lag behind the last entry, so only what it does not reach needs a look at the entries. */
async function readHead(log: Log, era: string, enoughSeq: number): Promise<LogHead> {
  const head = await openHead(log, era);
  if (head.lastSeq >= enoughSeq) return logHeadOf(head, head.lastSeq);
  const seq = await lastSeqFrom(log, head.lastSeq);
  const epoch = await advanceHead(log, head, seq);
  // Of an epoch that began in between, its own head says more.
  return epoch === head.epoch ? logHeadOf(head, seq) : readHead(log, era, enoughSeq);
}

/** Every entry without its notification, from the last one on; more with each read. */
function marksBackwards(log: Log): AsyncGenerator<Item> {
  const { tailEntriesPerRead, tailGrowth } = tableLimits;
  const query = { ...marksAfter(log, 0), ScanIndexForward: false, Limit: tailEntriesPerRead };
  return queryItems(log.client, query, tailGrowth);
}

/**
 * Reads backwards from the last entry as far as this notification can be. Every writer takes the time after it has read
 * the entry before its own, so an entry's `appendedAtMs` is not before the making of any notification that stands
 * before it, but for the difference of two clocks. Beyond the first entry that is older than that, there is nothing to find.
 */
async function readTail(log: Log, notification: Notification): Promise<Seen> {
  const oldestMs = notification.createdAtMs - tableLimits.clockSkewMs;
  let lastSeq = 0;
  for await (const item of marksBackwards(log)) {
    const { seq, id, appendedAtMs } = item as Entry;
    lastSeq = Math.max(lastSeq, seq);
    if (id === notification.id) return { lastSeq, foundSeq: seq };
    if (appendedAtMs < oldestMs) break;
  }
  return { lastSeq, foundSeq: null };
}

/** Reads what came after `afterSeq`; up to `knownSeq` there are entries in any case, be they expired and gone. */
async function readOn(log: Log, afterSeq: number, knownSeq: number, id: string): Promise<Seen> {
  let lastSeq = knownSeq;
  for await (const item of queryItems(log.client, marksAfter(log, afterSeq))) {
    const entry = item as Entry;
    lastSeq = Math.max(lastSeq, entry.seq);
    if (entry.id === id) return { lastSeq, foundSeq: entry.seq };
  }
  return { lastSeq, foundSeq: null };
}
