// Broadcasts and their receipts, in one partition each.
import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Broadcast, Page } from '../domain/broadcast.ts';
import type { Receipt } from '../domain/delivery.ts';
import type { Position } from '../domain/log.ts';
import type { BroadcastStore, Clock } from '../ports.ts';
import { retention, tableLimits } from '../protocol/limits.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';
import { broadcastSortKey, receiptsSortKey, shardReceiptsPrefix } from './keys.ts';
import { queryItems } from './pages.ts';
import { packReceipts, unpackReceipts } from './receipts.ts';

interface Store {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: Clock;
}

/** `broadcast` is what never changes, as JSON; what is noted later has its own attributes. */
interface BroadcastItem {
  readonly broadcast: string;
  readonly position?: Position;
  readonly dispatchedAtMs?: number;
}

/** One item of a page's receipts. All that one call wrote share `write`; the first has the page's own sort key. */
interface ReceiptsItem {
  readonly pk: string;
  readonly sk: string;
  readonly write: string;
  readonly isFirst: boolean;
  readonly receipts: string;
  readonly ttl: number;
}

export function broadcastStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): BroadcastStore {
  const store = { client, tableName, clock };
  return {
    put: async (broadcast) => ((await putBroadcast(store, broadcast)) ? 'stored' : 'exists'),
    get: async (id) => getBroadcast(store, id),
    setPosition: async (id, position) => note(store, id, 'position', position),
    markDispatched: async (id, nowMs) => note(store, id, 'dispatchedAtMs', nowMs),
    putReceipts: async (id, page, receipts) => putReceipts(store, id, page, receipts),
    getReceipts: async (id, page) => readReceipts(store, id, receiptsSortKey(page)),
    getShardReceipts: async (id, shard) => (await readReceipts(store, id, shardReceiptsPrefix(shard))) ?? [],
  };
}

async function putBroadcast({ client, tableName }: Store, broadcast: Broadcast): Promise<boolean> {
  const { position, dispatchedAtMs, ...fixed } = broadcast;
  const item: BroadcastItem = {
    broadcast: JSON.stringify(fixed),
    ...(position === undefined ? {} : { position }),
    ...(dispatchedAtMs === undefined ? {} : { dispatchedAtMs }),
  };
  const ttl = ttlOf(broadcast.acceptedAtMs + retention.broadcastMs);
  return conditionHeld(
    client.send(
      new PutCommand({
        TableName: tableName,
        Item: { pk: broadcast.id, sk: broadcastSortKey, ...item, ttl },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
}

async function getBroadcast({ client, tableName }: Store, id: string): Promise<Broadcast | null> {
  const found = await client.send(
    new GetCommand({ TableName: tableName, Key: { pk: id, sk: broadcastSortKey }, ConsistentRead: true }),
  );
  const item = found.Item as BroadcastItem | undefined;
  if (item === undefined) return null;
  const { position, dispatchedAtMs } = item;
  return {
    ...(JSON.parse(item.broadcast) as Omit<Broadcast, 'position' | 'dispatchedAtMs'>),
    ...(position === undefined ? {} : { position }),
    ...(dispatchedAtMs === undefined ? {} : { dispatchedAtMs }),
  };
}

/** Adds an attribute unless it is there. Neither a second note nor one about a broadcast that is gone does anything. */
async function note(store: Store, id: string, name: keyof BroadcastItem, value: Position | number): Promise<void> {
  await conditionHeld(
    store.client.send(
      new UpdateCommand({
        TableName: store.tableName,
        Key: { pk: id, sk: broadcastSortKey },
        UpdateExpression: 'SET #name = :value',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#name)',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: { ':value': value },
      }),
    ),
  );
}

/** The first item is written last and replaces that of an earlier call: readers see the one call or the other, never a mixture. */
async function putReceipts(store: Store, id: string, page: Page, receipts: readonly Receipt[]): Promise<void> {
  const first = receiptsSortKey(page);
  const write = randomUUID();
  const ttl = ttlOf(store.clock.nowMs() + retention.broadcastMs);
  const items = packReceipts(receipts, tableLimits.receiptBytesPerItemMax).map((text, part): ReceiptsItem => {
    const sk = part === 0 ? first : `${first}${write}#${String(part).padStart(2, '0')}`;
    return { pk: id, sk, write, isFirst: part === 0, receipts: text, ttl };
  });
  for (const Item of items.reverse()) await store.client.send(new PutCommand({ TableName: store.tableName, Item }));
}

/** All receipts below a prefix of sort keys, but for what an earlier call left behind; null when there are none. */
async function readReceipts(store: Store, id: string, prefix: string): Promise<readonly Receipt[] | null> {
  const items: ReceiptsItem[] = [];
  const query = {
    TableName: store.tableName,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': id, ':prefix': prefix },
    ConsistentRead: true,
  };
  for await (const item of queryItems(store.client, query)) items.push(item as ReceiptsItem);
  const current = new Set(items.filter(({ isFirst }) => isFirst).map(({ write }) => write));
  if (current.size === 0) return null;
  return items.filter(({ write }) => current.has(write)).flatMap(({ receipts }) => unpackReceipts(receipts));
}
