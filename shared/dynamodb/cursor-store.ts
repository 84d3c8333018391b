// Cursors: how far each member of a topic has come. No cursor expires, for a member may be away for any time; it ends when they leave.
import type { DynamoDBDocumentClient, PutCommandInput, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { BatchGetCommand, DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Cursor } from '../domain/cursor.ts';
import { withDeclined, withPassedOver, withPushed, withRead } from '../domain/cursor.ts';
import type { Position } from '../domain/log.ts';
import { shardOf } from '../domain/topic.ts';
import type { Clock, CursorKey, CursorStore } from '../ports.ts';
import { tableLimits } from '../protocol/limits.ts';
import { backOff, tooBusy } from './back-off.ts';
import { conditionHeld } from './conditional.ts';
import type { CursorItem, ItemKey } from './cursor-item.ts';
import { acknowledgementNames, cursorOf, itemOf, packAcknowledgement, packRanges, readsOf } from './cursor-item.ts';
import { shardKey } from './keys.ts';
import { itemsAfter, queryUpTo } from './pages.ts';

interface Store {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: Clock;
}

export function cursorStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): CursorStore {
  const store = { client, tableName, clock };
  return {
    join: async (cursor) => join(store, cursor),
    leave: async (tenant, key) => {
      await client.send(new DeleteCommand({ TableName: tableName, Key: { ...itemKey(tenant, key) } }));
    },
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
    // Of somebody who has left meanwhile nothing stands; the answer is what would.
    rebase: async (cursor, from) => (await putOrGet(store, cursor, ifStill(from))) ?? cursor,
    acknowledge: async (tenant, key, position, atMs) => acknowledge(store, itemKey(tenant, key), position, atMs),
    markRead: async (tenant, key, epoch, mark) =>
      change(store, tenant, key, epoch, (cursor) => {
        const marked = withRead(cursor, mark);
        return marked === cursor ? null : readUpdate(cursor, marked);
      }),
    push: async (tenant, key, epoch, pushed, declined = []) => {
      await change(store, tenant, key, epoch, (cursor) =>
        pushUpdate(cursor, withDeclined(withPushed(cursor, pushed), declined)),
      );
    },
    passOver: async (tenant, key, epoch, range) => {
      await change(store, tenant, key, epoch, (cursor) => passUpdate(cursor, withPassedOver(cursor, range)));
    },
    members: async (tenant, topic, shard, after, limit) => {
      const range = { after, through: null };
      const { items, more } = await queryUpTo(
        client,
        { ...itemsAfter(tableName, shardKey(tenant, topic, shard), range), ConsistentRead: true },
        limit,
      );
      const cursors = items.map((item) => cursorOf(tenant, topic, item as CursorItem));
      return { cursors, next: more ? (cursors.at(-1)?.user ?? null) : null };
    },
  };
}

type Condition = Pick<PutCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>;

/** Whoever leaves between the two calls is free to join again. */
async function join(store: Store, cursor: Cursor): Promise<Cursor> {
  for (let attempt = 0; attempt < tableLimits.changeAttemptsMax; attempt += 1) {
    if (attempt > 0) await backOff(store.clock, attempt);
    const standing = await putOrGet(store, cursor, { ConditionExpression: 'attribute_not_exists(pk)' });
    if (standing !== null) return standing;
  }
  throw tooBusy('the cursor of this user');
}

/** Puts the cursor if the condition holds, and returns the one that stands then; null when there is none. */
async function putOrGet(store: Store, cursor: Cursor, condition: Condition): Promise<Cursor | null> {
  const key = itemKey(cursor.tenant, cursor);
  const put = new PutCommand({ TableName: store.tableName, Item: itemOf(key, cursor), ...condition });
  if (await conditionHeld(store.client.send(put))) return cursor;
  const standing = await getItem(store, key);
  return standing === null ? null : cursorOf(cursor.tenant, cursor.topic, standing);
}

/** Everything that can change of a cursor within an epoch, to tell whether it is still the one that was read. */
function ifStill(cursor: Cursor): Condition {
  const { epoch, deliveredSeq, readVersion } = cursor;
  const { conditions, values } = stillRuns(cursor, ['passedOver', 'pushed', 'declined']);
  return {
    ConditionExpression: [
      'epoch = :epoch AND deliveredSeq = :delivered',
      readVersion === 0 ? 'attribute_not_exists(readVersion)' : 'readVersion = :version',
      ...conditions,
    ].join(' AND '),
    ExpressionAttributeValues: {
      ':epoch': epoch,
      ':delivered': deliveredSeq,
      ...(readVersion === 0 ? {} : { ':version': readVersion }),
      ...values,
    },
  };
}

/** Sets of numbers that are attributes of their own, under the same name. */
type RunsName = 'passedOver' | 'pushed' | 'declined';

/** That these are as they were read; what is empty is absent. */
function stillRuns(cursor: Cursor, names: readonly RunsName[]) {
  const packed = names.map((name) => ({ name, runs: packRanges(cursor[name]) }));
  return {
    conditions: packed.map(({ name, runs }) => (runs === '' ? `attribute_not_exists(${name})` : `${name} = :${name}`)),
    values: Object.fromEntries(packed.flatMap(({ name, runs }) => (runs === '' ? [] : [[`:${name}`, runs]]))),
  };
}

