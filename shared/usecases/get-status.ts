// The state of a tenant's notification service: who is connected, what waits, what could not be processed.
import { isPresent } from '../domain/connection.ts';
import type { ServiceStatus } from '../domain/report.ts';
import { everyone, shardCount } from '../domain/topic.ts';
import type { Clock, QueueDepths, SubscriptionStore } from '../ports.ts';
import { fanOutLimits } from '../protocol/limits.ts';

export interface GetStatusPorts {
  readonly subscriptions: SubscriptionStore;
  readonly depths: QueueDepths;
  readonly clock: Clock;
}

/** Connections and users are the tenant's own; the queue is shared by all tenants. SQS depths are approximate. */
export async function getStatus(ports: GetStatusPorts, tenant: string): Promise<ServiceStatus> {
  const atMs = ports.clock.nowMs();
  const shards = Array.from({ length: shardCount(everyone) }, (_, shard) => shard);
  const [depths, ...counted] = await Promise.all([
    ports.depths.depths(),
    ...shards.map((shard) => countShard(ports, tenant, shard, atMs)),
  ]);
  return {
    connections: counted.reduce((sum, shard) => sum + shard.connections, 0),
    // A user's connections are all in one shard, so users of two shards are never the same.
    users: counted.reduce((sum, shard) => sum + shard.users, 0),
    queue: { waiting: depths.waiting, inFlight: depths.inFlight },
    deadLetters: depths.deadLetters,
    atMs,
  };
}

async function countShard(
  ports: GetStatusPorts,
  tenant: string,
  shard: number,
  nowMs: number,
): Promise<{ readonly connections: number; readonly users: number }> {
  const { connectionsPerPage } = fanOutLimits;
  const users = new Set<string>();
  let connections = 0;
  let after: string | null = null;
  do {
    const page = await ports.subscriptions.page(tenant, everyone, shard, { after, through: null }, connectionsPerPage);
    for (const subscriber of page.subscribers) {
      if (!isPresent(subscriber, nowMs)) continue;
      connections += 1;
      users.add(subscriber.user);
    }
    after = page.next;
  } while (after !== null);
  return { connections, users: users.size };
}
