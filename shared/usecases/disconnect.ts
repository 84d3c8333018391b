// A socket closed: its connection and subscriptions go, and a mark stays in case its connect is still under way.
import type { Clock, ConnectionStore, DeadlineQueue } from '../ports.ts';
import { lookLater } from './presence.ts';

export interface DisconnectPorts {
  readonly connections: ConnectionStore;
  readonly deadlines: DeadlineQueue;
  readonly clock: Clock;
}

export async function disconnect(ports: DisconnectPorts, connectionId: string): Promise<void> {
  await lookLater(ports, await ports.connections.close(connectionId, ports.clock.nowMs()));
}
