// Tokens that are only names: valid for the identity that they were issued for.
import type { Identity } from '../../shared/domain/connection.ts';
import { isExpired } from '../../shared/domain/connection.ts';
import type { TokenVerifier } from '../../shared/ports.ts';
import { unique } from '../builders/unique.ts';

export interface FakeTokens extends TokenVerifier {
  issue(identity: Identity): string;
}

export function fakeTokens(): FakeTokens {
  const identities = new Map<string, Identity>();
  return {
    verify: async (token, nowMs) => {
      const identity = identities.get(token);
      if (identity === undefined) return Promise.resolve({ verdict: 'invalid', reason: 'the signature is wrong' });
      const expired = isExpired({ expiresAtMs: identity.tokenExpiresAtMs }, nowMs);
      return Promise.resolve(expired ? { verdict: 'expired' } : { verdict: 'valid', identity });
    },
    issue: (identity) => {
      const token = unique('token');
      identities.set(token, identity);
      return token;
    },
  };
}
