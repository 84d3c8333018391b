// Logs: gapless sequences of notifications, appended without transactions and without a second copy of any.
import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LogEntry, Notification, Position } from '../domain/log.ts';
import type { Clock, LogStore } from '../ports.ts';
import { tableLimits } from '../protocol/limits.ts';
import { backOff, tooBusy } from './back-off.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';
import { logKey } from './keys.ts';
import { queryItems, queryUpTo } from './pages.ts';

/** One topic's partition: the head at `seq` 0, the entries from 1 on. */
interface Log {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly pk: string;
}

/** Never expires, so that sequence numbers are not used again when all entries have. May lag behind the last entry. */
interface Head {
  readonly epoch: string;
  readonly lastSeq: number;
}

interface Entry {
  readonly seq: number;
  readonly epoch: string;
  /** The notification's id. */
  readonly id: string;
  readonly appendedAtMs: number;
  /** The notification as JSON. */
  readonly notification: string;
}

/** What a reader has seen of a log: everything that could hold the notification, up to `lastSeq`; `found` is where it stands. */
interface Seen {
  readonly lastSeq: number;
  readonly found: Position | null;
}

/**
 * Why this is exact. A notification is put at `p` only by a writer that has seen all entries up to `p - 1` that could
 * hold its id, and only if `p` is free: were its id anywhere before, that writer would have returned it; were it put
 * at `p` meanwhile, the put would fail. And `p - 1` was seen to exist, so there is no gap.
 */
export function logStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): LogStore {
  const log = (...names: Parameters<typeof logKey>): Log => ({ client, tableName, pk: logKey(...names) });
  return {
    head: async (tenant, topic, enoughSeq = Number.POSITIVE_INFINITY) => readHead(log(tenant, topic), enoughSeq),
    append: async (tenant, topic, notification) => append(log(tenant, topic), clock, notification),
    read: async (tenant, topic, afterSeq, limit) => {
      const { items } = await queryUpTo(client, entriesAfter(log(tenant, topic), afterSeq), limit);
      return items.map((item) => entryOf(item as Entry));
    },
  };
}

async function append(log: Log, clock: Clock, notification: Notification): Promise<Position> {
  const [head, tail] = await Promise.all([openHead(log), readTail(log, notification)]);
  // The two reads are not one moment: the head may name entries that were put after the tail was read.
  const isLate = tail.found === null && head.lastSeq > tail.lastSeq;
  let seen = isLate ? await readOn(log, tail.lastSeq, head.lastSeq, notification.id) : tail;
  for (let attempt = 0; seen.found === null && attempt < tableLimits.appendAttemptsMax; attempt += 1) {
    const next = { epoch: head.epoch, seq: seen.lastSeq + 1 };
    if (await putEntry(log, next, notification, clock.nowMs())) {
      seen = { lastSeq: next.seq, found: next };
    } else {
      await backOff(clock, attempt);
      seen = await readOn(log, seen.lastSeq, seen.lastSeq, notification.id);
    }
  }
  if (seen.found === null) throw tooBusy('the log of this topic');
  await advanceHead(log, head, seen.lastSeq);
  return seen.found;
}

/** The head may lag behind the last entry, so only what it does not reach needs a look at the entries. */
async function readHead(log: Log, enoughSeq: number): Promise<Position> {
  const head = await openHead(log);
  if (head.lastSeq >= enoughSeq) return { epoch: head.epoch, seq: head.lastSeq };
  const lastEntry = { ...entriesAfter(log, head.lastSeq), ScanIndexForward: false };
  const { items } = await queryUpTo(log.client, lastEntry, 1);
  const seq = (items[0] as Entry | undefined)?.seq ?? head.lastSeq;
  await advanceHead(log, head, seq);
  return { epoch: head.epoch, seq };
}

