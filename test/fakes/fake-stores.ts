// Connections and their subscriptions in memory.
import type { Connection, KnownConnection } from '../../shared/domain/connection.ts';
import { shardOf } from '../../shared/domain/topic.ts';
import type { ConnectionStore, SubscriptionStore } from '../../shared/ports.ts';
import { pageAfter } from './order.ts';

export interface FakeStores {
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionStore;
  /** Every connection that is open, known or not. */
  readonly open: () => readonly Connection[];
}

export function fakeStores(): FakeStores {
  const rows = new Map<string, Connection | 'closed'>();
  const openOnes = (): Connection[] => [...rows.values()].filter((row) => row !== 'closed');
  return {
    connections: {
      open: async (connection) => {
        const isFree = !rows.has(connection.connectionId);
        if (isFree) rows.set(connection.connectionId, connection);
        return Promise.resolve(isFree ? 'opened' : 'closed');
      },
      identify: async (connection) => {
        const row = rows.get(connection.connectionId);
        const isAnonymous = row !== undefined && row !== 'closed' && row.state === 'anonymous';
        if (isAnonymous) rows.set(connection.connectionId, connection);
        return Promise.resolve(isAnonymous ? 'identified' : 'closed');
      },
      get: async (connectionId) => {
        const row = rows.get(connectionId);
        return Promise.resolve(row === undefined || row === 'closed' ? null : row);
      },
      close: async (connectionId) => {
        rows.set(connectionId, 'closed');
        return Promise.resolve();
      },
    },
    subscriptions: {
      // A subscription is nothing of its own here: whoever is open and known follows its topics.
      page: async (tenant, topic, shard, after, limit) => {
        const followers = openOnes().filter(
          (row): row is KnownConnection =>
            row.state === 'known' &&
            row.tenant === tenant &&
            row.topics.includes(topic) &&
            shardOf(topic, row.user) === shard,
        );
        const { items, next } = pageAfter(followers, ({ connectionId }) => connectionId, after, limit);
        const subscribers = items.map(({ connectionId, user, connectedAtMs, expiresAtMs }) => ({
          connectionId,
          user,
          connectedAtMs,
          expiresAtMs,
        }));
        return Promise.resolve({ subscribers, next });
      },
    },
    open: openOnes,
  };
}
