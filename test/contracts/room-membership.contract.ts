// What every store of connections must do when rooms are joined and left, in whatever order the frames arrive.
import { expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import type { ConnectionStore } from '../../shared/ports.ts';
import { aConnection, anAnonymousConnection } from '../builders/connection.ts';
import type { ConnectionStores } from './subscribers.ts';
import { idsOf, subscribersIn, subscribersOf } from './subscribers.ts';

const nowMs = Date.UTC(2026, 10, 21, 9);
const room: Topic = 'room:work_order_7';

/** A word on a room: joining or leaving it, so many milliseconds after nine. */
type Word = readonly [what: 'joins' | 'leaves', ms: number];

async function say(connections: ConnectionStore, connection: KnownConnection, [what, ms]: Word): Promise<void> {
  if (what === 'joins') expect(await connections.follow(connection, room, nowMs + ms)).toBe('followed');
  else await connections.unfollow(connection, room, nowMs + ms);
}

/** What a connection says of one room, in the order in which it arrives, and whether it is in the room then. */
const histories: readonly (readonly [string, readonly Word[], boolean])[] = [
  ['joins', [['joins', 1]], true],
  [
    'joins twice',
    [
      ['joins', 1],
      ['joins', 2],
    ],
    true,
  ],
  [
    'joins and leaves',
    [
      ['joins', 1],
      ['leaves', 2],
    ],
    false,
  ],
  ['leaves what it is not in', [['leaves', 1]], false],
  [
    'joins again',
    [
      ['joins', 1],
      ['leaves', 2],
      ['joins', 3],
    ],
    true,
  ],
  [
    'left later, which came first',
    [
      ['leaves', 2],
      ['joins', 1],
    ],
    false,
  ],
  [
    'joined again later, which came before the leaving',
    [
      ['joins', 1],
      ['joins', 3],
      ['leaves', 2],
    ],
    true,
  ],
  [
    'joined and left later, which came in reverse',
    [
      ['leaves', 3],
      ['joins', 2],
      ['leaves', 1],
    ],
    false,
  ],
  [
    'left in the moment of joining',
    [
      ['joins', 1],
      ['leaves', 1],
    ],
    false,
  ],
  [
    'joined in the moment of leaving',
    [
      ['leaves', 1],
      ['joins', 1],
    ],
    true,
  ],
  [
    'says everything in one moment, and something before',
    [
      ['joins', 1],
      ['leaves', 1],
      ['joins', 1],
      ['joins', 1],
      ['leaves', 0],
    ],
    true,
  ],
  [
    'says everything in one moment, and leaves a moment later',
    [
      ['joins', 1],
      ['leaves', 1],
      ['joins', 1],
      ['leaves', 2],
    ],
    false,
  ],
];

export function roomMembershipContract(make: () => ConnectionStores): void {
  it('follows a room, which comes after the topics of the token', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection({ dialect: 'socketio' });
    await connections.open(connection);
    for (const topic of [room, 'room:b', 'room:Ä|%'] as const) {
      expect(await connections.follow(connection, topic, nowMs)).toBe('followed');
    }
    const topics = [...connection.topics, 'room:b', room, 'room:Ä|%'];
    expect(await connections.get(connection.connectionId)).toEqual({ ...connection, topics });
    const { connectionId, user, connectedAtMs, expiresAtMs, dialect } = connection;
    expect(await subscribersIn(subscriptions, connection, room)).toEqual([
      { connectionId, user, connectedAtMs, expiresAtMs, dialect },
    ]);
  });

  it.each(histories)('lets the later word stand: one that %s', async (_, words, isIn) => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    await connections.open(connection);
    for (const word of words) await say(connections, connection, word);
    const { topics } = (await connections.get(connection.connectionId)) as KnownConnection;
    expect(topics).toEqual(isIn ? [...connection.topics, room] : connection.topics);
    expect(await subscribersIn(subscriptions, connection, room)).toHaveLength(isIn ? 1 : 0);
  });

  it('goes through any number of rooms', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    await connections.open(connection);
    const rooms = Array.from({ length: 40 }, (_, number): Topic => `room:${String(number)}`);
    for (const [number, topic] of rooms.entries()) {
      await connections.follow(connection, topic, nowMs + number * 60_000);
      await connections.unfollow(connection, topic, nowMs + number * 60_000 + 1);
    }
    await connections.follow(connection, room, nowMs);
    expect(await connections.get(connection.connectionId)).toEqual({
      ...connection,
      topics: [...connection.topics, room],
    });
    for (const topic of rooms) expect(await subscribersIn(subscriptions, connection, topic)).toEqual([]);
  });

  whoIsNotThere(make);
}

function whoIsNotThere(make: () => ConnectionStores): void {
  it('keeps the rooms of one connection apart from those of another of the same user', async () => {
    const { connections, subscriptions } = make();
    const phone = aConnection();
    const laptop = aConnection({ tenant: phone.tenant, user: phone.user });
    for (const connection of [phone, laptop]) {
      await connections.open(connection);
      await connections.follow(connection, room, nowMs);
    }
    await connections.unfollow(phone, room, nowMs + 1);
    const left = await subscribersIn(subscriptions, phone, room);
    expect(left.map(({ connectionId }) => connectionId)).toEqual([laptop.connectionId]);
  });

  it('leaves the topics of the token as they are, whatever is said of them', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    await connections.open(connection);
    const before = await subscribersOf(subscriptions, connection);
    for (const topic of connection.topics) {
      expect(await connections.follow(connection, topic, nowMs)).toBe('followed');
      await connections.unfollow(connection, topic, nowMs + 1);
    }
    expect(await connections.get(connection.connectionId)).toEqual(connection);
    expect(await subscribersOf(subscriptions, connection)).toEqual(before);
    await connections.close(connection.connectionId, nowMs);
    for (const topic of connection.topics) {
      expect(await connections.follow(connection, topic, nowMs)).toBe('closed');
    }
  });

  it('removes the subscriptions of rooms with the connection, and returns it with them', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection({ dialect: 'socketio' });
    await connections.open(connection);
    await connections.follow(connection, room, nowMs);
    const joined = { ...connection, topics: [...connection.topics, room] };
    expect(await idsOf(subscriptions, joined)).toEqual(
      joined.topics.concat('presence').map(() => [connection.connectionId]),
    );
    for (const expected of [joined, joined]) {
      expect(await connections.close(connection.connectionId, nowMs)).toEqual(expected);
      expect((await subscribersOf(subscriptions, joined)).flat()).toEqual([]);
    }
  });

  it.each(['closed', 'never opened', 'anonymous'])('follows nothing for a connection that is %s', async (how) => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    const { connectionId } = connection;
    const anonymous = how === 'anonymous' ? anAnonymousConnection({ connectionId }) : null;
    if (anonymous !== null) await connections.open(anonymous);
    if (how === 'closed') {
      await connections.open(connection);
      await connections.follow(connection, room, nowMs);
      await connections.close(connectionId, nowMs);
    }
    expect(await connections.follow(connection, room, nowMs + 1)).toBe('closed');
    await connections.unfollow(connection, room, nowMs + 2);
    expect(await connections.get(connectionId)).toEqual(anonymous);
    expect(await subscribersIn(subscriptions, connection, room)).toEqual([]);
  });
}
