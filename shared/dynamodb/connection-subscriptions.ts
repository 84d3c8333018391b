// Writes to the subscriptions of one connection: conditional on what they are of, so that a late one does no harm.
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { subscribedTopics } from '../domain/connection.ts';
import { conditionHeld } from './conditional.ts';
import type { ConnectionTableStore, KnownRow } from './connection-row.ts';
import { joinedTopics, roomMarks, tokenConnectionOf } from './connection-row.ts';
import type { SubscriptionItem } from './subscription-item.ts';
import { subscriptionItem } from './subscription-item.ts';

/** The subscriptions in the topics of the token. */
export function tokenSubscriptions(row: KnownRow): readonly SubscriptionItem[] {
  const connection = tokenConnectionOf(row);
  return subscribedTopics(connection).map((topic) => subscriptionItem(connection, topic, row.version));
}

/** The subscriptions in the rooms that the connection is in; that of a room says which word on the room it is of. */
export function roomSubscriptions(row: KnownRow): readonly SubscriptionItem[] {
  const connection = tokenConnectionOf(row);
  const marks = roomMarks(row);
  return joinedTopics(row).map((topic) => {
    const turn = marks.get(topic)?.turn ?? 0;
    return { ...subscriptionItem(connection, topic, row.version), turn };
  });
}

/** Every place where a subscription of this connection may be: also of rooms that were left, in case a call was killed. */
export function allPlaces(row: KnownRow): readonly SubscriptionItem[] {
  const connection = tokenConnectionOf(row);
  return [
    ...tokenSubscriptions(row),
    ...[...roomMarks(row).keys()].map((topic) => subscriptionItem(connection, topic)),
  ];
}

/** Single puts, not a batch: a connection has a handful of topics, and the SDK tries throttled single calls again by itself. */
export async function putAll(store: ConnectionTableStore, items: readonly SubscriptionItem[]): Promise<void> {
  await Promise.all(
    items.map(async (Item) => {
      const put = new PutCommand({
        TableName: store.tables.subscriptions,
        Item,
        ConditionExpression: 'attribute_not_exists(#version) OR #version <= :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': Item.version ?? 0 },
      });
      await conditionHeld(store.client.send(put));
    }),
  );
}

/** Puts the subscription in a room unless one of a later turn is there. */
export async function putInRoom(store: ConnectionTableStore, Item: SubscriptionItem, turn: number): Promise<void> {
  const put = new PutCommand({
    TableName: store.tables.subscriptions,
    Item: { ...Item, turn },
    ConditionExpression: 'attribute_not_exists(#turn) OR #turn <= :turn',
    ExpressionAttributeNames: { '#turn': 'turn' },
    ExpressionAttributeValues: { ':turn': turn },
  });
  await conditionHeld(store.client.send(put));
}

/** Brings subscriptions up to the change that they name. Makes none anew, so whoever closes the connection misses none. */
export async function bringUp(store: ConnectionTableStore, items: readonly SubscriptionItem[]): Promise<void> {
  await Promise.all(
    items.map(async ({ pk, sk, user, expiresAtMs, events, version = 0, ttl }) => {
      const set = 'SET #user = :user, expiresAtMs = :expires, #version = :version, #ttl = :ttl';
      const update = new UpdateCommand({
        TableName: store.tables.subscriptions,
        Key: { pk, sk },
        UpdateExpression: events === undefined ? `${set} REMOVE #events` : `${set}, #events = :events`,
        ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(#version) OR #version < :version)',
        ExpressionAttributeNames: { '#user': 'user', '#version': 'version', '#ttl': 'ttl', '#events': 'events' },
        ExpressionAttributeValues: {
          ':user': user,
          ':expires': expiresAtMs,
          ':version': version,
          ':ttl': ttl,
          ...(events === undefined ? {} : { ':events': events }),
        },
      });
      await conditionHeld(store.client.send(update));
    }),
  );
}

type Place = Pick<SubscriptionItem, 'pk' | 'sk'>;

export async function deleteAll(store: ConnectionTableStore, places: readonly Place[]): Promise<void> {
  const TableName = store.tables.subscriptions;
  await Promise.all(places.map(({ pk, sk }) => store.client.send(new DeleteCommand({ TableName, Key: { pk, sk } }))));
}

/** Leaves what is of this change of the connection or a later one. */
export async function deleteBefore(
  store: ConnectionTableStore,
  places: readonly Place[],
  version: number,
): Promise<void> {
  await Promise.all(
    places.map(async ({ pk, sk }) => {
      const removal = new DeleteCommand({
        TableName: store.tables.subscriptions,
        Key: { pk, sk },
        ConditionExpression: 'attribute_not_exists(#version) OR #version < :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': version },
      });
      await conditionHeld(store.client.send(removal));
    }),
  );
}

/** Leaves what is of a later turn. */
export async function deleteFromRoom(store: ConnectionTableStore, { pk, sk }: Place, turn: number): Promise<void> {
  const removal = new DeleteCommand({
    TableName: store.tables.subscriptions,
    Key: { pk, sk },
    ConditionExpression: 'attribute_not_exists(#turn) OR #turn <= :turn',
    ExpressionAttributeNames: { '#turn': 'turn' },
    ExpressionAttributeValues: { ':turn': turn },
  });
  await conditionHeld(store.client.send(removal));
}
