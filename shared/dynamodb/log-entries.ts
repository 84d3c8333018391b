// The entries of one log, as items and as queries.
import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { LogEntry, Notification } from '../domain/log.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';
import { queryItems } from './pages.ts';

/** One topic's partition: the head at `seq` 0, the entries from 1 on. */
export interface Log {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly pk: string;
}

/** An entry does not say its epoch: what is left after a restoration belongs to the new one, which is the head's. */
export interface Entry {
  readonly seq: number;
  /** The notification's id. */
  readonly id: string;
  readonly appendedAtMs: number;
  /** The notification as JSON. */
  readonly notification: string;
}

/** Puts an entry where none is; false when its place is taken. */
export async function putEntry(log: Log, seq: number, notification: Notification, nowMs: number): Promise<boolean> {
  const entry: Entry = {
    seq,
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

export function entriesAfter(log: Log, afterSeq: number): QueryCommandInput {
  return {
    TableName: log.tableName,
    KeyConditionExpression: 'pk = :pk AND seq > :after',
    ExpressionAttributeValues: { ':pk': log.pk, ':after': Math.max(afterSeq, 0) },
    ConsistentRead: true,
  };
}

/** The same entries without their notifications. */
export function marksAfter(log: Log, afterSeq: number): QueryCommandInput {
  return { ...entriesAfter(log, afterSeq), ProjectionExpression: 'seq, id, appendedAtMs' };
}

/** The number of the last entry; `afterSeq` when there is none after it. */
export async function lastSeqFrom(log: Log, afterSeq: number): Promise<number> {
  const backwards = { ...marksAfter(log, afterSeq), ScanIndexForward: false, Limit: 1 };
  for await (const item of queryItems(log.client, backwards)) return (item as Entry).seq;
  return afterSeq;
}

export function logEntryOf({ seq, notification }: Entry): LogEntry {
  return { seq, notification: JSON.parse(notification) as Notification };
}
