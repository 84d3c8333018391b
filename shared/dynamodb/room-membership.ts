// Joining and leaving rooms: calls of one socket may overtake each other, and the one that was said later stands.
import type { KnownConnection } from '../domain/connection.ts';
import type { Topic } from '../domain/topic.ts';
import { topicsOf } from '../domain/topic.ts';
import { connectionLimits, tableLimits } from '../protocol/limits.ts';
import { tooBusy } from './back-off.ts';
import type { ConnectionTableStore, KnownRow, RoomMark } from './connection-row.ts';
import { changeRow, getRow, isKnownRow, roomMarks, roomName, tokenConnectionOf } from './connection-row.ts';
import { bringUp, deleteAll, deleteFromRoom, putInRoom } from './connection-subscriptions.ts';
import { subscriptionItem } from './subscription-item.ts';

/** A turn is a time with room for several words of one millisecond, each of which takes the place of the one before. */
const turnsPerMs = 64;

/** This many rooms that were left long ago are forgotten together. */
const forgottenAtOnce = 16;

export async function follow(
  store: ConnectionTableStore,
  connection: KnownConnection,
  topic: Topic,
  atMs: number,
): Promise<'followed' | 'closed'> {
  return (await say(store, connection, topic, atMs, true)) === null ? 'closed' : 'followed';
}

export async function unfollow(
  store: ConnectionTableStore,
  connection: KnownConnection,
  topic: Topic,
  atMs: number,
): Promise<void> {
  const row = await say(store, connection, topic, atMs, false);
  if (row !== null) await forget(store, row, atMs);
}

/**
 * Joins or leaves a room, and returns the row that stands then; null when the connection is closed. Each word on a room
 * that gets into the row has a higher turn than the one before, and its subscription the same: so a removal never takes
 * away what belongs to a later word. A subscription is put before the word gets into the row, for a close looks there;
 * whoever finds the connection closed removes what it has put.
 */
async function say(
  store: ConnectionTableStore,
  connection: KnownConnection,
  topic: Topic,
  atMs: number,
  joined: boolean,
): Promise<KnownRow | null> {
  const { connectionId } = connection;
  // The topics of the token are no rooms: they stay as they are.
  if (topicsOf(connection).includes(topic)) return knownRow(store, connectionId);
  const item = subscriptionItem(connection, topic);
  let turn = atMs * turnsPerMs;
  for (let attempt = 0; attempt < tableLimits.changeAttemptsMax; attempt += 1) {
    if (joined) await putInRoom(store, item, turn);
    const written = await putMark(store, connectionId, topic, { turn, joined });
    const row = written ?? (await knownRow(store, connectionId));
    if (row === null) {
      if (joined) await deleteAll(store, [item]);
      return null;
    }
    const standing = roomMarks(row).get(topic);
    // It was refused for the sake of a word that is forgotten by now.
    if (standing === undefined || msOf(standing) < atMs) continue;
    if (standing.joined !== joined && msOf(standing) === atMs) {
      turn = standing.turn + 1;
      continue;
    }
    if (!standing.joined) await deleteFromRoom(store, item, standing.turn);
    else if (written !== null) await catchUp(store, written, topic);
    return row;
  }
  throw tooBusy('this connection');
}

function msOf({ turn }: RoomMark): number {
  return Math.floor(turn / turnsPerMs);
}

async function knownRow(store: ConnectionTableStore, connectionId: string): Promise<KnownRow | null> {
  const row = await getRow(store, connectionId);
  return isKnownRow(row) ? row : null;
}

async function putMark(
  store: ConnectionTableStore,
  connectionId: string,
  topic: Topic,
  mark: RoomMark,
): Promise<KnownRow | null> {
  return changeRow(store, connectionId, {
    UpdateExpression: 'SET #room = :mark',
    ConditionExpression: '(attribute_not_exists(#room) OR #room.#turn < :turn)',
    ExpressionAttributeNames: { '#room': roomName(topic), '#turn': 'turn' },
    ExpressionAttributeValues: { ':mark': mark, ':turn': mark.turn },
  });
}

/** What was put is of the connection as the caller knew it. Whoever changes it from now on finds the room in the row. */
async function catchUp(store: ConnectionTableStore, row: KnownRow, topic: Topic): Promise<void> {
  if (row.version !== undefined) {
    await bringUp(store, [subscriptionItem(tokenConnectionOf(row), topic, row.version)]);
  }
}

/**
 * Drops words on rooms that were left so long ago that no earlier call can still be under way: the gateway waits for none
 * longer than for a connect. A client that goes through many rooms must not make the row grow without end.
 */
async function forget(store: ConnectionTableStore, row: KnownRow, nowMs: number): Promise<void> {
  const over = [...roomMarks(row)].filter(
    ([, mark]) => !mark.joined && msOf(mark) < nowMs - connectionLimits.openingMs,
  );
  if (over.length < forgottenAtOnce) return;
  const dropped = over
    .slice(0, forgottenAtOnce)
    .map(([topic, { turn }], index) => ({ topic, turn, index: String(index) }));
  await changeRow(store, row.pk, {
    UpdateExpression: `REMOVE ${dropped.map(({ index }) => `#room${index}`).join(', ')}`,
    ConditionExpression: dropped.map(({ index }) => `#room${index}.#turn = :turn${index}`).join(' AND '),
    ExpressionAttributeNames: {
      '#turn': 'turn',
      ...Object.fromEntries(dropped.map(({ topic, index }) => [`#room${index}`, roomName(topic)])),
    },
    ExpressionAttributeValues: Object.fromEntries(dropped.map(({ turn, index }) => [`:turn${index}`, turn])),
  });
}
