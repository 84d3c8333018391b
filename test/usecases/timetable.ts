// Time that passes: deadlines as they are made, and everything that happens, each at its time.
import type { DeadlineMessage } from '../../shared/protocol/queue-messages.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import type { FakeDeadlines } from '../fakes/fake-queue.ts';

export interface Due {
  readonly atMs: number;
  readonly message: DeadlineMessage;
}

/** A queue that keeps nothing: whoever listens hears of each deadline as it is made, and when it is due. */
export function timetable(clock: FakeClock, heard: (due: Due) => void): FakeDeadlines {
  return {
    scheduled: [],
    schedule: async (message, delayMs) => {
      heard({ atMs: clock.nowMs() + delayMs, message });
      return Promise.resolve();
    },
  };
}

export interface Agenda {
  /** Adds something that happens at a time; of one time, in the order of adding. */
  add(atMs: number, happen: () => Promise<void>): void;
  /** Makes everything happen that is due by `untilMs`, also what is added meanwhile, and moves the clock along. */
  run(untilMs: number): Promise<void>;
}

export function agenda(clock: FakeClock): Agenda {
  const items: { readonly atMs: number; readonly happen: () => Promise<void> }[] = [];
  return {
    add: (atMs, happen) => {
      let from = 0;
      let to = items.length;
      // Kept with the next one last, so that taking it is cheap.
      while (from < to) {
        const middle = (from + to) >> 1;
        if ((items[middle]?.atMs ?? 0) > atMs) from = middle + 1;
        else to = middle;
      }
      items.splice(from, 0, { atMs, happen });
    },
    run: async (untilMs) => {
      for (;;) {
        const next = items.at(-1);
        if (next === undefined || next.atMs > untilMs) break;
        items.pop();
        clock.advance(Math.max(next.atMs - clock.nowMs(), 0));
        await next.happen();
      }
      clock.advance(Math.max(untilMs - clock.nowMs(), 0));
    },
  };
}
