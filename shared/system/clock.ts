// The machine's clock.
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../ports.ts';

export function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    wait: async (ms) => {
      await setTimeout(ms);
    },
  };
}
