// Time that passes only when everything that was due has been done: hours of a run take seconds.
import type { Clock } from '../../shared/ports.ts';

export interface VirtualTime extends Clock {
  /** Calls `run` so many ms from now; returns what takes it back. Things due at the same moment happen in the order of their planning. */
  after(delayMs: number, run: () => void): () => void;
  /** Lets time pass up to and including `untilMs`. Throws what was reported as failed. */
  passUntil(untilMs: number): Promise<void>;
  /** Starts something that nobody waits for; if it throws, the run ends with that error. */
  start(work: () => Promise<void>): void;
}

/** Whole milliseconds. All that fall due in one of them are called one after the other, then all promises are let run. */
export function virtualTime(startMs: number): VirtualTime {
  const due = new Map<number, (() => void)[]>();
  const moments = earliestFirst();
  let nowMs = startMs;
  const failures: unknown[] = [];
  const plan = (delayMs: number, run: () => void): void => {
    const atMs = nowMs + Math.max(0, Math.round(delayMs));
    const others = due.get(atMs);
    if (others === undefined) {
      due.set(atMs, [run]);
      moments.add(atMs);
    } else others.push(run);
  };
  return {
    nowMs: () => nowMs,
    wait: async (ms) =>
      new Promise((resolve) => {
        plan(ms, resolve);
      }),
    after: (delayMs, run) => {
      let isWanted = true;
      plan(delayMs, () => {
        if (isWanted) run();
      });
      return () => {
        isWanted = false;
      };
    },
    start: (work) => {
      work().catch((error: unknown) => failures.push(error));
    },
    passUntil: async (untilMs) => {
      const settle = async (): Promise<void> => {
        await untilNothingRuns();
        if (failures.length > 0) throw failures[0];
      };
      await settle();
      for (let next = moments.first(); next !== undefined && next <= untilMs; next = moments.first()) {
        moments.removeFirst();
        nowMs = next;
        const runs = due.get(next) ?? [];
        due.delete(next);
        for (const run of runs) run();
        await settle();
      }
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}

/** Fakes answer without leaving the microtask queue, so that when it is empty everybody waits for a moment to come. */
async function untilNothingRuns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

interface EarliestFirst {
  readonly add: (moment: number) => void;
  first(): number | undefined;
  removeFirst(): void;
}

/** A binary heap. */
export function earliestFirst(): EarliestFirst {
  const heap: number[] = [];
  const at = (index: number): number => heap[index] ?? Number.POSITIVE_INFINITY;
  const swap = (a: number, b: number): void => {
    [heap[a], heap[b]] = [at(b), at(a)];
  };
  return {
    add: (moment) => {
      let index = heap.push(moment) - 1;
      for (let above = (index - 1) >> 1; index > 0 && at(above) > at(index); above = (index - 1) >> 1) {
        swap(index, above);
        index = above;
      }
    },
    first: () => heap[0],
    removeFirst: () => {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      heap[0] = last;
      for (let index = 0; ;) {
        const left = 2 * index + 1;
        const smaller = at(left + 1) < at(left) ? left + 1 : left;
        if (at(smaller) >= at(index)) return;
        swap(index, smaller);
        index = smaller;
      }
    },
  };
}