/** One write, which moves the earlier acknowledgements on by one place; a look at the item only when that was refused. */
async function acknowledge(
  store: Store,
  key: ItemKey,
  { epoch, seq }: Position,
  atMs: number,
): Promise<'advanced' | 'unchanged' | 'elsewhere'> {
  const moves = acknowledgementNames.map((name, age) => {
    const before = acknowledgementNames[age - 1];
    return before === undefined ? `${name} = :newest` : `${name} = if_not_exists(${before}, :none)`;
  });
  const advance: Change = {
    UpdateExpression: `SET deliveredSeq = :seq, ${moves.join(', ')}`,
    ConditionExpression: 'epoch = :epoch AND deliveredSeq < :seq',
    ExpressionAttributeValues: {
      ':epoch': epoch,
      ':seq': seq,
      ':newest': packAcknowledgement({ seq, atMs }),
      ':none': '',
    },
  };
  for (let attempt = 0; attempt < tableLimits.changeAttemptsMax; attempt += 1) {
    if ((await update(store, key, advance)) !== null) return 'advanced';
    const standing = await getItem(store, key);
    if (standing?.epoch !== epoch) return 'elsewhere';
    if (standing.deliveredSeq >= seq) return 'unchanged';
    // It has come to this epoch between the two calls.
    await backOff(store.clock, attempt);
  }
  throw tooBusy('the cursor of this user');
}

type Change = Pick<UpdateCommandInput, 'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'>;

/**
 * Reads the cursor, asks what to change, and changes it unless somebody else did meanwhile: then all of it again.
 * Returns the cursor that stands then; null when there is none with this epoch.
 */
async function change(
  store: Store,
  tenant: string,
  key: CursorKey,
  epoch: string,
  changeOf: (cursor: Cursor) => Change | null,
): Promise<Cursor | null> {
  for (let attempt = 0; attempt < tableLimits.changeAttemptsMax; attempt += 1) {
    if (attempt > 0) await backOff(store.clock, attempt);
    const item = await getItem(store, itemKey(tenant, key));
    if (item?.epoch !== epoch) return null;
    const cursor = cursorOf(tenant, key.topic, item);
    const wanted = changeOf(cursor);
    if (wanted === null) return cursor;
    const changed = await update(store, item, wanted);
    if (changed !== null) return cursorOf(tenant, key.topic, changed);
  }
  throw tooBusy('the cursor of this user');
}

/** Every change of what is read counts up, so the count tells whether it is still what was read. */
function readUpdate(before: Cursor, after: Cursor): Change {
  const { readBeyond, readVersion, readTimes } = readsOf(after);
  return {
    UpdateExpression: [
      'SET readSeq = :readSeq, readVersion = :version, readTimes = :times',
      ...(readBeyond === undefined ? ['REMOVE readBeyond, readSeqs'] : [', readBeyond = :beyond REMOVE readSeqs']),
    ].join(' '),
    ConditionExpression: `epoch = :epoch AND ${before.readVersion === 0 ? 'attribute_not_exists(readVersion)' : 'readVersion = :before'}`,
    ExpressionAttributeValues: {
      ':epoch': before.epoch,
      ':readSeq': after.readSeq,
      ':version': readVersion,
      ':times': readTimes,
      ...(readBeyond === undefined ? {} : { ':beyond': readBeyond }),
      ...(before.readVersion === 0 ? {} : { ':before': before.readVersion }),
    },
  };
}

/** What was posted and what was declined depend on each other, so both must be as they were read. */
function pushUpdate(before: Cursor, after: Cursor): Change | null {
  const names = ['pushed', 'declined'] as const;
  const wanted = names
    .map((name) => ({ name, runs: packRanges(after[name]) }))
    .filter(({ name, runs }) => runs !== packRanges(before[name]));
  if (wanted.length === 0) return null;
  const sets = wanted.filter(({ runs }) => runs !== '');
  const removed = wanted.filter(({ runs }) => runs === '');
  const { conditions, values } = stillRuns(before, names);
  return {
    UpdateExpression: [
      ...(sets.length === 0 ? [] : [`SET ${sets.map(({ name }) => `${name} = :${name}After`).join(', ')}`]),
      ...(removed.length === 0 ? [] : [`REMOVE ${removed.map(({ name }) => name).join(', ')}`]),
    ].join(' '),
    ConditionExpression: ['epoch = :epoch', ...conditions].join(' AND '),
    ExpressionAttributeValues: {
      ':epoch': before.epoch,
      ...values,
      ...Object.fromEntries(sets.map(({ name, runs }) => [`:${name}After`, runs])),
    },
  };
}

/** What may be passed over depends on what was delivered, so that must be as it was read, too. */
function passUpdate(before: Cursor, after: Cursor): Change | null {
  const [standing, packed] = [packRanges(before.passedOver), packRanges(after.passedOver)];
  if (packed === standing) return null;
  const asRead = standing === '' ? 'attribute_not_exists(passedOver)' : 'passedOver = :standing';
  return {
    UpdateExpression: 'SET passedOver = :packed',
    ConditionExpression: `epoch = :epoch AND deliveredSeq = :delivered AND ${asRead}`,
    ExpressionAttributeValues: {
      ':epoch': before.epoch,
      ':delivered': before.deliveredSeq,
      ':packed': packed,
      ...(standing === '' ? {} : { ':standing': standing }),
    },
  };
}

/** The item after the update; null when its condition did not hold. */
async function update(store: Store, { pk, sk }: ItemKey, wanted: Change): Promise<CursorItem | null> {
  let item: CursorItem | null = null;
  await conditionHeld(
    store.client
      .send(new UpdateCommand({ TableName: store.tableName, Key: { pk, sk }, ReturnValues: 'ALL_NEW', ...wanted }))
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
