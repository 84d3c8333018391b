// Who is there: the users of a tenant with a connection whose lease holds, and one user's connections.
import type { KnownConnection, Subscriber } from '../domain/connection.ts';
import { isPresent } from '../domain/connection.ts';
import { everyone, shardCount } from '../domain/topic.ts';
import type { ConnectionStore } from '../ports.ts';
import { fanOutLimits } from '../protocol/limits.ts';
import type { SubscribersOfPorts } from './subscribers-of.ts';
import { subscribersOf } from './subscribers-of.ts';

export interface PresentUser {
  readonly user: string;
  readonly connections: readonly Subscriber[];
}

/** Every user who is there, in order of the name. Reads one subscription for each connection of the tenant. */
export async function listPresent(ports: SubscribersOfPorts, tenant: string): Promise<readonly PresentUser[]> {
  const shards = Array.from({ length: shardCount(everyone) }, (_, shard) => shard);
  const found = await Promise.all(shards.map(async (shard) => presentIn(ports, tenant, shard)));
  // A user's connections are all in one shard, so users of two shards are never the same.
  return found.flat().sort((one, other) => (one.user < other.user ? -1 : 1));
}

async function presentIn(ports: SubscribersOfPorts, tenant: string, shard: number): Promise<readonly PresentUser[]> {
  const { connectionsPerPage } = fanOutLimits;
  const nowMs = ports.clock.nowMs();
  const byUser = new Map<string, Subscriber[]>();
  let after: string | null = null;
  do {
    const page = await ports.subscriptions.page(tenant, everyone, shard, { after, through: null }, connectionsPerPage);
    for (const subscriber of page.subscribers) {
      if (!isPresent(subscriber, nowMs)) continue;
      byUser.set(subscriber.user, [...(byUser.get(subscriber.user) ?? []), subscriber]);
    }
    after = page.next;
  } while (after !== null);
  return [...byUser].map(([user, connections]) => ({ user, connections }));
}

export interface ConnectionsOfPorts extends SubscribersOfPorts {
  readonly connections: ConnectionStore;
}

/** The connections of one user whose lease holds. */
export async function presentConnections(
  ports: ConnectionsOfPorts,
  tenant: string,
  user: string,
): Promise<readonly KnownConnection[]> {
  const subscribers = await subscribersOf(ports, tenant, user);
  const rows = await Promise.all(subscribers.map(async ({ connectionId }) => ports.connections.get(connectionId)));
  const nowMs = ports.clock.nowMs();
  return rows.filter((row): row is KnownConnection => row?.state === 'known' && isPresent(row, nowMs));
}
