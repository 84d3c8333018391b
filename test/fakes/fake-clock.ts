// A clock that stands still until it is told to move; a wait moves it and takes no time.
import type { Clock } from '../../shared/ports.ts';

export interface FakeClock extends Clock {
  advance(ms: number): void;
  /** How long each wait was, in order. */
  readonly waits: readonly number[];
}

export function fakeClock(startMs: number = Date.UTC(2026, 10, 21, 8, 30)): FakeClock {
  let nowMs = startMs;
  const waits: number[] = [];
  return {
    nowMs: () => nowMs,
    wait: async (ms) => {
      waits.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
    advance: (ms) => {
      nowMs += ms;
    },
    waits,
  };
}
