// Connections and their subscriptions in memory.
import type { Connection, KnownConnection, Subscriber } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone } from '../../shared/domain/topic.ts';
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

export function fakeStores(): FakeStores {
  const rows = new Map<string, Connection | 'closed'>();
  const shards = new Map<string, OrderedMap<KnownConnection>>();
  const followersIn = (name: string): OrderedMap<KnownConnection> =>
    getOrMake(shards, name, () => orderedMap<KnownConnection>());
  const shardsOf = (row: Connection | 'closed' | undefined): readonly OrderedMap<KnownConnection>[] => {
    if (row === undefined || row === 'closed' || row.state === 'anonymous') return [];
    const { tenant, user, topics } = row;
    return topics.map((topic) => followersIn(shardName(tenant, topic, cachedShardOf(topic, user))));
  };
  /** Puts the row, and its subscriptions in place of those of the row before. */
  const put = (connectionId: string, row: Connection | 'closed'): void => {
    for (const shard of shardsOf(rows.get(connectionId))) shard.delete(connectionId);
    rows.set(connectionId, row);
    if (row === 'closed' || row.state === 'anonymous') return;
    for (const shard of shardsOf(row)) shard.set(connectionId, row);
  };
  const find = (connectionId: string): Connection | null => {
    const row = rows.get(connectionId);
    return row === undefined || row === 'closed' ? null : row;
  };
  return {
    connections: {
      open: async (connection) => {
        const isFree = !rows.has(connection.connectionId);
        if (isFree) put(connection.connectionId, connection);
        return Promise.resolve(isFree ? 'opened' : 'closed');
      },
      identify: async (connection) => {
        const isAnonymous = find(connection.connectionId)?.state === 'anonymous';
        if (isAnonymous) put(connection.connectionId, connection);
        return Promise.resolve(isAnonymous ? 'identified' : 'closed');
      },
      get: async (connectionId) => Promise.resolve(find(connectionId)),
      renew: async ({ connectionId }, leaseUntilMs) => {
        const row = find(connectionId);
        if (row?.state === 'known' && row.leaseUntilMs < leaseUntilMs) put(connectionId, { ...row, leaseUntilMs });
        return Promise.resolve();
      },
      close: async (connectionId) => {
        put(connectionId, 'closed');
        return Promise.resolve();
      },
    },
    subscriptions: {
      page: async (tenant, topic, shard, { after, through }, limit) => {
        const { items, next } = followersIn(shardName(tenant, topic, shard)).page(after, through, limit);
        return Promise.resolve({ subscribers: items.map((row) => subscriberOf(row, topic)), next });
      },
    },
    open: () => [...rows.values()].filter((row) => row !== 'closed'),
  };
}

function subscriberOf(row: KnownConnection, topic: Topic): Subscriber {
  const { connectionId, user, connectedAtMs, expiresAtMs, leaseUntilMs } = row;
  return { connectionId, user, connectedAtMs, expiresAtMs, ...(topic === everyone ? { leaseUntilMs } : {}) };
}
