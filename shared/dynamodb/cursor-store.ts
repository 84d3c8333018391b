// Cursors: how far each member of a topic has come. No cursor expires, for a member may be away for any time.
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { BatchGetCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Cursor } from '../domain/log.ts';
import type { Topic } from '../domain/topic.ts';
import { shardOf } from '../domain/topic.ts';
import type { Clock, CursorKey, CursorStore, ReadMark } from '../ports.ts';
import { tableLimits } from '../protocol/limits.ts';
import { backOff, tooBusy } from './back-off.ts';
import { conditionHeld } from './conditional.ts';
import { shardKey } from './keys.ts';
import { itemsAfter, queryUpTo } from './pages.ts';
import { foldReads } from './reads.ts';

interface Store {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: Clock;
}

interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** `pk` is the topic's shard, `sk` the user. DynamoDB has no empty sets, so an empty `readSeqs` is absent. */
interface CursorItem extends ItemKey {
  readonly epoch: string;
  readonly joinedSeq: number;
  readonly deliveredSeq: number;
  readonly readSeq: number;
  readonly readSeqs?: ReadonlySet<number>;
}

export function cursorStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): CursorStore {
  const store = { client, tableName, clock };
  return {
    join: async (cursor) => join(store, cursor),
    get: async (tenant, keys) => {
      const found = await getItems(
        store,
        keys.map((key) => itemKey(tenant, key)),
      );
      return keys.map((key) => {
        const item = found.get(nameOf(itemKey(tenant, key)));
        return item === undefined ? null : cursorOf(tenant, key.topic, item);
      });
    },
    acknowledge: async (tenant, key, { epoch, seq }) => {
      const advanced = await update(store, itemKey(tenant, key), {
        UpdateExpression: 'SET deliveredSeq = :seq',
        ConditionExpression: 'epoch = :epoch AND deliveredSeq < :seq',
        ExpressionAttributeValues: { ':epoch': epoch, ':seq': seq },
      });
      return advanced === null ? 'unchanged' : 'advanced';
    },
    markRead: async (tenant, key, epoch, read) => {
      const marked = await markRead(store, itemKey(tenant, key), epoch, read);
      if (marked?.epoch !== epoch) return 'unchanged';
      await fold(store, marked);
      return 'marked';
    },
    members: async (tenant, topic, shard, after, limit) => {
      const query = itemsAfter(tableName, shardKey(tenant, topic, shard), after);
      const { items, more } = await queryUpTo(client, query, limit);
      const cursors = items.map((item) => cursorOf(tenant, topic, item as CursorItem));
      return { cursors, next: more ? (cursors.at(-1)?.user ?? null) : null };
    },
  };
}

