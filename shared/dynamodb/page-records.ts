// What is recorded for the pages of a broadcast: one item a page, which many may add to at once.
import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient, PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Page } from '../domain/broadcast.ts';
import type { Receipt } from '../domain/delivery.ts';
import { mergedReceipts } from '../domain/delivery.ts';
import type { BroadcastStore, Clock, PageRecord } from '../ports.ts';
import { retention, tableLimits } from '../protocol/limits.ts';
import { backOff, tooBusy } from './back-off.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';
import { pageSortKey, shardPagesPrefix } from './keys.ts';
import { queryItems } from './pages.ts';
import { packReceipts, unpackReceipts } from './receipts.ts';

interface Store {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: Clock;
}

/** `write` is another one after each put: who finds the one that they read knows that nobody has put since. */
interface PageItem {
  readonly write: string;
  readonly through?: string;
  /** Packed; absent when there are none. */
  readonly receipts?: Uint8Array;
}

type PageRecords = Pick<BroadcastStore, 'beginPage' | 'getPage' | 'addReceipts' | 'getShardReceipts'>;

export function pageRecords(store: Store): PageRecords {
  return {
    beginPage: async (id, page, through) => beginPage(store, id, page, through),
    getPage: async (id, page) => {
      const item = await getItem(store, id, page);
      return item === null ? null : recordOf(item);
    },
    addReceipts: async (id, page, receipts) => addReceipts(store, id, page, receipts),
    getShardReceipts: async (id, shard) => getShardReceipts(store, id, shard),
  };
}

/** An end may be found later than the first receipts: a shard that was one page has grown. */
async function beginPage(store: Store, id: string, page: Page, through: string | null): Promise<PageRecord> {
  const begun: PageRecord = { through, receipts: [] };
  if (await putItem(store, id, page, begun, null)) return begun;
  for (let attempt = 0; attempt < tableLimits.changeAttemptsMax; attempt += 1) {
    if (attempt > 0) await backOff(store.clock, attempt);
    const item = await getItem(store, id, page);
    if (item === null) throw new Error(`a page of broadcast ${id} is gone that nothing deletes so early`);
    const standing = recordOf(item);
    if (through === null || standing.through !== null) return standing;
    const ended = { ...standing, through };
    if (await putItem(store, id, page, ended, item)) return ended;
  }
  throw tooBusy('the record of this page');
}

/** Reads, merges, and puts unless somebody else did meanwhile: then all of it again. */
async function addReceipts(store: Store, id: string, page: Page, added: readonly Receipt[]): Promise<void> {
  for (let attempt = 0; attempt < tableLimits.changeAttemptsMax; attempt += 1) {
    if (attempt > 0) await backOff(store.clock, attempt);
    const item = await getItem(store, id, page);
    const { through, receipts } = item === null ? { through: null, receipts: [] } : recordOf(item);
    const merged = mergedReceipts(receipts, added);
    const isSame = merged.length === receipts.length && merged.every((receipt, row) => receipt === receipts[row]);
    if (isSame || (await putItem(store, id, page, { through, receipts: merged }, item))) return;
  }
  throw tooBusy('the record of this page');
}

async function getShardReceipts(store: Store, id: string, shard: number): Promise<readonly Receipt[]> {
  const query = {
    TableName: store.tableName,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': id, ':prefix': shardPagesPrefix(shard) },
    ConsistentRead: true,
  };
  const receipts: Receipt[] = [];
  for await (const item of queryItems(store.client, query)) receipts.push(...recordOf(item as PageItem).receipts);
  return receipts;
}

/** False when it is no longer `before` that stands there; null: when there is anything. */
async function putItem(
  store: Store,
  id: string,
  page: Page,
  { through, receipts }: PageRecord,
  before: PageItem | null,
): Promise<boolean> {
  const item: PageItem = {
    write: randomUUID(),
    ...(through === null ? {} : { through }),
    ...(receipts.length === 0 ? {} : { receipts: packReceipts(receipts) }),
  };
  const asRead: Partial<PutCommandInput> =
    before === null
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#write = :before',
          ExpressionAttributeNames: { '#write': 'write' },
          ExpressionAttributeValues: { ':before': before.write },
        };
  const ttl = ttlOf(store.clock.nowMs() + retention.broadcastMs);
  const Item = { pk: id, sk: pageSortKey(page), ...item, ttl };
  return conditionHeld(store.client.send(new PutCommand({ TableName: store.tableName, Item, ...asRead })));
}

async function getItem(store: Store, id: string, page: Page): Promise<PageItem | null> {
  const found = await store.client.send(
    new GetCommand({ TableName: store.tableName, Key: { pk: id, sk: pageSortKey(page) }, ConsistentRead: true }),
  );
  return (found.Item as PageItem | undefined) ?? null;
}

function recordOf({ through, receipts }: PageItem): PageRecord {
  return { through: through ?? null, receipts: receipts === undefined ? [] : unpackReceipts(receipts) };
}
