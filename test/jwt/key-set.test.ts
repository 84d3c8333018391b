// The kept keys: fresh, fetched seldom, and there when the issuer is not.
import type { Jwks } from 'aws-jwt-verify/jwk';
import { describe, expect, it } from 'vitest';
import { keySet } from '../../shared/jwt/key-set.ts';
import { keySetLimits } from '../../shared/protocol/limits.ts';

const nowMs = Date.UTC(2026, 10, 21, 8, 30);

/** An issuer whose keys change, and which can be down. */
function anIssuer(...names: readonly string[]) {
  let published: readonly string[] | null = names;
  let fetches = 0;
  const fetchKeys = async (): Promise<Jwks> => {
    fetches += 1;
    if (published === null) throw new Error('down');
    return Promise.resolve({ keys: published.map((kid) => ({ kid, kty: 'RSA' })) });
  };
  return {
    keys: keySet(fetchKeys),
    publish: (...others: readonly string[]) => {
      published = others;
    },
    goDown: () => {
      published = null;
    },
    fetches: () => fetches,
  };
}

describe('a key set', () => {
  it('fetches once for many that come together, and not again for those that follow', async () => {
    const { keys, fetches } = anIssuer('k1', 'k2');
    const found = await Promise.all(['k1', 'k2', 'k1'].map(async (keyId) => keys.find(keyId, nowMs)));
    expect(found.map((key) => key?.kid)).toEqual(['k1', 'k2', 'k1']);
    await keys.find('k2', nowMs + 1_000);
    expect(fetches()).toBe(1);
  });

  it('finds a new key at once', async () => {
    const { keys, publish, fetches } = anIssuer('k1');
    await keys.find('k1', nowMs);
    publish('k1', 'k2');
    expect(await keys.find('k2', nowMs)).toMatchObject({ kid: 'k2' });
    expect(fetches()).toBe(2);
  });

  it('fetches once in ten seconds for keys that do not exist, and keeps serving those that do', async () => {
    const { keys, publish, fetches } = anIssuer('k1');
    expect(await keys.find('junk', nowMs)).toBeNull();
    for (let number = 0; number < 1_000; number += 1) {
      const waitMs = keySetLimits.waitAfterMissMs - 1;
      await expect(keys.find(`junk-${String(number)}`, nowMs + waitMs)).rejects.toMatchObject({ code: 'unavailable' });
      expect(await keys.find('k1', nowMs + waitMs)).toMatchObject({ kid: 'k1' });
    }
    expect(fetches()).toBe(1);
    publish('k1', 'k2');
    expect(await keys.find('k2', nowMs + keySetLimits.waitAfterMissMs)).toMatchObject({ kid: 'k2' });
  });

  it('forgets a key that was withdrawn, within the hour', async () => {
    const { keys, publish } = anIssuer('k1');
    await keys.find('k1', nowMs);
    publish('k2');
    expect(await keys.find('k1', nowMs + keySetLimits.ageMaxMs - 1)).toMatchObject({ kid: 'k1' });
    expect(await keys.find('k1', nowMs + keySetLimits.ageMaxMs)).toBeNull();
  });

  it('keeps old keys while the issuer is down, and asks once a second', async () => {
    const { keys, goDown, fetches } = anIssuer('k1');
    await keys.find('k1', nowMs);
    goDown();
    const laterMs = nowMs + keySetLimits.ageMaxMs;
    for (const afterMs of [0, 1, keySetLimits.waitAfterFailureMs - 1]) {
      expect(await keys.find('k1', laterMs + afterMs)).toMatchObject({ kid: 'k1' });
    }
    expect(fetches()).toBe(2);
    await keys.find('k1', laterMs + keySetLimits.waitAfterFailureMs);
    expect(fetches()).toBe(3);
  });

  it('says when to try again', async () => {
    const { keys } = anIssuer('k1');
    await keys.find('junk', nowMs);
    await expect(keys.find('junk', nowMs)).rejects.toMatchObject({ detail: { retryAfterSeconds: 10 } });
  });
});
