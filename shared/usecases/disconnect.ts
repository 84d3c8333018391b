// A socket closed: its connection and subscriptions go, and a mark stays in case its connect is still under way.
import type { Clock, ConnectionStore } from '../ports.ts';

export async function disconnect(
  ports: { readonly connections: ConnectionStore; readonly clock: Clock },
  connectionId: string,
): Promise<void> {
  await ports.connections.close(connectionId, ports.clock.nowMs());
}
