// Builds connections.
import type { AnonymousConnection, Identity, KnownConnection } from '../../shared/domain/connection.ts';
import { anonymousConnection, knownConnection } from '../../shared/domain/connection.ts';
import { anIdentity } from './identity.ts';
import { unique } from './unique.ts';

const connectedAtMs = Date.UTC(2026, 10, 21, 8, 30);

/** A known connection, of a user of its own unless one is given. */
export function aConnection(given: Partial<KnownConnection & Identity> = {}): KnownConnection {
  const { tenant, user, roles } = given;
  const identity = anIdentity({
    ...(tenant === undefined ? {} : { tenant }),
    ...(user === undefined ? {} : { user }),
    ...(roles === undefined ? {} : { roles }),
  });
  return { ...knownConnection(unique('connection'), connectedAtMs, identity), ...given };
}

export function anAnonymousConnection(given: Partial<AnonymousConnection> = {}): AnonymousConnection {
  return { ...anonymousConnection(unique('connection'), connectedAtMs), ...given };
}
