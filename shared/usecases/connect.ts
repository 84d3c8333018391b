// A socket opens: checks where it comes from and who it is, stores the connection, and has the opener greet it.
import type { Identity } from '../domain/connection.ts';
import { anonymousConnection, knownConnection } from '../domain/connection.ts';
import { topicsOf } from '../domain/topic.ts';
import type { ConnectionStore, DeadlineQueue, OpenerStarter, TokenVerifier } from '../ports.ts';
import type { DialectName } from '../protocol/dialect-names.ts';
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
  /** Which door it came through. */
  readonly dialect: DialectName;
  /** From the query string; without one the client has ten seconds to say who it is by a frame. */
  readonly token: string | undefined;
  /** Whom a hotel's client says that the token is of. */
  readonly guestId: string | undefined;
  /** Browsers send it; other clients may not. */
  readonly origin: string | undefined;
  /** What a Socket.IO client says of its protocol. */
  readonly engine: { readonly version: string | undefined; readonly transport: string | undefined };
}

/** Returns when the socket may open; throws the `Failure` that refuses it. Nothing is posted here: the gateway would answer 410. */
export async function connect(ports: ConnectPorts, request: ConnectRequest): Promise<void> {
  checkOrigin(ports.allowedOrigins, request.origin);
  const nowMs = ports.clock.nowMs();
  const identity = request.token === undefined ? null : await verifyToken(ports.tokens, request.token, nowMs);
  switch (request.dialect) {
    case 'socketio':
      checkEngine(request.engine);
      await openAnonymous(ports, request, identity);
      await ports.opener.start(request.connectionId);
      return;
    case 'hotel':
      await openKnown(ports, request, guestOf(identity, request.guestId));
      return;
    case 'bellhop':
    case 'leads':
      if (identity === null) await openAnonymous(ports, request, null);
      else await openKnown(ports, request, identity);
  }
}

async function openAnonymous(ports: ConnectPorts, request: ConnectRequest, identity: Identity | null): Promise<void> {
  const { connectionId, connectedAtMs, dialect } = request;
  await ports.connections.open(anonymousConnection(connectionId, connectedAtMs, dialect, identity));
  await ports.deadlines.schedule({ kind: 'authenticate', connectionId }, connectionLimits.authenticateWithinMs);
}

async function openKnown(ports: ConnectPorts, request: ConnectRequest, identity: Identity): Promise<void> {
  await joinTopics(ports, identity.tenant, identity.user, topicsOf(identity));
  const opened = await ports.connections.open(knownConnection(request, identity));
  // A socket that is gone before it was open needs no greeting.
  if (opened === 'opened') await ports.opener.start(request.connectionId);
}

/** A guest's client says twice who it is, so that a token that was mixed up opens nothing. */
function guestOf(identity: Identity | null, guestId: string | undefined): Identity {
  if (identity === null) {
    throw new Failure('unauthenticated', {
      message: 'no token was sent',
      field: 'query token',
      remedy: 'Connect with ?token=<token>&guestId=<guest>.',
    });
  }
  if (guestId === identity.user) return identity;
  throw new Failure(guestId === undefined ? 'missing_field' : 'forbidden', {
    message: guestId === undefined ? 'guestId is missing' : 'the token is of another guest',
    field: 'query guestId',
    remedy: 'Send the guest that the token names.',
  });
}

/** https://socket.io/docs/v4/engine-io-protocol: version 4 is what clients since 3.0 speak; long polling cannot work here. */
function checkEngine({ version, transport }: ConnectRequest['engine']): void {
  if (version === '4' && transport === 'websocket') return;
  throw new Failure('bad_request', {
    message: 'only version 4 of Engine.IO over WebSocket is spoken here',
    field: version === '4' ? 'query transport' : 'query EIO',
    remedy: "Use socket.io-client 3 or later with { transports: ['websocket'] }.",
  });
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
