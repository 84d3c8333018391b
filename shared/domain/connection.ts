// Connections: one socket each, who is behind it, and until when it may be used.
import { connectionLimits, gatewayLimits, nameLimits } from '../protocol/limits.ts';
import type { Topic } from './topic.ts';
import { topicsOf } from './topic.ts';

/** Who a verified token says that the caller is. */
export interface Identity {
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  readonly tokenExpiresAtMs: number;
}

interface Socket {
  readonly connectionId: string;
  readonly connectedAtMs: number;
  /** From here on nothing is posted to it and no frame of it is accepted. Readers compare; the table's expiry only tidies up. */
  readonly expiresAtMs: number;
}

/** A socket whose token has been verified. */
export interface KnownConnection extends Socket {
  readonly state: 'known';
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  readonly topics: readonly Topic[];
}

/** A socket that still owes its `authenticate` frame. */
export interface AnonymousConnection extends Socket {
  readonly state: 'anonymous';
}

export type Connection = KnownConnection | AnonymousConnection;

/** What fan-out must know to post to one connection. */
export interface Subscriber {
  readonly connectionId: string;
  readonly user: string;
  readonly connectedAtMs: number;
  readonly expiresAtMs: number;
}

export function knownConnection(connectionId: string, connectedAtMs: number, identity: Identity): KnownConnection {
  return {
    state: 'known',
    connectionId,
    connectedAtMs,
    expiresAtMs: Math.min(connectedAtMs + gatewayLimits.connectionMs, identity.tokenExpiresAtMs),
    tenant: identity.tenant,
    user: identity.user,
    roles: identity.roles,
    topics: topicsOf(identity.user),
  };
}

export function anonymousConnection(connectionId: string, connectedAtMs: number): AnonymousConnection {
  return {
    state: 'anonymous',
    connectionId,
    connectedAtMs,
    expiresAtMs: connectedAtMs + connectionLimits.authenticateWithinMs,
  };
}

export function isExpired(socket: { readonly expiresAtMs: number }, nowMs: number): boolean {
  return socket.expiresAtMs <= nowMs;
}

/** Why a name from a token cannot be used in keys and topics, or null when it can. */
export function nameProblem(kind: 'user' | 'tenant', name: string): string | null {
  const charactersMax = kind === 'user' ? nameLimits.userCharactersMax : nameLimits.tenantCharactersMax;
  if (name.length === 0) return `the ${kind} is empty`;
  if (name.length > charactersMax)
    return `the ${kind} has ${String(name.length)} characters, at most ${String(charactersMax)} are allowed`;
  if (!name.isWellFormed()) return `the ${kind} holds half a surrogate pair`;
  return null;
}
