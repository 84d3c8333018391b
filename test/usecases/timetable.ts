// A queue of deadlines that knows when each is due, and a schedule of other things that happen beside them.
import type { DeadlineMessage } from '../../shared/protocol/queue-messages.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import type { FakeDeadlines } from '../fakes/fake-queue.ts';

export interface Due {
  readonly atMs: number;
  readonly message: DeadlineMessage;
}

export interface Timetable extends FakeDeadlines {
  /** Takes everything that is due by `untilMs`, in order of its time; what is made meanwhile is not among it. */
  take(untilMs: number): readonly Due[];
  /** Everything that is still to come. */
  readonly waiting: () => readonly Due[];
}

/** @param heard is told of each deadline as it is made, instead of it being kept. */
export function timetable(clock: FakeClock, heard?: (due: Due) => void): Timetable {
  const scheduled: { readonly message: DeadlineMessage; readonly delayMs: number }[] = [];
  let waiting: Due[] = [];
  return {
    scheduled,
    schedule: async (message, delayMs) => {
      const due = { atMs: clock.nowMs() + delayMs, message };
      if (heard === undefined) {
        scheduled.push({ message, delayMs });
        waiting.push(due);
      } else heard(due);
      return Promise.resolve();
    },
    take: (untilMs) => {
      const due = waiting.filter(({ atMs }) => atMs <= untilMs).sort((one, other) => one.atMs - other.atMs);
      waiting = waiting.filter(({ atMs }) => atMs > untilMs);
      return due;
    },
    waiting: () => waiting,
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
