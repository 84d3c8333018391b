// A socket opens: checks where it comes from and who it is, stores the connection, and has the opener greet it.
import { anonymousConnection, knownConnection } from '../domain/connection.ts';
import { topicsOf } from '../domain/topic.ts';
import type { ConnectionStore, DeadlineQueue, OpenerStarter, TokenVerifier } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import { connectionLimits } from '../protocol/limits.ts';
import { verifyToken } from './identify.ts';
import type { StandingPorts } from './standing-cursors.ts';
import { joinTopics } from './standing-cursors.ts';

export interface ConnectPorts extends StandingPorts {
  readonly connections: ConnectionStore;
  readonly tokens: TokenVerifier;
  readonly opener: OpenerStarter;
  readonly deadlines: DeadlineQueue;
  /** Origins that browsers may connect from; empty allows every one. */
  readonly allowedOrigins: readonly string[];
}

export interface ConnectRequest {
  readonly connectionId: string;
  readonly connectedAtMs: number;
  /** From the query string; without one the client has ten seconds to send an `authenticate` frame. */
  readonly token: string | undefined;
  /** Browsers send it; other clients may not. */
  readonly origin: string | undefined;
}

/** Returns when the socket may open; throws the `Failure` that refuses it. Nothing is posted here: the gateway would answer 410. */
export async function connect(ports: ConnectPorts, request: ConnectRequest): Promise<void> {
  checkOrigin(ports.allowedOrigins, request.origin);
  if (request.token === undefined) {
    await ports.connections.open(anonymousConnection(request.connectionId, request.connectedAtMs));
    await ports.deadlines.schedule(
      { kind: 'authenticate', connectionId: request.connectionId },
      connectionLimits.authenticateWithinMs,
    );
    return;
  }
  const identity = await verifyToken(ports.tokens, request.token, ports.clock.nowMs());
  await joinTopics(ports, identity.tenant, identity.user, topicsOf(identity));
  const opened = await ports.connections.open(knownConnection(request.connectionId, request.connectedAtMs, identity));
  // A socket that is gone before it was open needs no greeting.
  if (opened === 'opened') await ports.opener.start(request.connectionId);
}

/** Exact matches only: prefixes and suffixes of host names are what cross-site attacks are made of (CWE-1385). */
function checkOrigin(allowedOrigins: readonly string[], origin: string | undefined): void {
  if (allowedOrigins.length === 0 || origin === undefined || allowedOrigins.includes(origin)) return;
  throw new Failure('forbidden', {
    message: 'this origin may not connect',
    field: 'header Origin',
    remedy: 'Connect from a page of an allowed origin, or have the operator add it to AllowedOrigins.',
  });
}
