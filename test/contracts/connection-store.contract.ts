// What every store of connections and subscriptions must do.
import { expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import { everyone, shardOf, userTopic } from '../../shared/domain/topic.ts';
import type { ConnectionStore } from '../../shared/ports.ts';
import { dialectNames } from '../../shared/protocol/dialect-names.ts';
import { aConnection, anAnonymousConnection } from '../builders/connection.ts';
import { anIdentity } from '../builders/identity.ts';
import { unique } from '../builders/unique.ts';
import { byBytes } from '../fakes/order.ts';
import { connectionChangesContract } from './connection-changes.contract.ts';
import { roomMembershipContract } from './room-membership.contract.ts';
import type { ConnectionStores } from './subscribers.ts';
import { idsOf, subscribersOf, whole } from './subscribers.ts';

const nowMs = Date.UTC(2026, 10, 21, 9);

/** What the user's own topic, everyone and the one role of a built connection hold. */
const none = [[], [], []];
const only = ({ connectionId }: KnownConnection): readonly string[][] => [
  [connectionId],
  [connectionId],
  [connectionId],
];

/** A client can send more than one `authenticate` frame, and each can arrive twice. */
export function connectionStoreContract(make: () => ConnectionStores): void {
  it('opens a known connection with its subscriptions', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection({ roles: ['guest', 'late'] });
    expect(await connections.open(connection)).toBe('opened');
    expect(await connections.get(connection.connectionId)).toEqual(connection);
    const { connectionId, user, connectedAtMs, expiresAtMs, leaseUntilMs } = connection;
    const subscriber = { connectionId, user, connectedAtMs, expiresAtMs, dialect: 'bellhop' };
    // The user's own topic, everyone with the lease, and one for each role.
    expect(await subscribersOf(subscriptions, connection)).toEqual([
      [subscriber],
      [{ ...subscriber, leaseUntilMs }],
      [subscriber],
      [subscriber],
    ]);
  });

  it.each(dialectNames)('keeps what the socket speaks, known or not: %s', async (dialect) => {
    const { connections, subscriptions } = make();
    const known = aConnection({ dialect });
    const anonymous = anAnonymousConnection({ dialect, identity: anIdentity() });
    for (const connection of [known, anonymous]) {
      await connections.open(connection);
      expect(await connections.get(connection.connectionId)).toEqual(connection);
    }
    const subscribers = (await subscribersOf(subscriptions, known)).flat();
    expect(subscribers.map((subscriber) => subscriber.dialect)).toEqual(
      [...known.topics, ...(dialect === 'socketio' ? ['presence'] : [])].map(() => dialect),
    );
  });

  it('knows no connection that was never opened', async () => {
    expect(await make().connections.get(unique('connection'))).toBeNull();
  });

  it('opens an anonymous connection and makes it known later', async () => {
    const { connections, subscriptions } = make();
    const anonymous = anAnonymousConnection();
    expect(await connections.open(anonymous)).toBe('opened');
    expect(await connections.get(anonymous.connectionId)).toEqual(anonymous);
    const known = aConnection({ connectionId: anonymous.connectionId });
    expect(await subscribersOf(subscriptions, known)).toEqual(none);
    expect(await connections.identify(known)).toBe('identified');
    expect(await connections.get(anonymous.connectionId)).toEqual(known);
    expect(await idsOf(subscriptions, known)).toEqual(only(known));
  });

  it.each(['opening', 'identifying'])('finds the mark of an earlier close when %s', async (step) => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    await connections.close(connection.connectionId, nowMs);
    expect(await (step === 'opening' ? connections.open(connection) : connections.identify(connection))).toBe('closed');
    expect(await connections.get(connection.connectionId)).toBeNull();
    expect(await subscribersOf(subscriptions, connection)).toEqual(none);
  });

  it('does not open an anonymous connection that is closed', async () => {
    const { connections } = make();
    const anonymous = anAnonymousConnection();
    await connections.close(anonymous.connectionId, nowMs);
    expect(await connections.open(anonymous)).toBe('closed');
    expect(await connections.get(anonymous.connectionId)).toBeNull();
  });

  it('identifies nothing that was never opened', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    expect(await connections.identify(connection)).toBe('closed');
    expect(await connections.get(connection.connectionId)).toBeNull();
    expect(await subscribersOf(subscriptions, connection)).toEqual(none);
  });

  it('lets the first identity stand when a second one comes', async () => {
    const { connections, subscriptions } = make();
    const { connectionId } = anAnonymousConnection();
    const first = aConnection({ connectionId });
    await connections.open(anAnonymousConnection({ connectionId }));
    await connections.identify(first);
    const second = aConnection({ connectionId, tenant: first.tenant, user: inTheSameShard(first.user) });
    for (const late of [second, first]) {
      expect(await connections.identify(late)).toBe('closed');
      expect(await connections.get(connectionId)).toEqual(first);
    }
    const users = (await subscribersOf(subscriptions, first)).flat().map(({ user }) => user);
    expect(users).toEqual([first.user, first.user, first.user]);
    expect(await subscriptions.page(first.tenant, userTopic(second.user), 0, whole, 10)).toEqual({
      subscribers: [],
      next: null,
    });
  });

  it.each(['once', 'twice'])('closes a known connection %s, and returns it as it was', async (times) => {
    const { connections, subscriptions } = make();
    const connection = aConnection({ dialect: 'socketio', events: ['lead:new'] });
    await connections.open(connection);
    expect(await connections.close(connection.connectionId, nowMs)).toEqual(connection);
    if (times === 'twice') expect(await connections.close(connection.connectionId, nowMs)).toEqual(connection);
    expect(await connections.get(connection.connectionId)).toBeNull();
    expect((await subscribersOf(subscriptions, connection)).flat()).toEqual([]);
    expect(await connections.open(connection)).toBe('closed');
  });

  it('returns an anonymous connection that it closes, and nothing when there never was one', async () => {
    const { connections } = make();
    const anonymous = anAnonymousConnection();
    await connections.open(anonymous);
    for (const expected of [anonymous, anonymous]) {
      expect(await connections.close(anonymous.connectionId, nowMs)).toEqual(expected);
    }
    const never = unique('connection');
    for (const expected of [null, null]) expect(await connections.close(never, nowMs)).toBe(expected);
  });

  it('closes one socket of a user and leaves the others', async () => {
    const { connections, subscriptions } = make();
    const phone = aConnection();
    const laptop = aConnection({ tenant: phone.tenant, user: phone.user });
    await connections.open(phone);
    await connections.open(laptop);
    await connections.close(phone.connectionId, nowMs);
    expect(await idsOf(subscriptions, phone)).toEqual(only(laptop));
  });

  leases(make);
  subscriptionPages(make);
  connectionChangesContract(make);
  roomMembershipContract(make);
}

