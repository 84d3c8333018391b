// The opener: greets a new connection as soon as the gateway lets it, then sends what its user missed.
import { openingBackoffMs } from '../domain/backoff.ts';
import type { KnownConnection } from '../domain/connection.ts';
import { isExpired } from '../domain/connection.ts';
import { connectedFrame } from '../domain/frames.ts';
import { topicsOf } from '../domain/topic.ts';
import type { CursorStore } from '../ports.ts';
import { connectionLimits } from '../protocol/limits.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { SendMissedPorts } from './send-missed.ts';
import { sendMissed } from './send-missed.ts';

export interface OpenConnectionPorts extends SendMissedPorts {
  readonly cursors: CursorStore;
}

/** Does nothing for a connection that is gone, expired or not yet known. Safe to repeat: clients tell by sequence what they have. */
export async function openConnection(ports: OpenConnectionPorts, connectionId: string, goOn: GoOn): Promise<void> {
  const connection = await ports.connections.get(connectionId);
  if (connection?.state !== 'known' || isExpired(connection, ports.clock.nowMs())) return;
  await greet(ports, connection, goOn);
}

/** Says who the connection is and where its user stands, then sends everything after that. */
export async function greet(
  ports: OpenConnectionPorts,
  connection: KnownConnection,
  goOn: GoOn,
  replyTo?: string,
): Promise<void> {
  const { tenant, user } = connection;
  const cursors = await ports.cursors.get(
    tenant,
    topicsOf(user).map((topic) => ({ topic, user })),
  );
  const positions = cursors.flatMap((cursor) =>
    cursor === null ? [] : [{ topic: cursor.topic, epoch: cursor.epoch, seq: cursor.deliveredSeq }],
  );
  const greeting = JSON.stringify(connectedFrame(connection, positions, replyTo));
  if (!(await postWhenOpen(ports, connection.connectionId, greeting))) {
    // The socket first: a client whose socket stays open without a greeting would wait in vain.
    await ports.gateway.close(connection.connectionId);
    await ports.connections.close(connection.connectionId, ports.clock.nowMs());
    return;
  }
  await sendMissed(ports, connection, positions, goOn);
}

/** The gateway answers `gone` until `$connect` has returned, so that answer is tried again for a while. */
async function postWhenOpen(ports: OpenConnectionPorts, connectionId: string, frame: string): Promise<boolean> {
  const untilMs = ports.clock.nowMs() + connectionLimits.greetWithinMs;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await ports.gateway.post(connectionId, frame);
    if (outcome === 'posted') return true;
    if (outcome === 'too_large') throw new Error('the greeting is larger than the gateway takes');
    if (ports.clock.nowMs() >= untilMs) return false;
    await ports.clock.wait(openingBackoffMs(attempt));
  }
}
