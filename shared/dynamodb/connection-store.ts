// Connections and their subscriptions, written in an order that leaves no subscription without a connection.
import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient, PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Connection, KnownConnection } from '../domain/connection.ts';
import { everyone } from '../domain/topic.ts';
import type { ConnectionStore } from '../ports.ts';
import { retention } from '../protocol/limits.ts';
import { conditionHeld } from './conditional.ts';
import { replace, selectEvents } from './connection-changes.ts';
import type { ConnectionTables, ConnectionTableStore, KnownRow, Row } from './connection-row.ts';
import { connectionOf, getRow, isKnownRow, newRow } from './connection-row.ts';
import { allPlaces, deleteAll, deleteBefore, putAll, tokenSubscriptions } from './connection-subscriptions.ts';
import { ttlOf } from './expiry.ts';
import { follow, unfollow } from './room-membership.ts';
import { subscriptionItem } from './subscription-item.ts';

/**
 * Subscriptions are put before the row that names their topics, and deleted after that row says `closed`. The row
 * changes by one atomic write at a time, so whichever of opening and closing comes second sees the other: a close that
 * finds a known connection deletes its subscriptions; an opening that finds the mark of a close deletes its own. What
 * changes later counts its changes in the row, and each subscription says which of them it is of.
 */
export function connectionStore(client: DynamoDBDocumentClient, tables: ConnectionTables): ConnectionStore {
  const store = { client, tables };
  return {
    open: async (connection) => ((await install(store, connection, ifNew)) ? 'opened' : 'closed'),
    identify: async (connection) => ((await install(store, connection, ifAnonymous)) ? 'identified' : 'closed'),
    get: async (connectionId) => {
      const row = await getRow(store, connectionId);
      return row?.state === 'closed' ? null : connectionOf(row);
    },
    renew: async (connection, leaseUntilMs) => renew(store, connection, leaseUntilMs),
    replace: async (connection, former) => replace(store, connection, former),
    follow: async (connection, topic, atMs) => follow(store, connection, topic, atMs),
    unfollow: async (connection, topic, atMs) => unfollow(store, connection, topic, atMs),
    selectEvents: async (connection, change) => selectEvents(store, connection, change),
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
  store: ConnectionTableStore,
  connection: Connection,
  condition: (write: string) => Condition,
): Promise<boolean> {
  const write = randomUUID();
  const row = newRow(connection, write);
  if (isKnownRow(row)) await putAll(store, tokenSubscriptions(row));
  const installed = await conditionHeld(
    store.client.send(new PutCommand({ TableName: store.tables.connections, Item: row, ...condition(write) })),
  );
  if (!installed && isKnownRow(row)) await uninstall(store, row);
  return installed;
}

/**
 * Removes the subscriptions of a connection that could not be installed. Two frames of one socket may have been
 * identified at the same time: then the winner's subscriptions stay, and are put again because ours may have replaced
 * them. When the winner is closed meanwhile, that close may have been too early to see them.
 */
async function uninstall(store: ConnectionTableStore, refused: KnownRow): Promise<void> {
  const winner = await getRow(store, refused.pk);
  if (!isKnownRow(winner)) {
    await deleteAll(store, tokenSubscriptions(refused));
    return;
  }
  const kept = tokenSubscriptions(winner);
  const keptPartitions = new Set(allPlaces(winner).map(({ pk }) => pk));
  await putAll(store, kept);
  await deleteBefore(
    store,
    tokenSubscriptions(refused).filter(({ pk }) => !keptPartitions.has(pk)),
    (winner.version ?? 0) + 1,
  );
  if (!isKnownRow(await getRow(store, refused.pk))) await deleteAll(store, kept);
}

/**
 * Changes what is there and makes nothing anew: a connection that is closed meanwhile stays closed. The row comes last,
 * because whoever decides to renew looks at it: a call that dies in between is made good by the next sign of life.
 */
async function renew(store: ConnectionTableStore, connection: KnownConnection, leaseUntilMs: number): Promise<void> {
  const { pk, sk } = subscriptionItem(connection, everyone);
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
async function close(store: ConnectionTableStore, connectionId: string, nowMs: number): Promise<Connection | null> {
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
  const row = closed.Attributes as Row;
  if (wasKnown(row)) await deleteAll(store, allPlaces(row));
  return connectionOf(row);
}

function wasKnown(row: Row): row is KnownRow {
  return row.connection?.state === 'known';
}
