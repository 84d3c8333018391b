// What every store of connections and subscriptions must do.
import { expect, it } from 'vitest';
import type { KnownConnection, Subscriber } from '../../shared/domain/connection.ts';
import { everyone, shardOf, topicsOf, userTopic } from '../../shared/domain/topic.ts';
import type { ConnectionStore, SubscriptionStore } from '../../shared/ports.ts';
import { aConnection, anAnonymousConnection } from '../builders/connection.ts';
import { unique } from '../builders/unique.ts';

export interface ConnectionStores {
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionStore;
}

const nowMs = Date.UTC(2026, 10, 21, 9);

/** A client can send more than one `authenticate` frame, and each can arrive twice. */
export function connectionStoreContract(make: () => ConnectionStores): void {
  it('opens a known connection with its subscriptions', async () => {
    const { connections, subscriptions } = make();
    const connection = aConnection({ roles: ['guest', 'late'] });
    expect(await connections.open(connection)).toBe('opened');
    expect(await connections.get(connection.connectionId)).toEqual(connection);
    const { connectionId, user, connectedAtMs, expiresAtMs } = connection;
    const subscriber = { connectionId, user, connectedAtMs, expiresAtMs };
    expect(await subscribersOf(subscriptions, connection)).toEqual([[subscriber], [subscriber]]);
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
    expect(await subscribersOf(subscriptions, known)).toEqual([[], []]);
    expect(await connections.identify(known)).toBe('identified');
    expect(await connections.get(anonymous.connectionId)).toEqual(known);
    expect(await idsOf(subscriptions, known)).toEqual([[known.connectionId], [known.connectionId]]);
  });

  it.each(['opening', 'identifying'])('finds the mark of an earlier close when %s', async (step) => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    await connections.close(connection.connectionId, nowMs);
    expect(await (step === 'opening' ? connections.open(connection) : connections.identify(connection))).toBe('closed');
    expect(await connections.get(connection.connectionId)).toBeNull();
    expect(await subscribersOf(subscriptions, connection)).toEqual([[], []]);
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
    expect(await subscribersOf(subscriptions, connection)).toEqual([[], []]);
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
    expect((await subscribersOf(subscriptions, first)).flat().map(({ user }) => user)).toEqual([
      first.user,
      first.user,
    ]);
    expect((await subscriptions.page(first.tenant, userTopic(second.user), 0, null, 10)).subscribers).toEqual([]);
  });

  it.each(['once', 'twice'])('closes a known connection %s', async (times) => {
    const { connections, subscriptions } = make();
    const connection = aConnection();
    await connections.open(connection);
    await connections.close(connection.connectionId, nowMs);
    if (times === 'twice') await connections.close(connection.connectionId, nowMs);
    expect(await connections.get(connection.connectionId)).toBeNull();
    expect(await subscribersOf(subscriptions, connection)).toEqual([[], []]);
    expect(await connections.open(connection)).toBe('closed');
  });

  it('closes one socket of a user and leaves the others', async () => {
    const { connections, subscriptions } = make();
    const phone = aConnection();
    const laptop = aConnection({ tenant: phone.tenant, user: phone.user });
    await connections.open(phone);
    await connections.open(laptop);
    await connections.close(phone.connectionId, nowMs);
    expect(await idsOf(subscriptions, phone)).toEqual([[laptop.connectionId], [laptop.connectionId]]);
  });

  subscriptionPages(make);
}

function subscriptionPages(make: () => ConnectionStores): void {
  it('pages through a shard in order of connection id', async () => {
    const { connections, subscriptions } = make();
    const { tenant, user } = aConnection();
    const ids = ['c', 'a', 'B', 'é', 'd='].map((name) => unique(name));
    for (const connectionId of ids) await connections.open(aConnection({ connectionId, tenant, user }));
    const inOrder = [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const pages: string[][] = [];
    let after: string | null = null;
    do {
      const page = await subscriptions.page(tenant, userTopic(user), 0, after, 2);
      pages.push(page.subscribers.map(({ connectionId }) => connectionId));
      after = page.next;
    } while (after !== null);
    expect(pages).toEqual([inOrder.slice(0, 2), inOrder.slice(2, 4), inOrder.slice(4)]);
  });

  it('ends with a page that is exactly full', async () => {
    const { connections, subscriptions } = make();
    const first = aConnection();
    await connections.open(first);
    await connections.open(aConnection({ tenant: first.tenant, user: first.user }));
    expect(await subscriptions.page(first.tenant, userTopic(first.user), 0, null, 2)).toMatchObject({ next: null });
  });

  it('includes expired subscribers, which are for the reader to leave out', async () => {
    const { connections, subscriptions } = make();
    const expired = aConnection({ expiresAtMs: 1 });
    await connections.open(expired);
    expect(await idsOf(subscriptions, expired)).toEqual([[expired.connectionId], [expired.connectionId]]);
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
    expect(await idsOf(subscriptions, connection)).toEqual([[connection.connectionId], [connection.connectionId]]);
    expect(await subscribersOf(subscriptions, other)).toEqual([[], []]);
  });
}

/** The subscribers of both of a user's topics. */
async function subscribersOf(
  subscriptions: SubscriptionStore,
  { tenant, user }: KnownConnection,
): Promise<readonly (readonly Subscriber[])[]> {
  const pages = topicsOf(user).map((topic) => subscriptions.page(tenant, topic, shardOf(topic, user), null, 100));
  return (await Promise.all(pages)).map(({ subscribers }) => subscribers);
}

async function idsOf(subscriptions: SubscriptionStore, connection: KnownConnection): Promise<readonly string[][]> {
  return (await subscribersOf(subscriptions, connection)).map((page) => page.map(({ connectionId }) => connectionId));
}

/** Another user whose subscription to a wide topic has the same key. */
function inTheSameShard(user: string): string {
  for (;;) {
    const other = unique('user');
    if (shardOf(everyone, other) === shardOf(everyone, user)) return other;
  }
}
