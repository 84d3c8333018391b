// What every store of connections must do when the token is refreshed, and when the client selects events.
import { expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import { refreshedConnection } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, topicsOf } from '../../shared/domain/topic.ts';
import type { ConnectionStore } from '../../shared/ports.ts';
import { aConnection, anAnonymousConnection } from '../builders/connection.ts';
import { unique } from '../builders/unique.ts';
import type { ConnectionStores } from './subscribers.ts';
import { subscribersIn, subscribersOf } from './subscribers.ts';

const nowMs = Date.UTC(2026, 10, 21, 9);

export function connectionChangesContract(make: () => ConnectionStores): void {
  newerTokens(make);
  whatStays(make);
  eventSelections(make);
}

/** The same socket with another token: it lasts an hour longer, and has these roles. */
function refreshed(former: KnownConnection, roles: readonly string[]): KnownConnection {
  const { tenant, user, expiresAtMs } = former;
  const connection = refreshedConnection(former, { tenant, user, roles, tokenExpiresAtMs: expiresAtMs });
  return { ...connection, expiresAtMs: expiresAtMs + 3_600_000 };
}

async function opened(connections: ConnectionStore, given: Partial<KnownConnection> = {}): Promise<KnownConnection> {
  const connection = aConnection(given);
  await connections.open(connection);
  return connection;
}

function newerTokens(make: () => ConnectionStores): void {
  it('replaces a connection: what is new is followed, what is not named any more is not, and all lasts longer', async () => {
    const { connections, subscriptions } = make();
    const former = await opened(connections, { roles: ['early', 'both'], dialect: 'socketio' });
    const connection = refreshed(former, ['both', 'late']);
    expect(await connections.replace(connection, former)).toBe('replaced');
    expect(await connections.get(former.connectionId)).toEqual(connection);
    const { connectionId, user, connectedAtMs, expiresAtMs, dialect, leaseUntilMs } = connection;
    const subscriber = { connectionId, user, connectedAtMs, expiresAtMs, dialect };
    expect(await subscribersOf(subscriptions, connection)).toEqual([
      [subscriber],
      [{ ...subscriber, leaseUntilMs }],
      [subscriber],
      [subscriber],
      [subscriber],
    ]);
    expect(await subscribersIn(subscriptions, former, 'role:early')).toEqual([]);
  });

  it('replaces again and again, and the same again', async () => {
    const { connections, subscriptions } = make();
    const first = await opened(connections, { roles: ['a'] });
    const second = refreshed(first, ['b']);
    const third = refreshed(second, ['a']);
    for (const [connection, former] of [
      [second, first],
      [third, second],
      [third, second],
    ] as const) {
      expect(await connections.replace(connection, former)).toBe('replaced');
      expect(await connections.get(first.connectionId)).toEqual(connection);
    }
    expect(await subscribersIn(subscriptions, third, 'role:a')).toHaveLength(1);
    expect(await subscribersIn(subscriptions, third, 'role:b')).toEqual([]);
  });

  it.each(['closed', 'never opened', 'anonymous'])('replaces nothing that is %s', async (how) => {
    const { connections, subscriptions } = make();
    const former = aConnection({ roles: ['a'] });
    const anonymous = how === 'anonymous' ? anAnonymousConnection({ connectionId: former.connectionId }) : null;
    if (anonymous !== null) await connections.open(anonymous);
    if (how === 'closed') {
      await connections.open(former);
      await connections.close(former.connectionId, nowMs);
    }
    const connection = refreshed(former, ['b']);
    expect(await connections.replace(connection, former)).toBe('closed');
    expect(await connections.get(former.connectionId)).toEqual(anonymous);
    for (const each of [former, connection]) {
      expect((await subscribersOf(subscriptions, each)).flat()).toEqual([]);
    }
  });

  it('leaves nothing of a connection that was replaced and is closed then', async () => {
    const { connections, subscriptions } = make();
    const former = await opened(connections, { roles: ['a'] });
    await connections.follow(former, 'room:7', nowMs);
    const connection = refreshed({ ...former, topics: [...former.topics, 'room:7'] }, ['b']);
    await connections.replace(connection, former);
    expect(await connections.close(former.connectionId, nowMs)).toEqual(connection);
    expect((await subscribersOf(subscriptions, connection)).flat()).toEqual([]);
  });
}

