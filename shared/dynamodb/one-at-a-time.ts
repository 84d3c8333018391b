// Tasks of one process that would get into each other's way, one after the other.

/** Runs a task after all earlier ones with the same key, be they done or failed. */
export type OneAtATime = <Result>(key: string, task: () => Promise<Result>) => Promise<Result>;

export function oneAtATime(): OneAtATime {
  const last = new Map<string, Promise<unknown>>();
  return async (key, task) => {
    const before = last.get(key);
    // What an earlier task threw is the business of whoever waits for that one.
    const run = before === undefined ? task() : before.then(task, task);
    last.set(key, run);
    try {
      return await run;
    } finally {
      if (last.get(key) === run) last.delete(key);
    }
  };
}
