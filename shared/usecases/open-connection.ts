// The opener: greets a new connection as soon as the gateway lets it, then sends what its user missed.
import { openingBackoffMs } from '../domain/backoff.ts';
import type { KnownConnection } from '../domain/connection.ts';
import { acknowledges, entersByFrame, isExpired, selectsEvents } from '../domain/connection.ts';
import { connectedFrame, openFrame } from '../domain/frames.ts';
import type { TopicPosition } from '../domain/log.ts';
import type { DeadlineQueue } from '../ports.ts';
import { connectionLimits } from '../protocol/limits.ts';
import type { ServerFrame } from '../protocol/server-frames.ts';
import { beginAttending } from './attend.ts';
import { countUnread } from './count-unread.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { Addressee } from './post-frame.ts';
import type { PresencePorts } from './presence.ts';
import { arrive, lookLater } from './presence.ts';
import type { SendMissedPorts } from './send-missed.ts';
import { sendMissed } from './send-missed.ts';
import { sendUnpushed } from './send-unpushed.ts';
import type { Standing } from './standing-cursors.ts';
import { standingCursors } from './standing-cursors.ts';

export interface GreetPorts extends SendMissedPorts, PresencePorts {
  readonly deadlines: DeadlineQueue;
}

/** Does nothing for a connection that is gone or expired. Safe to repeat: clients tell by sequence what they have. */
export async function openConnection(ports: GreetPorts, connectionId: string, goOn: GoOn): Promise<void> {
  const connection = await ports.connections.get(connectionId);
  if (connection === null || isExpired(connection, ports.clock.nowMs())) return;
  // Whose client must still say that it comes in gets the text that it waits for; others say so by themselves.
  if (connection.state === 'anonymous') await postFirst(ports, connection, openFrame(connectionId));
  // Who has said so already was greeted by that: this is a second invocation.
  else if (!entersByFrame(connection.dialect)) await greet(ports, connection, goOn);
}

/** Says who the connection is and where its user stands, then sends everything after that. */
export async function greet(
  ports: GreetPorts,
  connection: KnownConnection,
  goOn: GoOn,
  replyTo?: string,
): Promise<void> {
  const { tenant, user, topics, dialect } = connection;
  const standings = await standingCursors(ports, tenant, user, topics);
  const lacking = standings.map((standing) => ({ standing, from: acknowledgedPosition(standing) }));
  const unread = await Promise.all(standings.map(async (standing) => countUnread(ports, standing)));
  const positions = lacking.map(({ from }) => from);
  const greeting = connectedFrame(connection, ports.clock.nowMs(), positions, unread, replyTo);
  // First of all: whoever is greeted and never looked after again would be cut off without a word.
  await beginAttending(ports, connection);
  if (!(await postFirst(ports, connection, greeting))) return;
  if (acknowledges(dialect)) await sendMissed(ports, connection, lacking, goOn);
  // Who selects events has not done so yet, and gets what was missed of them then.
  else if (!selectsEvents(dialect)) await sendUnpushed(ports, connection, standings, goOn);
  // Last: what was missed must not wait for it, and whoever attends makes it good.
  await arrive(ports, connection);
}

export function acknowledgedPosition({ cursor, head }: Standing): TopicPosition {
  // A log that lost its end without a new epoch must not be waited for up to where it was.
  return { topic: cursor.topic, epoch: cursor.epoch, seq: Math.min(cursor.deliveredSeq, head.seq) };
}

/** Posts the first frame; false when the socket cannot be reached, and then it is closed and forgotten. */
async function postFirst(ports: GreetPorts, connection: Addressee, frame: ServerFrame): Promise<boolean> {
  const untilMs = ports.clock.nowMs() + connectionLimits.greetWithinMs;
  for (const text of ports.dialects.write(connection.dialect, frame)) {
    if (await postWhenOpen(ports, connection.connectionId, text, untilMs)) continue;
    // The socket first: a client whose socket stays open without a greeting would wait in vain.
    await ports.gateway.close(connection.connectionId);
    await lookLater(ports, await ports.connections.close(connection.connectionId, ports.clock.nowMs()));
    return false;
  }
  return true;
}

/** The gateway answers `gone` until `$connect` has returned, so that answer is tried again for a while. */
async function postWhenOpen(ports: GreetPorts, connectionId: string, text: string, untilMs: number): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await ports.gateway.post(connectionId, text);
    if (outcome === 'posted') return true;
    if (outcome === 'too_large') throw new Error('the greeting is larger than the gateway takes');
    if (ports.clock.nowMs() >= untilMs) return false;
    await ports.clock.wait(openingBackoffMs(attempt));
  }
}
