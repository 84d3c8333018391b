// Idempotency claims and rate counters in memory.
import { isExpired } from '../../shared/domain/connection.ts';
import type { IdempotencyClaim, IdempotencyStore, RateCounter } from '../../shared/ports.ts';

export function fakeIdempotency(): IdempotencyStore {
  const claims = new Map<string, IdempotencyClaim>();
  return {
    claim: async (claim, nowMs) => {
      const name = JSON.stringify([claim.tenant, claim.key]);
      const standing = claims.get(name);
      if (standing !== undefined && !isExpired(standing, nowMs)) {
        return Promise.resolve({ won: standing.broadcastId === claim.broadcastId, claim: standing });
      }
      claims.set(name, claim);
      return Promise.resolve({ won: true, claim });
    },
  };
}

export function fakeRates(): RateCounter {
  const counts = new Map<string, number>();
  return {
    count: async (key, windowMs, nowMs) => {
      const name = JSON.stringify([key, windowMs, Math.floor(nowMs / windowMs)]);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return Promise.resolve(count);
    },
  };
}
