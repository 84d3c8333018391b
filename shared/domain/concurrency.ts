// Runs many tasks with a bound on how many are under way at once.

/**
 * Runs `task` for every item, at most `atOnce` at a time, and returns what came of each, in the items' order. A task
 * that throws does not stop the others. When `goOn` says no, no further task is started; those items come back as `skipped`.
 */
export async function runBounded<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  task: (item: Item) => Promise<Result>,
  goOn: () => boolean = () => true,
): Promise<readonly Outcome<Result>[]> {
  const outcomes = items.map((): Outcome<Result> => ({ outcome: 'skipped' }));
  const entries = items.entries();
  const worker = async (): Promise<void> => {
    // One iterator is shared by all workers: each takes the next item that nobody has.
    for (const [index, item] of entries) {
      if (!goOn()) return;
      try {
        outcomes[index] = { outcome: 'done', result: await task(item) };
      } catch (error) {
        outcomes[index] = { outcome: 'threw', error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return outcomes;
}

export type Outcome<Result> =
  | { readonly outcome: 'done'; readonly result: Result }
  | { readonly outcome: 'threw'; readonly error: unknown }
  | { readonly outcome: 'skipped' };

/** Throws what a task threw, or that some were skipped: whoever asked for all of them then asks again. */
export function throwUnlessDone(outcomes: readonly Outcome<unknown>[]): void {
  const failed = outcomes.find((outcome) => outcome.outcome === 'threw');
  if (failed !== undefined) throw failed.error;
  const skipped = outcomes.filter((outcome) => outcome.outcome === 'skipped').length;
  if (skipped > 0)
    throw new Error(`${String(skipped)} of ${String(outcomes.length)} were not begun before the deadline`);
}