function leases(make: () => ConnectionStores): void {
  it('prolongs the lease of an open connection, where it is kept', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    await connections.open(connection);
    const leaseUntilMs = connection.leaseUntilMs + 1_000;
    await connections.renew(connection, leaseUntilMs);
    expect(await connections.get(connection.connectionId)).toEqual({ ...connection, leaseUntilMs });
    const leases = (await subscribersOf(subscriptions, connection)).flat().map((subscriber) => subscriber.leaseUntilMs);
    expect(leases).toEqual([undefined, leaseUntilMs, undefined]);
  });

  it('shortens no lease', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    await connections.open(connection);
    await connections.renew(connection, connection.leaseUntilMs - 1);
    expect(await connections.get(connection.connectionId)).toEqual(connection);
    expect((await subscribersOf(subscriptions, connection))[1]).toMatchObject([
      { leaseUntilMs: connection.leaseUntilMs },
    ]);
  });

  it.each(['closed', 'never opened', 'anonymous'])('leaves a connection as it is that is %s', async (how) => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    const { connectionId, leaseUntilMs } = connection;
    const anonymous = how === 'anonymous' ? anAnonymousConnection({ connectionId }) : null;
    if (anonymous !== null) await connections.open(anonymous);
    if (how === 'closed') {
      await connections.open(connection);
      await connections.close(connectionId, nowMs);
    }
    await connections.renew(connection, leaseUntilMs + 1_000);
    expect(await connections.get(connectionId)).toEqual(anonymous);
    expect(await subscribersOf(subscriptions, connection)).toEqual(none);
    if (how === 'closed') expect(await connections.open(connection)).toBe('closed');
  });

  it('leaves nothing of a connection that was renewed and is closed then', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    await connections.open(connection);
    await connections.renew(connection, connection.leaseUntilMs + 1_000);
    await connections.close(connection.connectionId, nowMs);
    expect(await connections.get(connection.connectionId)).toBeNull();
    expect(await subscribersOf(subscriptions, connection)).toEqual(none);
  });
}