/** The head, made with a new epoch when there is none. */
async function openHead(log: Log): Promise<Head> {
  const stored = await getHead(log);
  if (stored !== null) return stored;
  const made: Head = { epoch: randomUUID(), lastSeq: 0 };
  const isFirst = await conditionHeld(
    log.client.send(
      new PutCommand({
        TableName: log.tableName,
        Item: { pk: log.pk, seq: 0, ...made },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
  const standing = isFirst ? made : await getHead(log);
  if (standing === null) throw new Error(`the log ${log.pk} has lost its head`);
  return standing;
}

async function getHead(log: Log): Promise<Head | null> {
  const found = await log.client.send(
    new GetCommand({ TableName: log.tableName, Key: { pk: log.pk, seq: 0 }, ConsistentRead: true }),
  );
  return (found.Item as Head | undefined) ?? null;
}

/**
 * Reads backwards from the last entry as far as this notification can be. Every writer takes the time after it has read
 * the entry before its own, so an entry's `appendedAtMs` is not before the making of any notification that stands
 * before it, but for the difference of two clocks. Beyond the first entry that is older than that, there is nothing to find.
 */
async function readTail(log: Log, notification: Notification): Promise<Seen> {
  const { clockSkewMs, tailEntriesPerRead, tailGrowth } = tableLimits;
  const oldestMs = notification.createdAtMs - clockSkewMs;
  const backwards = { ...marksAfter(log, 0), ScanIndexForward: false, Limit: tailEntriesPerRead };
  let lastSeq = 0;
  for await (const item of queryItems(log.client, backwards, tailGrowth)) {
    const { seq, epoch, id, appendedAtMs } = item as Entry;
    lastSeq = Math.max(lastSeq, seq);
    if (id === notification.id) return { lastSeq, found: { epoch, seq } };
    if (appendedAtMs < oldestMs) break;
  }
  return { lastSeq, found: null };
}

/** Reads what came after `afterSeq`; up to `knownSeq` there are entries in any case, be they expired and gone. */
async function readOn(log: Log, afterSeq: number, knownSeq: number, id: string): Promise<Seen> {
  let lastSeq = knownSeq;
  for await (const item of queryItems(log.client, marksAfter(log, afterSeq))) {
    const entry = item as Entry;
    lastSeq = Math.max(lastSeq, entry.seq);
    if (entry.id === id) return { lastSeq, found: { epoch: entry.epoch, seq: entry.seq } };
  }
  return { lastSeq, found: null };
}

function entriesAfter(log: Log, afterSeq: number): QueryCommandInput {
  return {
    TableName: log.tableName,
    KeyConditionExpression: 'pk = :pk AND seq > :after',
    ExpressionAttributeValues: { ':pk': log.pk, ':after': Math.max(afterSeq, 0) },
    ConsistentRead: true,
  };
}

/** The same entries without their notifications. */
function marksAfter(log: Log, afterSeq: number): QueryCommandInput {
  return { ...entriesAfter(log, afterSeq), ProjectionExpression: 'seq, epoch, id, appendedAtMs' };
}

async function putEntry(log: Log, position: Position, notification: Notification, nowMs: number): Promise<boolean> {
  const entry: Entry = {
    ...position,
    id: notification.id,
    appendedAtMs: nowMs,
    notification: JSON.stringify(notification),
  };
  return conditionHeld(
    log.client.send(
      new PutCommand({
        TableName: log.tableName,
        Item: { pk: log.pk, ...entry, ttl: ttlOf(notification.expiresAtMs) },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
}

/** Lets the head follow the last entry; a crash before this is made good by whoever comes next. */
async function advanceHead(log: Log, head: Head, seq: number): Promise<void> {
  if (seq <= head.lastSeq) return;
  // A condition that fails says that another writer has brought it further already.
  await conditionHeld(
    log.client.send(
      new UpdateCommand({
        TableName: log.tableName,
        Key: { pk: log.pk, seq: 0 },
        UpdateExpression: 'SET lastSeq = :seq',
        ConditionExpression: 'lastSeq < :seq',
        ExpressionAttributeValues: { ':seq': seq },
      }),
    ),
  );
}

function entryOf({ epoch, seq, notification }: Entry): LogEntry {
  return { epoch, seq, notification: JSON.parse(notification) as Notification };
}
