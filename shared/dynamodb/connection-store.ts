// Connections and their subscriptions, written in an order that leaves no subscription without a connection.
import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient, PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Connection, KnownConnection } from '../domain/connection.ts';
import type { Topic } from '../domain/topic.ts';
import { everyone, shardOf } from '../domain/topic.ts';
import type { ConnectionStore } from '../ports.ts';
import { retention } from '../protocol/limits.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';
import { shardKey } from './keys.ts';
import type { SubscriptionItem } from './subscription-store.ts';

export interface ConnectionTables {
  readonly connections: string;
  readonly subscriptions: string;
}

interface Store {
  readonly client: DynamoDBDocumentClient;
  readonly tables: ConnectionTables;
}

/** A row of the connections table. That of a closed connection keeps what it was, if it was ever open. */
interface Row {
  readonly pk: string;
  readonly state: Connection['state'] | 'closed';
  readonly connection?: Connection;
  /** The call that wrote it, so that a call whose answer was lost knows its own work when the client tries again. */
  readonly write?: string;
  readonly ttl: number;
}

/**
 * Subscriptions are put before the row that names their topics, and deleted after that row says `closed`. The row
 * changes by one atomic write at a time, so whichever of opening and closing comes second sees the other: a close that
 * finds a known connection deletes its subscriptions; an opening that finds the mark of a close deletes its own.
 */
export function connectionStore(client: DynamoDBDocumentClient, tables: ConnectionTables): ConnectionStore {
  const store = { client, tables };
  return {
    open: async (connection) => ((await install(store, connection, ifNew)) ? 'opened' : 'closed'),
    identify: async (connection) => ((await install(store, connection, ifAnonymous)) ? 'identified' : 'closed'),
    get: async (connectionId) => getOpen(store, connectionId),
    renew: async (connection, leaseUntilMs) => renew(store, connection, leaseUntilMs),
    close: async (connectionId, nowMs) => close(store, connectionId, nowMs),
  };
}

type Condition = Pick<
  PutCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

function ifNew(write: string): Condition {
  return {
    ConditionExpression: 'attribute_not_exists(pk) OR #write = :write',
    ExpressionAttributeNames: { '#write': 'write' },
    ExpressionAttributeValues: { ':write': write },
  };
}

function ifAnonymous(write: string): Condition {
  return {
    ConditionExpression: '#state = :anonymous OR #write = :write',
    ExpressionAttributeNames: { '#state': 'state', '#write': 'write' },
    ExpressionAttributeValues: { ':anonymous': 'anonymous', ':write': write },
  };
}

/** Puts the subscriptions, then the row; false when the row may not be put, and then nothing of it remains. */
async function install(
  store: Store,
  connection: Connection,
  condition: (write: string) => Condition,
): Promise<boolean> {
  const { connectionId, state, expiresAtMs } = connection;
  const write = randomUUID();
  const row: Row = { pk: connectionId, state, connection, write, ttl: ttlOf(expiresAtMs) };
  await putAll(store, subscriptionsOf(connection));
  const installed = await conditionHeld(
    store.client.send(new PutCommand({ TableName: store.tables.connections, Item: row, ...condition(write) })),
  );
  if (!installed) await uninstall(store, connection);
  return installed;
}

/**
 * Removes the subscriptions of a connection that could not be installed. Two frames of one socket may have been
 * identified at the same time: then the winner's subscriptions stay, and are put again because ours may have replaced
 * them. When the winner is closed meanwhile, that close may have been too early to see them.
 */
async function uninstall(store: Store, refused: Connection): Promise<void> {
  const winner = await getOpen(store, refused.connectionId);
  const kept = winner === null ? [] : subscriptionsOf(winner);
  const keptPartitions = new Set(kept.map(({ pk }) => pk));
  await putAll(store, kept);
  await deleteAll(
    store,
    subscriptionsOf(refused).filter(({ pk }) => !keptPartitions.has(pk)),
  );
  if (kept.length > 0 && (await getOpen(store, refused.connectionId)) === null) await deleteAll(store, kept);
}

