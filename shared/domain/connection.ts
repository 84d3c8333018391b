// Connections: one socket each, who is behind it, and until when it may be used.
import type { DialectName } from '../protocol/dialect-names.ts';
import { connectionLimits, gatewayLimits, nameLimits } from '../protocol/limits.ts';
import { isStaff, presenceTopic, roomOfTopic, topicOfRoom, whyNotAllowedIn } from './room.ts';
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
  /** What is written to it, and how what it sends is read. */
  readonly dialect: DialectName;
}

/** A socket whose token has been verified. */
export interface KnownConnection extends Socket {
  readonly state: 'known';
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  /** The topics of the user from the start, and those of the rooms that this connection has joined. */
  readonly topics: readonly Topic[];
  /** Whether it is told who comes and goes; absent for no. */
  readonly hearsPresence?: true;
  /** What it asked to get and nothing else; absent when it gets everything, or has not asked yet. */
  readonly events?: readonly string[];
  /** Until when the user counts as there without another sign of life. */
  readonly leaseUntilMs: number;
}

/** A socket that still owes its `authenticate` frame. */
export interface AnonymousConnection extends Socket {
  readonly state: 'anonymous';
  /** Whom the token in the address named, for clients that must still say that they come in; null without one. */
  readonly identity: Identity | null;
}

export type Connection = KnownConnection | AnonymousConnection;

/** What fan-out must know to post to one connection. */
export interface Subscriber {
  readonly connectionId: string;
  readonly user: string;
  readonly connectedAtMs: number;
  readonly expiresAtMs: number;
  readonly dialect: DialectName;
  /** As of the connection. */
  readonly events?: readonly string[];
  /** Kept only in the topic of everyone, from which it is told who is there. */
  readonly leaseUntilMs?: number;
}

export function knownConnection(
  { connectionId, connectedAtMs, dialect }: Pick<Connection, 'connectionId' | 'connectedAtMs' | 'dialect'>,
  identity: Identity,
): KnownConnection {
  return {
    state: 'known',
    connectionId,
    connectedAtMs,
    expiresAtMs: Math.min(connectedAtMs + gatewayLimits.connectionMs, identity.tokenExpiresAtMs),
    dialect,
    tenant: identity.tenant,
    user: identity.user,
    roles: identity.roles,
    topics: topicsOf(identity),
    leaseUntilMs: connectedAtMs + connectionLimits.leaseMs,
  };
}

export function anonymousConnection(
  connectionId: string,
  connectedAtMs: number,
  dialect: DialectName = 'bellhop',
  identity: Identity | null = null,
): AnonymousConnection {
  return {
    state: 'anonymous',
    connectionId,
    connectedAtMs,
    expiresAtMs: connectedAtMs + connectionLimits.authenticateWithinMs,
    dialect,
    identity,
  };
}

/** The connection as it is with a newer token of the same user: it lasts longer, and its roles may be others. Rooms stay while the roles allow them. */
export function refreshedConnection(connection: KnownConnection, identity: Identity): KnownConnection {
  const rooms = joinedRooms(connection).filter((room) => whyNotAllowedIn(identity, room) === null);
  return {
    ...knownConnection(connection, identity),
    topics: [...topicsOf(identity), ...rooms.map(topicOfRoom)],
    ...(connection.events === undefined ? {} : { events: connection.events }),
    ...(connection.hearsPresence === undefined ? {} : { hearsPresence: connection.hearsPresence }),
    leaseUntilMs: connection.leaseUntilMs,
  };
}

/** The rooms that the connection has joined by a frame. */
export function joinedRooms(connection: KnownConnection): readonly string[] {
  const own = new Set(topicsOf(connection));
  return connection.topics.flatMap((topic) => {
    const room = own.has(topic) ? null : roomOfTopic(topic);
    return room === null ? [] : [room];
  });
}

/** Every topic that the connection must have a subscription in. */
export function subscribedTopics(connection: KnownConnection): readonly Topic[] {
  return connection.hearsPresence === true ? [...connection.topics, presenceTopic] : connection.topics;
}

/**
 * The connection, told of others' coming and going if its dialect has words for that and its user may know: staff, and the
 * members of teams. A hotel's guests must not learn who the other guests are.
 */
export function withPresence(connection: KnownConnection, isOfTeam: boolean): KnownConnection {
  const mayHear = tracksPresence(connection.dialect) && (isOfTeam || isStaff(connection));
  return mayHear ? { ...connection, hearsPresence: true } : connection;
}

/** Whether users of this dialect are told of each other's coming and going. */
export function tracksPresence(dialect: DialectName): boolean {
  return dialect === 'socketio';
}

/** Whether its clients say themselves what they have. Of others, what was posted counts as had. */
export function acknowledges(dialect: DialectName): boolean {
  return dialect === 'bellhop';
}

/** Whether its clients are told the count of what is unread with every notification. Others count, or are told when something is read. */
export function isToldCounts(dialect: DialectName): boolean {
  return dialect === 'socketio';
}

/** Whether its clients say that they come in, even when the token was in the address. */
export function entersByFrame(dialect: DialectName): boolean {
  return dialect === 'socketio';
}

/** Whether its clients answer a heartbeat. Of others, that the gateway takes one is the only sign of life. */
export function answersHeartbeats(dialect: DialectName): boolean {
  return dialect === 'socketio';
}

/** Whether a client gets only the events that it names. */
export function selectsEvents(dialect: DialectName): boolean {
  return dialect === 'leads';
}

/** Whether an event is for a connection; `later` when it has not said yet which ones it wants. */
export function wants(
  { dialect, events }: Pick<Subscriber, 'dialect' | 'events'>,
  event: string,
): 'yes' | 'no' | 'later' {
  if (!selectsEvents(dialect)) return 'yes';
  if (events === undefined) return 'later';
  return events.includes(event) ? 'yes' : 'no';
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

/**
 * Whether a client that answers heartbeats is still there: its lease holds, or it has run out only because nobody has sent
 * a heartbeat since the one of `sinceMs`, which was answered.
 */
export function hasAnswered(connection: KnownConnection, sinceMs: number, nowMs: number): boolean {
  const { leaseMs, heartbeatEveryMs } = connectionLimits;
  return connection.leaseUntilMs > nowMs || connection.leaseUntilMs >= sinceMs + leaseMs - heartbeatEveryMs / 2;
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