async function join(store: Store, cursor: Cursor): Promise<Cursor> {
  const { tenant, topic, user, readSeqs, epoch, joinedSeq, deliveredSeq, readSeq } = cursor;
  const key = itemKey(tenant, { topic, user });
  const item: CursorItem = {
    ...key,
    epoch,
    joinedSeq,
    deliveredSeq,
    readSeq,
    ...(readSeqs.length === 0 ? {} : { readSeqs: new Set(readSeqs) }),
  };
  const isNew = await conditionHeld(
    store.client.send(
      new PutCommand({ TableName: store.tableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
    ),
  );
  if (isNew) return cursor;
  const standing = await getItem(store, key);
  if (standing === null) throw new Error('a cursor is gone that nothing deletes');
  return cursorOf(tenant, topic, standing);
}

/** One write, unless the cursor is beyond `upToSeq` already. Returns the cursor as it is then, whatever its epoch; null when there is none. */
async function markRead(store: Store, key: ItemKey, epoch: string, read: ReadMark): Promise<CursorItem | null> {
  const singles = new Set(read.seqs.filter((seq) => seq > read.upToSeq));
  const addSingles = singles.size === 0 ? '' : 'ADD readSeqs :singles';
  const singleValues = singles.size === 0 ? {} : { ':singles': singles };
  if (read.upToSeq > 0) {
    const advanced = await update(store, key, {
      UpdateExpression: `SET readSeq = :upTo ${addSingles}`,
      ConditionExpression: 'epoch = :epoch AND readSeq < :upTo',
      ExpressionAttributeValues: { ':epoch': epoch, ':upTo': read.upToSeq, ...singleValues },
    });
    if (advanced !== null) return advanced;
  }
  if (singles.size === 0) return getItem(store, key);
  return update(store, key, {
    UpdateExpression: addSingles,
    ConditionExpression: 'epoch = :epoch',
    ExpressionAttributeValues: { ':epoch': epoch, ...singleValues },
  });
}

/** Keeps the set of single reads small; when another call changed the cursor meanwhile, the next one will do it. */
async function fold(store: Store, item: CursorItem): Promise<void> {
  const { readSeq, readSeqs } = item;
  if (readSeqs === undefined || readSeqs.size < tableLimits.singleReadsMax) return;
  const folded = foldReads(readSeq, readSeqs);
  if (folded.covered.size === 0) return;
  await update(store, item, {
    UpdateExpression: 'SET readSeq = :to DELETE readSeqs :covered',
    ConditionExpression: 'epoch = :epoch AND readSeq = :from',
    ExpressionAttributeValues: {
      ':epoch': item.epoch,
      ':from': readSeq,
      ':to': folded.readSeq,
      ':covered': folded.covered,
    },
  });
}

/** The item after the update; null when its condition did not hold. */
async function update(
  store: Store,
  { pk, sk }: ItemKey,
  change: Pick<UpdateCommandInput, 'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'>,
): Promise<CursorItem | null> {
  let item: CursorItem | null = null;
  await conditionHeld(
    store.client
      .send(new UpdateCommand({ TableName: store.tableName, Key: { pk, sk }, ReturnValues: 'ALL_NEW', ...change }))
      .then((output) => {
        item = output.Attributes as CursorItem;
      }),
  );
  return item;
}

async function getItem(store: Store, { pk, sk }: ItemKey): Promise<CursorItem | null> {
  const found = await store.client.send(
    new GetCommand({ TableName: store.tableName, Key: { pk, sk }, ConsistentRead: true }),
  );
  return (found.Item as CursorItem | undefined) ?? null;
}

/** Reads any number of items, by name. A batch takes 100 different keys, and may leave some of them for another call. */
async function getItems(store: Store, keys: readonly ItemKey[]): Promise<ReadonlyMap<string, CursorItem>> {
  const found = new Map<string, CursorItem>();
  const different = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
  const batches: ItemKey[][] = [];
  for (let from = 0; from < different.length; from += tableLimits.batchGetKeysMax) {
    batches.push(different.slice(from, from + tableLimits.batchGetKeysMax));
  }
  await Promise.all(
    batches.map(async (batch) => {
      for (const item of await getBatch(store, batch)) found.set(nameOf(item), item);
    }),
  );
  return found;
}

async function getBatch(store: Store, keys: readonly ItemKey[]): Promise<readonly CursorItem[]> {
  const items: CursorItem[] = [];
  let open = [...keys];
  for (let attempt = 0; attempt < tableLimits.batchAttemptsMax; attempt += 1) {
    if (attempt > 0) await backOff(store.clock, attempt);
    const answer = await store.client.send(
      new BatchGetCommand({ RequestItems: { [store.tableName]: { Keys: open, ConsistentRead: true } } }),
    );
    for (const item of answer.Responses?.[store.tableName] ?? []) items.push(item as CursorItem);
    open = (answer.UnprocessedKeys?.[store.tableName]?.Keys ?? []) as ItemKey[];
    if (open.length === 0) return items;
  }
  throw tooBusy('the table of cursors');
}

function itemKey(tenant: string, { topic, user }: CursorKey): ItemKey {
  return { pk: shardKey(tenant, topic, shardOf(topic, user)), sk: user };
}

/** An encoded partition key holds no line break, so this is unambiguous. */
function nameOf({ pk, sk }: ItemKey): string {
  return `${pk}\n${sk}`;
}

function cursorOf(tenant: string, topic: Topic, item: CursorItem): Cursor {
  const { sk, epoch, joinedSeq, deliveredSeq, readSeq, readSeqs } = item;
  const singles = [...(readSeqs ?? [])].sort((a, b) => a - b);
  return { tenant, topic, user: sk, epoch, joinedSeq, deliveredSeq, readSeq, readSeqs: singles };
}