async function getOpen(store: Store, connectionId: string): Promise<Connection | null> {
  const found = await store.client.send(
    new GetCommand({ TableName: store.tables.connections, Key: { pk: connectionId }, ConsistentRead: true }),
  );
  const row = found.Item as Row | undefined;
  return row?.connection === undefined || row.state === 'closed' ? null : row.connection;
}

/**
 * Changes what is there and makes nothing anew: a connection that is closed meanwhile stays closed. The row comes last,
 * because whoever decides to renew looks at it: a call that dies in between is made good by the next sign of life.
 */
async function renew(store: Store, connection: KnownConnection, leaseUntilMs: number): Promise<void> {
  const { pk, sk } = subscription(connection, everyone);
  const { connections, subscriptions } = store.tables;
  const isShorter = 'leaseUntilMs < :lease';
  await conditionHeld(
    store.client.send(
      new UpdateCommand({
        TableName: subscriptions,
        Key: { pk, sk },
        UpdateExpression: 'SET leaseUntilMs = :lease',
        ConditionExpression: isShorter,
        ExpressionAttributeValues: { ':lease': leaseUntilMs },
      }),
    ),
  );
  await conditionHeld(
    store.client.send(
      new UpdateCommand({
        TableName: connections,
        Key: { pk: connection.connectionId },
        UpdateExpression: 'SET #connection.leaseUntilMs = :lease',
        ConditionExpression: `#state = :known AND #connection.${isShorter}`,
        ExpressionAttributeNames: { '#connection': 'connection', '#state': 'state' },
        ExpressionAttributeValues: { ':lease': leaseUntilMs, ':known': 'known' },
      }),
    ),
  );
}

/** Only the state changes: a repetition still knows the subscriptions that a crash may have left. The call that opened it must not find its mark, or trying again would open it again. */
async function close(store: Store, connectionId: string, nowMs: number): Promise<void> {
  const closed = await store.client.send(
    new UpdateCommand({
      TableName: store.tables.connections,
      Key: { pk: connectionId },
      UpdateExpression: 'SET #state = :closed, #ttl = :ttl REMOVE #write',
      ExpressionAttributeNames: { '#state': 'state', '#ttl': 'ttl', '#write': 'write' },
      ExpressionAttributeValues: { ':closed': 'closed', ':ttl': ttlOf(nowMs + retention.tombstoneMs) },
      ReturnValues: 'ALL_NEW',
    }),
  );
  const { connection } = closed.Attributes as Row;
  if (connection !== undefined) await deleteAll(store, subscriptionsOf(connection));
}

function subscriptionsOf(connection: Connection): readonly SubscriptionItem[] {
  return connection.state === 'known' ? connection.topics.map((topic) => subscription(connection, topic)) : [];
}

function subscription(connection: KnownConnection, topic: Topic): SubscriptionItem {
  const { connectionId, tenant, user, connectedAtMs, expiresAtMs, leaseUntilMs } = connection;
  const pk = shardKey(tenant, topic, shardOf(topic, user));
  const item = { pk, sk: connectionId, user, connectedAtMs, expiresAtMs, ttl: ttlOf(expiresAtMs) };
  return topic === everyone ? { ...item, leaseUntilMs } : item;
}

/** Single puts, not a batch: a connection has a handful of topics, and the SDK tries throttled single calls again by itself. */
async function putAll(store: Store, subscriptions: readonly SubscriptionItem[]): Promise<void> {
  const TableName = store.tables.subscriptions;
  await Promise.all(subscriptions.map((Item) => store.client.send(new PutCommand({ TableName, Item }))));
}

async function deleteAll(store: Store, subscriptions: readonly SubscriptionItem[]): Promise<void> {
  const TableName = store.tables.subscriptions;
  await Promise.all(
    subscriptions.map(({ pk, sk }) => store.client.send(new DeleteCommand({ TableName, Key: { pk, sk } }))),
  );
}
