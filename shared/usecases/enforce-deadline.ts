// A socket's time to authenticate is over: whoever is still anonymous is told so and closed.
import { errorFrame } from '../domain/frames.ts';
import type { Clock, ConnectionGateway, ConnectionStore } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import type { DeadlineMessage } from '../protocol/queue-messages.ts';

export interface EnforceDeadlinePorts {
  readonly connections: ConnectionStore;
  readonly gateway: ConnectionGateway;
  readonly clock: Clock;
}

export async function enforceDeadline(ports: EnforceDeadlinePorts, message: DeadlineMessage): Promise<void> {
  const connection = await ports.connections.get(message.connectionId);
  if (connection?.state !== 'anonymous') return;
  const refusal = new Failure('unauthenticated', {
    message: 'no authenticate frame came in time, so the connection is closed',
    remedy: 'Connect again with ?token=…, or send the authenticate frame within ten seconds.',
  });
  await ports.gateway.post(connection.connectionId, JSON.stringify(errorFrame(refusal, undefined)));
  // The socket first: without its row a repetition would not know that it must still be closed.
  await ports.gateway.close(connection.connectionId);
  await ports.connections.close(connection.connectionId, ports.clock.nowMs());
}
