// Trying again ends with the deadline, and with the five seconds of an ephemeral broadcast.
import { expect, it } from 'vitest';
import { whileFresh } from '../../shared/usecases/while-fresh.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { fakeClock } from '../fakes/fake-clock.ts';

it.each([
  ['durable', 5_001, true],
  ['ephemeral', 5_000, true],
  ['ephemeral', 5_001, false],
] as const)('%s after %i ms: %s', (durability, ageMs, goesOn) => {
  const clock = fakeClock();
  const broadcast = aBroadcast({ durability, acceptedAtMs: clock.nowMs() - ageMs });
  expect(whileFresh({ clock }, broadcast, () => true)()).toBe(goesOn);
  expect(whileFresh({ clock }, broadcast, () => false)()).toBe(false);
});
