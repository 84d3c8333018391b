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
  /** Until when the user counts as there without another sign of life. */
  readonly leaseUntilMs: number;
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
  /** Kept only in the topic of everyone, from which it is told who is there. */
  readonly leaseUntilMs?: number;
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
    topics: topicsOf(identity),
    leaseUntilMs: connectedAtMs + connectionLimits.leaseMs,
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

/** The time until which a sign of life keeps the lease, or null when it was renewed a moment ago: every heartbeat renews it. */
export function renewedLease(connection: KnownConnection, nowMs: number): number | null {
  const { leaseMs, heartbeatEveryMs } = connectionLimits;
  const usedMs = nowMs + leaseMs - connection.leaseUntilMs;
  return usedMs < heartbeatEveryMs / 2 ? null : nowMs + leaseMs;
}

/**
 * Whether somebody is there: told from the lease, not from events, since `$disconnect` may never come. Who let the lease
 * run out is posted to all the same, for the gateway knows better.
 */
export function isPresent(subscriber: Subscriber, nowMs: number): boolean {
  return !isExpired(subscriber, nowMs) && (subscriber.leaseUntilMs ?? subscriber.expiresAtMs) > nowMs;
}

/** Why the roles of a token cannot be topics, or null when they can. Leaving some out would lose what is sent to them. */
export function rolesProblem(roles: readonly string[]): string | null {
  const rolesMax = connectionLimits.topicsMax - topicsOf({ user: '', roles: [] }).length;
  const { topicNameCharactersMax } = nameLimits;
  const { size } = new Set(roles);
  if (size > rolesMax) return `it has ${String(size)} roles, at most ${String(rolesMax)} are allowed`;
  const tooLong = roles.some((role) => role.length === 0 || role.length > topicNameCharactersMax);
  if (tooLong) return `a role has no name, or one of more than ${String(topicNameCharactersMax)} characters`;
  return roles.every((role) => role.isWellFormed()) ? null : 'a role holds half a surrogate pair';
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
