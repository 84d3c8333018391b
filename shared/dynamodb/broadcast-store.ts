// Broadcasts, in one partition each with the records of their pages, and the outbox of those not dispatched yet.
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Position } from '../domain/log.ts';
import type { BroadcastStore, Clock } from '../ports.ts';
import { outboxLimits, retention } from '../protocol/limits.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';
import { broadcastSortKey, outboxIndex, outboxShardOf, outboxShards } from './keys.ts';
import { pageRecords } from './page-records.ts';

interface Store {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** `broadcast` is what never changes, as JSON; what is noted later has its own attributes. */
interface BroadcastItem {
  readonly broadcast: string;
  readonly position?: Position;
  readonly dispatchedAtMs?: number;
  /** Only until it is dispatched: an index has the items that have both, so the outbox costs nothing for all others. */
  readonly outbox?: string;
  readonly acceptedAtMs?: number;
}

export function broadcastStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): BroadcastStore {
  const store = { client, tableName };
  return {
    put: async (broadcast) => ((await putBroadcast(store, broadcast)) ? 'stored' : 'exists'),
    get: async (id) => getBroadcast(store, id),
    setPosition: async (id, position) =>
      note(store, id, {
        UpdateExpression: 'SET #position = :position',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#position)',
        ExpressionAttributeNames: { '#position': 'position' },
        ExpressionAttributeValues: { ':position': position },
      }),
    markDispatched: async (id, nowMs) =>
      note(store, id, {
        UpdateExpression: 'SET dispatchedAtMs = :now REMOVE outbox, acceptedAtMs',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(dispatchedAtMs)',
        ExpressionAttributeValues: { ':now': nowMs },
      }),
    undispatched: async (acceptedBeforeMs) => undispatched(store, acceptedBeforeMs),
    ...pageRecords({ client, tableName, clock }),
  };
}

async function putBroadcast({ client, tableName }: Store, broadcast: Broadcast): Promise<boolean> {
  const { position, dispatchedAtMs, ...fixed } = broadcast;
  const { id, acceptedAtMs } = broadcast;
  const item: BroadcastItem = {
    broadcast: JSON.stringify(fixed),
    ...(position === undefined ? {} : { position }),
    ...(dispatchedAtMs === undefined ? { outbox: outboxShardOf(id), acceptedAtMs } : { dispatchedAtMs }),
  };
  const ttl = ttlOf(acceptedAtMs + retention.broadcastMs);
  return conditionHeld(
    client.send(
      new PutCommand({
        TableName: tableName,
        Item: { pk: id, sk: broadcastSortKey, ...item, ttl },
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

/** Neither a second note nor one about a broadcast that is gone does anything: the condition says so. */
async function note(store: Store, id: string, noted: Omit<UpdateCommandInput, 'TableName' | 'Key'>): Promise<void> {
  const Key = { pk: id, sk: broadcastSortKey };
  await conditionHeld(store.client.send(new UpdateCommand({ TableName: store.tableName, Key, ...noted })));
}

/** The oldest of each shard, as many as one run of the sweep is to take. */
async function undispatched({ client, tableName }: Store, acceptedBeforeMs: number): Promise<readonly string[]> {
  const shards = outboxShards.map(async (outbox) => {
    const query = new QueryCommand({
      TableName: tableName,
      IndexName: outboxIndex,
      KeyConditionExpression: 'outbox = :outbox AND acceptedAtMs < :before',
      ExpressionAttributeValues: { ':outbox': outbox, ':before': acceptedBeforeMs },
      Limit: outboxLimits.perShardMax,
    });
    return (await client.send(query)).Items ?? [];
  });
  const items = (await Promise.all(shards)).flat() as { readonly pk: string; readonly acceptedAtMs: number }[];
  return items.sort((a, b) => a.acceptedAtMs - b.acceptedAtMs).map(({ pk }) => pk);
}
