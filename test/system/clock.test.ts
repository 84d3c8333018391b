// The machine's clock.
import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../shared/system/clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('tells the time of the machine', () => {
  vi.useFakeTimers({ now: 1_000 });
  expect(systemClock().nowMs()).toBe(1_000);
  vi.setSystemTime(2_000);
  expect(systemClock().nowMs()).toBe(2_000);
});

it('waits', async () => {
  // The timers of node:timers/promises cannot be faked; a wait of no time must still come to an end.
  await expect(systemClock().wait(0)).resolves.toBeUndefined();
});
