// Changes of a known connection that all its subscriptions have to follow: a newer token, and the events that it selects.
import type { KnownConnection } from '../domain/connection.ts';
import { subscribedTopics } from '../domain/connection.ts';
import type { Topic } from '../domain/topic.ts';
import { topicsOf } from '../domain/topic.ts';
import type { EventSelection } from '../ports.ts';
import { tableLimits } from '../protocol/limits.ts';
import { tooBusy } from './back-off.ts';
import type { ConnectionTableStore, KnownRow, RoomMark } from './connection-row.ts';
import { changeRow, getRow, isKnownRow, roomMarks, roomName, tokenConnectionOf } from './connection-row.ts';
import {
  bringUp,
  deleteAll,
  deleteBefore,
  deleteFromRoom,
  putAll,
  roomSubscriptions,
  tokenSubscriptions,
} from './connection-subscriptions.ts';
import { ttlOf } from './expiry.ts';
import { subscriptionItem } from './subscription-item.ts';

/**
 * Puts the subscriptions that are new, then changes the row if it is as it was read, then removes the subscriptions that
 * it names no longer. What a newer token of the same user can change is its end, the roles and the topics; the lease, the
 * rooms and the events stay, but for rooms that `former` had and `connection` has not.
 */
export async function replace(
  store: ConnectionTableStore,
  connection: KnownConnection,
  former: KnownConnection,
): Promise<'replaced' | 'closed'> {
  const { connectionId } = connection;
  for (let attempt = 0; attempt < tableLimits.changeAttemptsMax; attempt += 1) {
    const row = await getRow(store, connectionId);
    if (!isKnownRow(row)) {
      // Those of the others are for the close to remove, which knows the row.
      await deleteAll(
        store,
        attempt === 0 ? [] : subscribedTopics(connection).map((topic) => subscriptionItem(connection, topic)),
      );
      return 'closed';
    }
    const before = tokenConnectionOf(row);
    const after = {
      ...before,
      expiresAtMs: connection.expiresAtMs,
      roles: connection.roles,
      topics: topicsOf(connection),
    };
    const added = difference(after.topics, before.topics);
    await putAll(
      store,
      added.map((topic) => subscriptionItem(after, topic, row.version)),
    );
    const lost = difference(former.topics, connection.topics);
    const changed = await putAfter(store, row, after, lost);
    if (changed === null) continue;
    await bringUp(store, [...tokenSubscriptions(changed), ...roomSubscriptions(changed)]);
    const dropped = difference([...before.topics, ...topicsOf(former)], after.topics);
    await deleteBefore(
      store,
      dropped.map((topic) => subscriptionItem(after, topic)),
      changed.version ?? 0,
    );
    await leave(store, changed, lost);
    return 'replaced';
  }
  throw tooBusy('this connection');
}

/** Changes the row unless another change came first; of the rooms that are lost, those that it is in are left. */
async function putAfter(
  store: ConnectionTableStore,
  before: KnownRow,
  after: KnownConnection,
  lost: readonly Topic[],
): Promise<KnownRow | null> {
  const marks = roomMarks(before);
  const left = lost.flatMap((topic, index) => {
    const mark = marks.get(topic);
    return mark?.joined === true ? [{ name: roomName(topic), turn: mark.turn, index: String(index) }] : [];
  });
  const { expiresAtMs, roles, topics } = after;
  return changeRow(store, before.pk, {
    UpdateExpression: [
      'SET #connection.expiresAtMs = :expires, #connection.#roles = :roles, #connection.topics = :topics, #ttl = :ttl',
      ...left.map(({ index }) => `, #room${index} = :left${index}`),
      ' ADD #version :one',
    ].join(''),
    ConditionExpression: [
      before.version === undefined ? 'attribute_not_exists(#version)' : '#version = :version',
      ...left.map(({ index }) => `#room${index}.#turn = :turn${index}`),
    ].join(' AND '),
    ExpressionAttributeNames: {
      '#connection': 'connection',
      '#roles': 'roles',
      '#ttl': 'ttl',
      '#version': 'version',
      ...(left.length === 0 ? {} : { '#turn': 'turn' }),
      ...Object.fromEntries(left.map(({ name, index }) => [`#room${index}`, name])),
    },
    ExpressionAttributeValues: {
      ':expires': expiresAtMs,
      ':roles': roles,
      ':topics': topics,
      ':ttl': ttlOf(expiresAtMs),
      ':one': 1,
      ...(before.version === undefined ? {} : { ':version': before.version }),
      ...Object.fromEntries(left.map(({ turn, index }) => [`:turn${index}`, turn])),
      ...Object.fromEntries(left.map(({ turn, index }) => [`:left${index}`, leftAfter(turn)])),
    },
  });
}

/** The next turn: a word on the room that is said later still stands. */
function leftAfter(turn: number): RoomMark {
  return { turn: turn + 1, joined: false };
}

async function leave(store: ConnectionTableStore, row: KnownRow, topics: readonly Topic[]): Promise<void> {
  const marks = roomMarks(row);
  await Promise.all(
    topics.map(async (topic) => {
      const mark = marks.get(topic);
      if (mark?.joined !== false) return;
      await deleteFromRoom(store, subscriptionItem(tokenConnectionOf(row), topic), mark.turn);
    }),
  );
}

/** What is both removed and added is selected then. */
export async function selectEvents(
  store: ConnectionTableStore,
  { connectionId }: KnownConnection,
  { add, remove }: EventSelection,
): Promise<readonly string[]> {
  const updates = [
    ...(remove.length === 0 ? [] : [{ UpdateExpression: 'DELETE #events :events ADD #version :one', events: remove }]),
    ...(add.length === 0 ? [] : [{ UpdateExpression: 'ADD #events :events, #version :one', events: add }]),
  ];
  let row: KnownRow | null = null;
  for (const { UpdateExpression, events } of updates) {
    row = await changeRow(store, connectionId, {
      UpdateExpression,
      ExpressionAttributeNames: { '#events': 'events', '#version': 'version' },
      ExpressionAttributeValues: { ':events': new Set(events), ':one': 1 },
    });
  }
  if (row === null) {
    const standing = await getRow(store, connectionId);
    return isKnownRow(standing) ? (tokenConnectionOf(standing).events ?? []) : [];
  }
  await bringUp(store, [...tokenSubscriptions(row), ...roomSubscriptions(row)]);
  return tokenConnectionOf(row).events ?? [];
}

function difference(topics: readonly Topic[], others: readonly Topic[]): readonly Topic[] {
  return [...new Set(topics)].filter((topic) => !others.includes(topic));
}
