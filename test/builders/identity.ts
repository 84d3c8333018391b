// Builds identities.
import type { Identity } from '../../shared/domain/connection.ts';
import { unique } from './unique.ts';

export function anIdentity(given: Partial<Identity> = {}): Identity {
  return {
    tenant: unique('tenant'),
    user: unique('user'),
    roles: ['guest'],
    tokenExpiresAtMs: Date.UTC(2030, 0, 1),
    ...given,
  };
}
