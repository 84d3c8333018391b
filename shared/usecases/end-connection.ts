// Ends a connection from our side: says why, closes the socket, and forgets it.
import { closingFrame } from '../domain/frames.ts';
import type { DeadlineQueue } from '../ports.ts';
import type { Failure } from '../protocol/failures.ts';
import type { Addressee, PostFramePorts } from './post-frame.ts';
import { postFrame } from './post-frame.ts';
import { lookLater } from './presence.ts';

export interface EndConnectionPorts extends PostFramePorts {
  readonly deadlines: DeadlineQueue;
}

/** @param why told to the client as its last frame; null when there is nothing to say. */
export async function endConnection(
  ports: EndConnectionPorts,
  connection: Addressee,
  why: Failure | null,
  replyTo?: string,
): Promise<void> {
  if (why !== null) await postFrame(ports, connection, closingFrame(why, replyTo), () => false);
  // The socket first: without its row a repetition would not know that it must still be closed.
  await ports.gateway.close(connection.connectionId);
  await lookLater(ports, await ports.connections.close(connection.connectionId, ports.clock.nowMs()));
}
