// The meter of frames: polite connections cost no write, and busy ones are counted over all instances.
import { describe, expect, it } from 'vitest';
import type { RateCounter } from '../../shared/ports.ts';
import { frameLimits } from '../../shared/protocol/limits.ts';
import { frameMeter } from '../../shared/system/frame-meter.ts';
import { frameMeterContract } from '../contracts/frame-meter.contract.ts';
import { fakeRates } from '../fakes/fake-guards.ts';

const nowMs = Date.UTC(2026, 10, 21, 9);
const { windowMs, uncountedMax } = frameLimits;

/** Rates that note what is counted with them. */
function notedRates(): { readonly rates: RateCounter; readonly counted: readonly (readonly unknown[])[] } {
  const rates = fakeRates();
  const counted: (readonly unknown[])[] = [];
  return {
    rates: {
      count: async (...parameters) => {
        counted.push(parameters);
        return rates.count(...parameters);
      },
    },
    counted,
  };
}

describe('the meter of one instance', () => {
  frameMeterContract(() => frameMeter(fakeRates()));

  it('writes nothing for the first frames of a window, and once for each further one', async () => {
    const { rates, counted } = notedRates();
    const frames = frameMeter(rates);
    for (let sent = 0; sent < uncountedMax; sent += 1) await frames.count('c1', nowMs);
    expect(counted).toEqual([]);
    await frames.count('c1', nowMs + 1);
    expect(counted).toEqual([['frames/c1', windowMs, nowMs + 1]]);
    for (let sent = 0; sent < uncountedMax; sent += 1) await frames.count('c1', nowMs + windowMs);
    expect(counted).toHaveLength(1);
  });

  it('begins anew after a clock that went back, too', async () => {
    const frames = frameMeter(fakeRates());
    await frames.count('c1', nowMs);
    expect(await frames.count('c1', nowMs - windowMs)).toBe(1);
    expect(await frames.count('c1', nowMs)).toBe(1);
  });
});

describe('the meters of several instances', () => {
  it('count together, but for the first frames of each of the others', async () => {
    const rates = fakeRates();
    const instances = [frameMeter(rates), frameMeter(rates), frameMeter(rates)] as const;
    const sent = 20;
    for (const frames of instances) for (let each = 0; each < sent; each += 1) await frames.count('c1', nowMs);
    const count = await instances[0].count('c1', nowMs);
    expect(count).toBe(instances.length * sent + 1 - (instances.length - 1) * uncountedMax);
  });
});
