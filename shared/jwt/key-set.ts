// The issuer's public keys: fetched when needed, kept while fresh, and never fetched again and again for keys that do not exist.
import type { Jwk, Jwks } from 'aws-jwt-verify/jwk';
import { findJwkInJwks } from 'aws-jwt-verify/jwk';
import { Failure } from '../protocol/failures.ts';
import { keySetLimits } from '../protocol/limits.ts';

export interface KeySet {
  /** The key with this id; null when the issuer has no such key. Throws `unavailable` when that cannot be found out now. */
  find(keyId: string, nowMs: number): Promise<Jwk | null>;
}

/**
 * Instead of the library's cache, which keeps a withdrawn key for ever and measures its waits with timers, which stand
 * still in a frozen function. `fetchKeys` rejects when the keys cannot be had.
 */
export function keySet(fetchKeys: () => Promise<Jwks>): KeySet {
  let kept: { readonly keys: Jwks; readonly fetchedAtMs: number } | null = null;
  let notBeforeMs = 0;
  let underWay: Promise<Jwks | null> | null = null;

  const fetchOnce = async (nowMs: number): Promise<Jwks | null> => {
    try {
      const keys = await fetchKeys();
      kept = { keys, fetchedAtMs: nowMs };
      return keys;
    } catch {
      notBeforeMs = nowMs + keySetLimits.waitAfterFailureMs;
      return null;
    } finally {
      underWay = null;
    }
  };

  return {
    find: async (keyId, nowMs) => {
      const known = kept === null ? undefined : findJwkInJwks(kept.keys, keyId);
      const isFresh = kept !== null && nowMs - kept.fetchedAtMs < keySetLimits.ageMaxMs;
      if (known !== undefined && isFresh) return known;
      // Calls that come together share one fetch.
      const fetched = nowMs < notBeforeMs ? null : await (underWay ??= fetchOnce(nowMs));
      if (fetched === null) {
        // An issuer that cannot be reached is no reason to refuse a key that it had an hour ago.
        if (known !== undefined) return known;
        throw unavailable(notBeforeMs - nowMs);
      }
      const found = findJwkInJwks(fetched, keyId);
      if (found === undefined) notBeforeMs = nowMs + keySetLimits.waitAfterMissMs;
      return found ?? null;
    },
  };
}

function unavailable(waitMs: number): Failure {
  return new Failure('unavailable', {
    message: 'the keys of the token issuer cannot be had at the moment',
    remedy: 'Try again in a moment.',
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
  });
}
