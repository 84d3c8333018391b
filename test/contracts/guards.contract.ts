// What every store of idempotency claims and every rate counter must do.
import { expect, it } from 'vitest';
import type { IdempotencyClaim, IdempotencyStore, RateCounter } from '../../shared/ports.ts';
import { unique } from '../builders/unique.ts';

const nowMs = Date.UTC(2026, 10, 21, 8, 30);
const minuteMs = 60_000;

function aClaim(given: Partial<IdempotencyClaim> = {}): IdempotencyClaim {
  return {
    tenant: unique('tenant'),
    key: unique('key'),
    requestHash: 'a'.repeat(64),
    broadcastId: unique('broadcast'),
    acceptedAtMs: nowMs,
    expiresAtMs: nowMs + minuteMs,
    ...given,
  };
}

export function idempotencyStoreContract(make: () => IdempotencyStore): void {
  it('gives a key to the first, and its claim to all others', async () => {
    const store = make();
    const first = aClaim();
    expect(await store.claim(first, nowMs)).toEqual({ won: true, claim: first });
    const second = aClaim({ tenant: first.tenant, key: first.key, requestHash: 'b'.repeat(64) });
    expect(await store.claim(second, nowMs)).toEqual({ won: false, claim: first });
  });

  it('knows a claim again by its broadcast', async () => {
    const store = make();
    const claim = aClaim();
    await store.claim(claim, nowMs);
    expect(await store.claim(claim, nowMs)).toEqual({ won: true, claim });
  });

  it('lets exactly one of many win', async () => {
    const store = make();
    const { tenant, key } = aClaim();
    const claims = Array.from({ length: 16 }, () => aClaim({ tenant, key }));
    const outcomes = await Promise.all(claims.map(async (claim) => store.claim(claim, nowMs)));
    expect(outcomes.filter(({ won }) => won)).toHaveLength(1);
    expect(new Set(outcomes.map(({ claim }) => claim.broadcastId)).size).toBe(1);
  });

  it.each([
    ['a millisecond before it expires', minuteMs - 1, false],
    ['when it expires', minuteMs, true],
  ])('frees a key only when its claim has expired: %s', async (_, laterMs, won) => {
    const store = make();
    const first = aClaim();
    await store.claim(first, nowMs);
    const second = aClaim({ tenant: first.tenant, key: first.key, expiresAtMs: nowMs + 2 * minuteMs });
    expect(await store.claim(second, nowMs + laterMs)).toEqual({ won, claim: won ? second : first });
  });

  it.each([
    ['tenants', { tenant: 'a|b', key: 'c' }, { tenant: 'a', key: 'b|c' }],
    ['keys', { tenant: 'a', key: 'b' }, { tenant: 'a', key: 'B' }],
  ])('keeps %s apart', async (_, one, other) => {
    const store = make();
    const prefix = unique('tenant');
    await store.claim(aClaim({ tenant: prefix + one.tenant, key: one.key }), nowMs);
    expect(await store.claim(aClaim({ tenant: prefix + other.tenant, key: other.key }), nowMs)).toMatchObject({
      won: true,
    });
  });
}

export function rateCounterContract(make: () => RateCounter): void {
  it('counts in one window, and begins again in the next', async () => {
    const rates = make();
    const key = unique('key');
    const count = async (ms: number): Promise<number> => rates.count(key, minuteMs, ms);
    expect([await count(nowMs), await count(nowMs + minuteMs - 1), await count(nowMs + minuteMs)]).toEqual([1, 2, 1]);
    expect(await count(nowMs + 1)).toBe(3);
  });

  it('keeps keys and windows of other lengths apart', async () => {
    const rates = make();
    const key = unique('key');
    await rates.count(key, minuteMs, 0);
    expect(await rates.count(`${key}|`, minuteMs, 0)).toBe(1);
    expect(await rates.count(key, 2 * minuteMs, 0)).toBe(1);
  });

  it('counts every one of many at once', async () => {
    const rates = make();
    const key = unique('key');
    const counts = await Promise.all(Array.from({ length: 20 }, async () => rates.count(key, minuteMs, nowMs)));
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
}
