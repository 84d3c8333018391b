// Plays a scene once for every order in which its calls can follow each other.

/** Calls that wait for their turn. */
export interface Turns {
  /** Makes the call when its turn comes. */
  take<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Gives one waiting call its turn after the other, until all of these are over. Throws what one of them threw. */
  finish(...processes: readonly Promise<unknown>[]): Promise<void>;
}

/** Returns how many orders there were. `play` must do the same each time but for the order of its turns. */
export async function everyInterleaving(play: (turns: Turns) => Promise<void>): Promise<number> {
  let plan: readonly number[] = [];
  for (let played = 1; ; played += 1) {
    const choices: { readonly choice: number; readonly of: number }[] = [];
    const choose = (of: number): number => {
      const choice = plan[choices.length] ?? 0;
      choices.push({ choice, of });
      return choice;
    };
    await play(turnsInOrder(choose));
    // The last choice that had another possibility takes it; what follows it begins anew.
    const last = choices.findLastIndex(({ choice, of }) => choice + 1 < of);
    if (last === -1) return played;
    plan = choices.slice(0, last + 1).map(({ choice }, index) => (index === last ? choice + 1 : choice));
  }
}

function turnsInOrder(choose: (of: number) => number): Turns {
  const waiting: (() => void)[] = [];
  return {
    take: async (run) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return run();
    },
    finish: async (...processes) => {
      const ends: unknown[] = [];
      for (const process of processes) {
        void Promise.allSettled([process]).then((end) => ends.push(end));
      }
      for (;;) {
        await untilAllWait();
        if (ends.length === processes.length) break;
        const [next] = waiting.splice(choose(waiting.length), 1);
        if (next === undefined) throw new Error('a process waits for something that is not its turn');
        next();
      }
      await Promise.all(processes);
    },
  };
}

/** Fakes answer without leaving the microtask queue, so that when it is empty everybody waits for a turn or is over. */
async function untilAllWait(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