function subscriptionPages(make: () => ConnectionStores): void {
  it('pages through a shard in order of connection id', async () => {
    const { connections, subscriptions } = make();
    const { tenant, user, ids } = await fiveConnections(connections);
    const pages: string[][] = [];
    let after: string | null = null;
    do {
      const page = await subscriptions.page(tenant, userTopic(user), 0, { after, through: null }, 2);
      pages.push(page.subscribers.map(({ connectionId }) => connectionId));
      after = page.next;
    } while (after !== null);
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  });

  it('reads from after one connection up to and including another, whether there are such or not', async () => {
    const { connections, subscriptions } = make();
    const { tenant, user, ids } = await fiveConnections(connections);
    // The ends of each range are one of the connections, or a name just after it.
    const ends = [null, ...ids.flatMap((id) => [id, `${id}~`])];
    const isIn = (id: string, after: string | null, through: string | null): boolean =>
      (after === null || byBytes(id, after) > 0) && (through === null || byBytes(id, through) <= 0);
    for (const after of ends) {
      for (const through of ends) {
        const page = await subscriptions.page(tenant, userTopic(user), 0, { after, through }, 2);
        const expected = ids.filter((id) => isIn(id, after, through));
        expect(page.subscribers.map(({ connectionId }) => connectionId)).toEqual(expected.slice(0, 2));
        expect(page.next).toBe(expected.length > 2 ? expected[1] : null);
      }
    }
  });

  it('ends with a page that is exactly full', async () => {
    const { connections, subscriptions } = make();
    const first = aConnection();
    await connections.open(first);
    await connections.open(aConnection({ tenant: first.tenant, user: first.user }));
    expect(await subscriptions.page(first.tenant, userTopic(first.user), 0, whole, 2)).toMatchObject({ next: null });
  });

  it('includes expired subscribers, which are for the reader to leave out', async () => {
    const { connections, subscriptions } = make();
    const expired = aConnection({ expiresAtMs: 1 });
    await connections.open(expired);
    expect(await idsOf(subscriptions, expired)).toEqual(only(expired));
  });

  it.each([
    ['a bar', 'a|b', 'c', 'a', 'b|c'],
    ['a percent sign', 'a%7Cb', 'c', 'a|b', 'c'],
    ['a topic in a name', 'a', 'b', 'a|user:b', 'b'],
  ])('keeps apart tenants and users whose names have %s', async (_, tenant, user, otherTenant, otherUser) => {
    const { connections, subscriptions } = make();
    const prefix = unique('tenant');
    const connection = aConnection({ tenant: prefix + tenant, user });
    const other = aConnection({ tenant: prefix + otherTenant, user: otherUser });
    await connections.open(connection);
    expect(await idsOf(subscriptions, connection)).toEqual(only(connection));
    expect(await subscribersOf(subscriptions, other)).toEqual(none);
  });
}

/** Five connections of one user, their ids in order. */
async function fiveConnections(connections: ConnectionStore) {
  const { tenant, user } = aConnection();
  const ids = ['c', 'a', 'B', 'é', 'd='].map((name) => unique(name));
  for (const connectionId of ids) await connections.open(aConnection({ connectionId, tenant, user }));
  return { tenant, user, ids: ids.sort(byBytes) };
}

/** Another user whose subscription to a wide topic has the same key. */
function inTheSameShard(user: string): string {
  for (;;) {
    const other = unique('user');
    if (shardOf(everyone, other) === shardOf(everyone, user)) return other;
  }
}
