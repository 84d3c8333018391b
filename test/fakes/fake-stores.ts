// Connections and their subscriptions in memory.
import type { Connection, KnownConnection, Subscriber } from '../../shared/domain/connection.ts';
import { subscribedTopics } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, topicsOf } from '../../shared/domain/topic.ts';
import type { ConnectionStore, SubscriptionStore } from '../../shared/ports.ts';
import type { OrderedMap } from './order.ts';
import { orderedMap } from './order.ts';
import { cachedShardOf, getOrMake, shardName } from './shards.ts';

export interface FakeStores {
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionStore;
  /** Every connection that is open, known or not. */
  readonly open: () => readonly Connection[];
}

interface Row {
  /** As it was opened, identified or replaced, without rooms and events; null when it was closed before. */
  readonly connection: Connection | null;
  readonly isClosed: boolean;
  readonly rooms: ReadonlyMap<Topic, RoomMark>;
  readonly events: ReadonlySet<string>;
}

/** The last word on one room; that it was left is remembered, so that no earlier word makes it joined again. */
interface RoomMark {
  readonly atMs: number;
  readonly isJoined: boolean;
}

export function fakeStores(): FakeStores {
  const tables = fakeTables();
  return {
    connections: fakeConnections(tables),
    subscriptions: {
      page: async (tenant, topic, shard, { after, through }, limit) => {
        const { items, next } = tables.followersIn(shardName(tenant, topic, shard)).page(after, through, limit);
        return Promise.resolve({ subscribers: items.map((row) => subscriberOf(row, topic)), next });
      },
    },
    open: () =>
      tables
        .all()
        .map(openConnection)
        .filter((connection) => connection !== null),
  };
}

function fakeConnections({ find, put, change, rowOf }: ReturnType<typeof fakeTables>): ConnectionStore {
  return {
    open: async (connection) => {
      const isFree = rowOf(connection.connectionId) === undefined;
      if (isFree) put(connection.connectionId, newRow(connection));
      return Promise.resolve(isFree ? 'opened' : 'closed');
    },
    identify: async (connection) => {
      const isAnonymous = find(connection.connectionId)?.state === 'anonymous';
      if (isAnonymous) put(connection.connectionId, newRow(connection));
      return Promise.resolve(isAnonymous ? 'identified' : 'closed');
    },
    get: async (connectionId) => Promise.resolve(find(connectionId)),
    renew: async ({ connectionId }, leaseUntilMs) => {
      change(connectionId, (row, connection) =>
        connection.leaseUntilMs < leaseUntilMs ? { ...row, connection: { ...connection, leaseUntilMs } } : row,
      );
      return Promise.resolve();
    },
    replace: async (connection, former) => {
      const isReplaced = change(connection.connectionId, (row, standing) =>
        replaced(row, standing, connection, former),
      );
      return Promise.resolve(isReplaced ? 'replaced' : 'closed');
    },
    follow: async ({ connectionId }, topic, atMs) => {
      const isFollowed = change(connectionId, (row) => withRoom(row, topic, { atMs, isJoined: true }));
      return Promise.resolve(isFollowed ? 'followed' : 'closed');
    },
    unfollow: async ({ connectionId }, topic, atMs) => {
      change(connectionId, (row) => withRoom(row, topic, { atMs, isJoined: false }));
      return Promise.resolve();
    },
    selectEvents: async ({ connectionId }, { add, remove }) => {
      let events: readonly string[] = [];
      change(connectionId, (row) => {
        const kept = [...row.events].filter((event) => !remove.includes(event));
        events = [...new Set([...kept, ...add])].sort();
        return { ...row, events: new Set(events) };
      });
      return Promise.resolve(events);
    },
    close: async (connectionId) => {
      const row = rowOf(connectionId) ?? newRow(null);
      put(connectionId, { ...row, isClosed: true });
      return Promise.resolve(connectionOf(row));
    },
  };
}