function whatStays(make: () => ConnectionStores): void {
  it('keeps rooms, events and lease of a connection that it replaces, also those that the caller does not know of', async () => {
    const { connections, subscriptions } = make();
    const former = await opened(connections, { dialect: 'leads' });
    await connections.follow(former, 'room:7', nowMs);
    await connections.selectEvents(former, { add: ['lead:new'], remove: [] });
    await connections.renew(former, former.leaseUntilMs + 1_000);
    const connection = refreshed(former, ['late']);
    expect(await connections.replace(connection, former)).toBe('replaced');
    const stays = {
      ...connection,
      topics: [...connection.topics, 'room:7' as const],
      events: ['lead:new'],
      leaseUntilMs: former.leaseUntilMs + 1_000,
    };
    expect(await connections.get(former.connectionId)).toEqual(stays);
    const { expiresAtMs, events, leaseUntilMs } = stays;
    for (const topic of stays.topics) {
      const lease = topic === everyone ? { leaseUntilMs } : {};
      expect(await subscribersIn(subscriptions, former, topic)).toMatchObject([{ expiresAtMs, events, ...lease }]);
    }
  });

  it('leaves the rooms that are not for the newer token, and joins none that was left meanwhile', async () => {
    const { connections, subscriptions } = make();
    const first = await opened(connections, { roles: ['technician'] });
    const rooms: readonly Topic[] = ['room:left', 'room:open', 'room:ticket_7'];
    for (const topic of rooms) await connections.follow(first, topic, nowMs);
    const former = (await connections.get(first.connectionId)) as KnownConnection;
    await connections.unfollow(former, 'room:left', nowMs + 1);
    const connection = refreshed(former, ['guest']);
    expect(connection.topics).toEqual([...topicsOf(connection), 'room:left', 'room:open']);
    expect(await connections.replace(connection, former)).toBe('replaced');
    const topics = [...topicsOf(connection), 'room:open'];
    expect(await connections.get(former.connectionId)).toEqual({ ...connection, topics });
    const counts = await Promise.all(rooms.map(async (topic) => subscribersIn(subscriptions, former, topic)));
    expect(counts.map(({ length }) => length)).toEqual([0, 1, 0]);
  });

  it.each([
    ['of the same moment', 0, 1],
    ['of a moment before', -1, 0],
  ])('joins a room again that was left with the token, by a word %s: %s ms', async (_, laterMs, count) => {
    const { connections, subscriptions } = make();
    const first = await opened(connections, { roles: ['technician'] });
    await connections.follow(first, 'room:ticket_7', nowMs);
    const former = (await connections.get(first.connectionId)) as KnownConnection;
    await connections.replace(refreshed(former, ['guest']), former);
    await connections.follow(former, 'room:ticket_7', nowMs + laterMs);
    expect(await subscribersIn(subscriptions, former, 'room:ticket_7')).toHaveLength(count);
  });
}

function eventSelections(make: () => ConnectionStores): void {
  it('has selected no events at first', async () => {
    const { connections, subscriptions } = make();
    const connection = await opened(connections, { dialect: 'leads' });
    expect(await connections.get(connection.connectionId)).not.toHaveProperty('events');
    for (const subscriber of (await subscribersOf(subscriptions, connection)).flat()) {
      expect(subscriber).not.toHaveProperty('events');
    }
  });

  const cases: readonly (readonly [
    string,
    readonly (readonly [add: string[], remove: string[]])[],
    readonly string[],
  ])[] = [
    ['some, in order', [[['b', 'a'], []]], ['a', 'b']],
    [
      'more later',
      [
        [['b'], []],
        [['a', 'b'], []],
      ],
      ['a', 'b'],
    ],
    [
      'others instead',
      [
        [['a', 'b'], []],
        [['c'], ['a', 'x']],
      ],
      ['b', 'c'],
    ],
    ['what is removed and added at once', [[['a'], ['a']]], ['a']],
    [
      'none any more',
      [
        [['a'], []],
        [[], ['a']],
      ],
      [],
    ],
    ['none of what was not selected', [[[], ['a']]], []],
    [
      'the same when nothing changes',
      [
        [['a'], []],
        [[], []],
      ],
      ['a'],
    ],
  ];

  it.each(cases)('selects %s', async (_, changes, expected) => {
    const { connections, subscriptions } = make();
    const connection = await opened(connections, { dialect: 'leads' });
    await connections.follow(connection, 'room:7', nowMs);
    let selected: readonly string[] = [];
    for (const [add, remove] of changes) selected = await connections.selectEvents(connection, { add, remove });
    expect(selected).toEqual(expected);
    const standing = (await connections.get(connection.connectionId)) as KnownConnection;
    const subscribers = (await subscribersOf(subscriptions, standing)).flat();
    expect(subscribers).toHaveLength(4);
    for (const { events } of [standing, ...subscribers]) {
      expect(events).toEqual(expected.length === 0 ? undefined : expected);
    }
  });

  it('selects for one connection and no other', async () => {
    const { connections, subscriptions } = make();
    const phone = await opened(connections);
    const laptop = await opened(connections, { tenant: phone.tenant, user: phone.user });
    await connections.selectEvents(phone, { add: ['a'], remove: [] });
    const subscribers = (await subscribersOf(subscriptions, laptop)).flat();
    for (const { connectionId, events } of subscribers) {
      expect(events).toEqual(connectionId === phone.connectionId ? ['a'] : undefined);
    }
  });

  it('selects for a room that is joined later', async () => {
    const { connections, subscriptions } = make();
    const connection = await opened(connections);
    await connections.selectEvents(connection, { add: ['a'], remove: [] });
    await connections.follow(connection, 'room:7', nowMs);
    expect(await subscribersIn(subscriptions, connection, 'room:7')).toMatchObject([{ events: ['a'] }]);
  });

  it('keeps all that is selected at once', async () => {
    const { connections, subscriptions } = make();
    const connection = await opened(connections);
    const events = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    await Promise.all(events.map(async (event) => connections.selectEvents(connection, { add: [event], remove: [] })));
    expect(await connections.get(connection.connectionId)).toMatchObject({ events });
    for (const subscriber of (await subscribersOf(subscriptions, connection)).flat()) {
      expect(subscriber.events).toEqual(events);
    }
  });

  it.each(['closed', 'never opened', 'anonymous'])('selects nothing for one that is %s', async (how) => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    const { connectionId } = connection;
    const anonymous = how === 'anonymous' ? anAnonymousConnection({ connectionId }) : null;
    if (anonymous !== null) await connections.open(anonymous);
    if (how === 'closed') {
      await connections.open(connection);
      await connections.close(connectionId, nowMs);
    }
    expect(await connections.selectEvents(connection, { add: [unique('event')], remove: ['a'] })).toEqual([]);
    expect(await connections.get(connectionId)).toEqual(anonymous);
    expect((await subscribersOf(subscriptions, connection)).flat()).toEqual([]);
  });
}
