// The tables of one person's topics behind a mocked client: their logs, and cursors that can be moved.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AwsClientStub } from 'aws-sdk-client-mock';
import type { Cursor } from '../../shared/domain/cursor.ts';
import type { Notification, PastEpoch } from '../../shared/domain/log.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { shardOf } from '../../shared/domain/topic.ts';
import type { CursorItem } from '../../shared/dynamodb/cursor-item.ts';
import { itemOf } from '../../shared/dynamodb/cursor-item.ts';
import { logKey, shardKey } from '../../shared/dynamodb/keys.ts';
import { aCursor } from '../builders/cursor.ts';
import { sdkError } from './deployed.ts';

export interface StockedTopic {
  readonly topic: Topic;
  readonly epoch: string;
  readonly past?: readonly PastEpoch[];
  /** What the log holds, from number 1 on. */
  readonly notifications: readonly Notification[];
  /** What is not as with a newcomer; null for somebody who was never there. */
  readonly cursor: Partial<Cursor> | null;
}

export interface Person {
  readonly tenant: string;
  readonly user: string;
}

/** Lets the client answer as if the tables held just this; an update of a cursor takes effect. */
export function stockInbox(
  tables: AwsClientStub<DynamoDBDocumentClient>,
  person: Person,
  topics: readonly StockedTopic[],
): void {
  const cursors = new Map<string, CursorItem>();
  for (const stocked of topics) {
    stockLog(tables, person, stocked);
    const { topic, epoch, cursor } = stocked;
    if (cursor === null) continue;
    const key = { pk: shardKey(person.tenant, topic, shardOf(topic, person.user)), sk: person.user };
    cursors.set(key.pk, itemOf(key, aCursor({ ...person, topic, epoch, ...cursor })));
  }
  const find = (key: Readonly<Record<string, unknown>> | undefined): CursorItem | undefined =>
    cursors.get(String(key?.['pk']));
  tables.on(PutCommand).resolves({});
  tables.on(UpdateCommand, { TableName: 'guards' }).resolves({ Attributes: { count: 1 } });
  tables.on(BatchGetCommand).callsFake((input: { RequestItems: { cursors: { Keys: Record<string, unknown>[] } } }) => ({
    Responses: { cursors: input.RequestItems.cursors.Keys.flatMap((key) => find(key) ?? []) },
  }));
  tables
    .on(GetCommand, { TableName: 'cursors' })
    .callsFake(({ Key }: { Key: Record<string, unknown> }) => ({ Item: find(Key) }));
  tables.on(UpdateCommand, { TableName: 'cursors' }).callsFake(async (update: CursorUpdate) => {
    const item = find(update.Key);
    const after = item === undefined ? null : { ...item, ...changesOf(update.ExpressionAttributeValues) };
    const isRefused = item === undefined || after === null || after.deliveredSeq < item.deliveredSeq;
    if (isRefused) return Promise.reject(sdkError('ConditionalCheckFailedException', 400));
    cursors.set(item.pk, after);
    return Promise.resolve({ Attributes: after });
  });
}

interface CursorUpdate {
  readonly Key: Readonly<Record<string, unknown>>;
  readonly ExpressionAttributeValues: Readonly<Record<string, unknown>>;
}

/** What the values of an update are called in the item. */
const changed = {
  ':seq': 'deliveredSeq',
  ':newest': 'a0',
  ':readSeq': 'readSeq',
  ':version': 'readVersion',
  ':times': 'readTimes',
  ':beyond': 'readBeyond',
  ':packed': 'passedOver',
} as const satisfies Readonly<Record<string, keyof CursorItem>>;

function changesOf(values: Readonly<Record<string, unknown>>): Partial<CursorItem> {
  const present = Object.entries(changed).filter(([value]) => value in values);
  return Object.fromEntries(present.map(([value, name]) => [name, values[value]])) as Partial<CursorItem>;
}

function stockLog(tables: AwsClientStub<DynamoDBDocumentClient>, { tenant }: Person, stocked: StockedTopic): void {
  const { topic, epoch, past = [], notifications } = stocked;
  const pk = logKey(tenant, topic);
  const head = { epoch, era: '1', lastSeq: notifications.length, past: past.map((each) => ({ ...each, era: '0' })) };
  tables.on(GetCommand, { TableName: 'logs', Key: { pk, seq: 0 } }).resolves({ Item: head });
  const items = notifications.map((notification, index) => ({
    seq: index + 1,
    id: notification.id,
    appendedAtMs: notification.createdAtMs,
    notification: JSON.stringify(notification),
  }));
  const values = (after: number) => ({ ':pk': pk, ':after': after });
  for (let after = 0; after <= items.length; after += 1) {
    const query = { TableName: 'logs', ExpressionAttributeValues: values(after) };
    tables.on(QueryCommand, query).resolves({ Items: items.slice(after) });
    tables.on(QueryCommand, { ...query, ScanIndexForward: false }).resolves({ Items: items.slice(after).reverse() });
  }
}
