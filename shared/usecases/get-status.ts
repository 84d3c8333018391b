// The state of a tenant's notification service: who is connected, what waits, what could not be processed.
import type { ServiceStatus } from '../domain/report.ts';
import type { Clock, QueueDepths, SubscriptionStore } from '../ports.ts';
import { listPresent } from './list-present.ts';

export interface GetStatusPorts {
  readonly subscriptions: SubscriptionStore;
  readonly depths: QueueDepths;
  readonly clock: Clock;
}

/** Connections and users are the tenant's own; the queue is shared by all tenants. SQS depths are approximate. */
export async function getStatus(ports: GetStatusPorts, tenant: string): Promise<ServiceStatus> {
  const atMs = ports.clock.nowMs();
  const [depths, present] = await Promise.all([ports.depths.depths(), listPresent(ports, tenant)]);
  return {
    connections: present.reduce((sum, { connections }) => sum + connections.length, 0),
    users: present.length,
    queue: { waiting: depths.waiting, inFlight: depths.inFlight },
    deadLetters: depths.deadLetters,
    atMs,
  };
}
