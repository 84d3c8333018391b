// The opener: greets a new connection as soon as the gateway lets it, then sends what its user missed.
import { openingBackoffMs } from '../domain/backoff.ts';
import type { KnownConnection } from '../domain/connection.ts';
import { isExpired } from '../domain/connection.ts';
import { connectedFrame } from '../domain/frames.ts';
import type { TopicPosition } from '../domain/log.ts';
import { connectionLimits } from '../protocol/limits.ts';
import { countUnread } from './count-unread.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { SendMissedPorts } from './send-missed.ts';
import { sendMissed } from './send-missed.ts';
import type { Standing } from './standing-cursors.ts';
import { standingCursors } from './standing-cursors.ts';

/** Does nothing for a connection that is gone, expired or not yet known. Safe to repeat: clients tell by sequence what they have. */
export async function openConnection(ports: SendMissedPorts, connectionId: string, goOn: GoOn): Promise<void> {
  const connection = await ports.connections.get(connectionId);
  if (connection?.state !== 'known' || isExpired(connection, ports.clock.nowMs())) return;
  await greet(ports, connection, goOn);
}

/** Says who the connection is and where its user stands, then sends everything after that. */
export async function greet(
  ports: SendMissedPorts,
  connection: KnownConnection,
  goOn: GoOn,
  replyTo?: string,
): Promise<void> {
  const { tenant, user } = connection;
  const standings = await standingCursors(ports, tenant, user, connection.topics);
  const lacking = standings.map((standing) => ({ standing, from: acknowledgedPosition(standing) }));
  const unread = await Promise.all(standings.map(async (standing) => countUnread(ports, standing)));
  const positions = lacking.map(({ from }) => from);
  const greeting = JSON.stringify(connectedFrame(connection, positions, unread, replyTo));
  if (!(await postWhenOpen(ports, connection.connectionId, greeting))) {
    // The socket first: a client whose socket stays open without a greeting would wait in vain.
    await ports.gateway.close(connection.connectionId);
    await ports.connections.close(connection.connectionId, ports.clock.nowMs());
    return;
  }
  await sendMissed(ports, connection, lacking, goOn);
}

function acknowledgedPosition({ cursor, head }: Standing): TopicPosition {
  // A log that lost its end without a new epoch must not be waited for up to where it was.
  return { topic: cursor.topic, epoch: cursor.epoch, seq: Math.min(cursor.deliveredSeq, head.seq) };
}

/** The gateway answers `gone` until `$connect` has returned, so that answer is tried again for a while. */
async function postWhenOpen(ports: SendMissedPorts, connectionId: string, frame: string): Promise<boolean> {
  const untilMs = ports.clock.nowMs() + connectionLimits.greetWithinMs;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await ports.gateway.post(connectionId, frame);
    if (outcome === 'posted') return true;
    if (outcome === 'too_large') throw new Error('the greeting is larger than the gateway takes');
    if (ports.clock.nowMs() >= untilMs) return false;
    await ports.clock.wait(openingBackoffMs(attempt));
  }
}
