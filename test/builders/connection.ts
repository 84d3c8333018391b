// Builds connections.
import type { AnonymousConnection, KnownConnection } from '../../shared/domain/connection.ts';
import { anonymousConnection, knownConnection, withPresence } from '../../shared/domain/connection.ts';
import { anIdentity } from './identity.ts';
import { unique } from './unique.ts';

const connectedAtMs = Date.UTC(2026, 10, 21, 8, 30);

/**
 * A known connection, of a user and tenant of its own unless they are given; its topics follow from the user and the roles.
 * One of Socket.IO hears who comes and goes, as staff does.
 */
export function aConnection(given: Partial<KnownConnection> = {}): KnownConnection {
  const identity = { ...anIdentity(), ...given };
  const socket = { connectionId: unique('connection'), connectedAtMs, dialect: 'bellhop' as const, ...given };
  return { ...withPresence(knownConnection(socket, identity), true), ...given };
}

export function anAnonymousConnection(given: Partial<AnonymousConnection> = {}): AnonymousConnection {
  return { ...anonymousConnection(unique('connection'), given.connectedAtMs ?? connectedAtMs), ...given };
}
