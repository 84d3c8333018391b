// Looks after a connection again and again: keeps it alive, repeats what could not be sent, and ends it when its time is over.
import type { Connection, KnownConnection } from '../domain/connection.ts';
import {
  acknowledges,
  answersHeartbeats,
  hasAnswered,
  isExpired,
  isPresent,
  renewedLease,
  selectsEvents,
  tracksPresence,
} from '../domain/connection.ts';
import { heartbeatFrame } from '../domain/frames.ts';
import { Failure } from '../protocol/failures.ts';
import { attendLimits, connectionLimits, gatewayLimits, presenceLimits } from '../protocol/limits.ts';
import type { DeadlineMessage } from '../protocol/queue-messages.ts';
import type { EndConnectionPorts } from './end-connection.ts';
import { endConnection } from './end-connection.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { ConnectionsOfPorts } from './list-present.ts';
import { postFrame } from './post-frame.ts';
import type { PresencePorts } from './presence.ts';
import { arrive } from './presence.ts';
import type { SendMissedPorts } from './send-missed.ts';
import { sendUnpushed } from './send-unpushed.ts';
import { standingCursors } from './standing-cursors.ts';

export interface AttendPorts extends EndConnectionPorts, SendMissedPorts, PresencePorts, ConnectionsOfPorts {}

type AttendMessage = Extract<DeadlineMessage, { readonly kind: 'attend' }>;

/** Has the connection looked after from now on, if it needs that: Bellhop's own clients ping, and know when they expire. */
export async function beginAttending(
  ports: Pick<AttendPorts, 'deadlines' | 'clock'>,
  connection: KnownConnection,
): Promise<void> {
  if (!isAttended(connection)) return;
  const nowMs = ports.clock.nowMs();
  const { connectionId, tenant, user } = connection;
  const delayMs = Math.max(Math.min(attendLimits.everyMs, connection.expiresAtMs - nowMs), 0);
  await ports.deadlines.schedule({ kind: 'attend', connectionId, tenant, user, sinceMs: nowMs }, delayMs);
}

/** Whether it is looked after. A connection that is must not begin to be once more: each beginning goes on until the end. */
export function isAttended(connection: KnownConnection): boolean {
  const endsWithToken = connection.expiresAtMs < connection.connectedAtMs + gatewayLimits.connectionMs;
  return !acknowledges(connection.dialect) || endsWithToken;
}

export async function attend(ports: AttendPorts, message: AttendMessage, goOn: GoOn): Promise<void> {
  const connection = await ports.connections.get(message.connectionId);
  // Whoever closed it may have died before anybody was asked to look; the user may be about to come back.
  if (connection?.state !== 'known') {
    const { tenant, user } = message;
    await ports.deadlines.schedule({ kind: 'presence', tenant, user }, presenceLimits.graceMs);
    return;
  }
  const nowMs = ports.clock.nowMs();
  if (isExpired(connection, nowMs)) {
    await endConnection(ports, connection, whyExpired(connection));
    return;
  }
  if (!acknowledges(connection.dialect) && !(await keepAlive(ports, connection, message.sinceMs, goOn))) return;
  await beginAttending(ports, connection);
}

/** False when the connection is over. */
async function keepAlive(
  ports: AttendPorts,
  connection: KnownConnection,
  sinceMs: number,
  goOn: GoOn,
): Promise<boolean> {
  const nowMs = ports.clock.nowMs();
  const isSilent = answersHeartbeats(connection.dialect) && !hasAnswered(connection, sinceMs, nowMs);
  const posted = isSilent ? 'gone' : await postFrame(ports, connection, heartbeatFrame(nowMs), goOn);
  if (posted === 'gone') {
    await endConnection(ports, connection, null);
    return false;
  }
  if (posted === 'posted' && !answersHeartbeats(connection.dialect)) await renewLease(ports, connection);
  await arriveUnlessThere(ports, connection);
  if (selectsEvents(connection.dialect) && connection.events === undefined) return true;
  const { tenant, user, topics } = connection;
  await sendUnpushed(
    ports,
    connection,
    await standingCursors(ports, tenant, user, topics),
    goOn,
    attendLimits.settleMs,
  );
  return true;
}

/** Whoever greeted the connection may have died before its user counted as there. */
async function arriveUnlessThere(ports: AttendPorts, connection: KnownConnection): Promise<void> {
  if (!tracksPresence(connection.dialect)) return;
  const known = await ports.presence.get(connection.tenant, connection.user);
  if (known?.state !== 'online') await arrive(ports, connection);
}

/** A sign of life prolongs the lease, at most every other time. */
export async function renewLease(
  ports: Pick<AttendPorts, 'connections'> & PresencePorts,
  connection: KnownConnection,
): Promise<void> {
  const nowMs = ports.clock.nowMs();
  const leaseUntilMs = renewedLease(connection, nowMs);
  if (leaseUntilMs === null) return;
  await ports.connections.renew(connection, leaseUntilMs);
  // Whoever looked while the lease had run out may have found nobody there.
  if (!isPresent(connection, nowMs)) await arrive(ports, connection);
}

/** Null when its two hours are over: then its client shall simply come again. */
export function whyExpired(connection: Connection): Failure | null {
  if (connection.state === 'anonymous') {
    return new Failure('unauthenticated', {
      message: 'no authenticate frame came in time, so the connection is closed',
      field: 'type',
      remedy: `Connect again and say who you are within ${String(connectionLimits.authenticateWithinMs / 1_000)} seconds.`,
    });
  }
  if (connection.expiresAtMs >= connection.connectedAtMs + gatewayLimits.connectionMs) return null;
  return new Failure('token_expired', {
    message: "this connection's token has expired",
    remedy:
      'Connect again with a new token. Clients that can send an authenticate frame stay connected by one in time.',
  });
}