/** The rows and, made from them, the subscriptions. */
function fakeTables() {
  const rows = new Map<string, Row>();
  const shards = new Map<string, OrderedMap<KnownConnection>>();
  const followersIn = (name: string): OrderedMap<KnownConnection> =>
    getOrMake(shards, name, () => orderedMap<KnownConnection>());
  const shardsOf = (connection: Connection | null): readonly OrderedMap<KnownConnection>[] => {
    if (connection?.state !== 'known') return [];
    const { tenant, user } = connection;
    return subscribedTopics(connection).map((topic) =>
      followersIn(shardName(tenant, topic, cachedShardOf(topic, user))),
    );
  };
  const find = (connectionId: string): Connection | null => openConnection(rows.get(connectionId));
  /** Puts the row, and its subscriptions in place of those of the row before. */
  const put = (connectionId: string, row: Row): void => {
    for (const shard of shardsOf(find(connectionId))) shard.delete(connectionId);
    rows.set(connectionId, row);
    const connection = openConnection(row);
    if (connection?.state !== 'known') return;
    for (const shard of shardsOf(connection)) shard.set(connectionId, connection);
  };
  /** Changes the row of a known connection that is open; false when there is none. */
  const change = (connectionId: string, changed: (row: Row, connection: KnownConnection) => Row): boolean => {
    const row = rows.get(connectionId);
    if (row === undefined || row.isClosed || row.connection?.state !== 'known') return false;
    put(connectionId, changed(row, row.connection));
    return true;
  };
  return {
    find,
    put,
    change,
    followersIn,
    rowOf: (connectionId: string): Row | undefined => rows.get(connectionId),
    all: (): readonly Row[] => [...rows.values()],
  };
}

function newRow(opened: Connection | null): Row {
  const row = { connection: opened, isClosed: false, rooms: new Map<Topic, RoomMark>(), events: new Set<string>() };
  if (opened?.state !== 'known') return row;
  const { events = [], ...connection } = opened;
  return { ...row, connection, events: new Set(events) };
}

function openConnection(row: Row | undefined): Connection | null {
  return row === undefined || row.isClosed ? null : connectionOf(row);
}

/** With its rooms after the topics of its token, in order of their names. */
function connectionOf({ connection, rooms, events }: Row): Connection | null {
  if (connection?.state !== 'known') return connection;
  const joined = [...rooms].flatMap(([topic, { isJoined }]) => (isJoined ? [topic] : []));
  const topics = [...connection.topics, ...joined.sort()];
  return { ...connection, topics, ...(events.size === 0 ? {} : { events: [...events].sort() }) };
}

/** The later word stands, and of two of one moment the one that came last. The topics of the token are no rooms. */
function withRoom(row: Row, topic: Topic, mark: RoomMark): Row {
  const standing = row.rooms.get(topic);
  const isOwn = row.connection?.state === 'known' && row.connection.topics.includes(topic);
  if (isOwn || (standing !== undefined && standing.atMs > mark.atMs)) return row;
  return { ...row, rooms: new Map([...row.rooms, [topic, mark]]) };
}

/** What a newer token can change, and nothing else. Rooms that the caller knew of and no longer names are left. */
function replaced(row: Row, standing: KnownConnection, connection: KnownConnection, former: KnownConnection): Row {
  const { expiresAtMs, roles, topics } = connection;
  const isLost = (topic: Topic): boolean => former.topics.includes(topic) && !topics.includes(topic);
  const rooms = [...row.rooms].map(
    ([topic, mark]) => [topic, isLost(topic) ? { ...mark, isJoined: false } : mark] as const,
  );
  return {
    ...row,
    connection: { ...standing, expiresAtMs, roles, topics: topicsOf(connection) },
    rooms: new Map(rooms),
  };
}

function subscriberOf(row: KnownConnection, topic: Topic): Subscriber {
  const { connectionId, user, connectedAtMs, expiresAtMs, dialect, events, leaseUntilMs } = row;
  return {
    connectionId,
    user,
    connectedAtMs,
    expiresAtMs,
    dialect,
    ...(events === undefined ? {} : { events }),
    ...(topic === everyone ? { leaseUntilMs } : {}),
  };
}
