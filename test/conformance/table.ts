// Runs rows one after the other and prints the table of what holds.
import type { Row } from './row.ts';
import type { Site } from './site.ts';

export interface Outcome {
  readonly row: Row;
  /** Null when it holds. */
  readonly problem: string | null;
  readonly tookMs: number;
}

export async function runRows(
  site: Site,
  rows: readonly Row[],
  onRow: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const row of rows) {
    const startedMs = performance.now();
    const problem = await row.run(site).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    site.close();
    const outcome = { row, problem, tookMs: performance.now() - startedMs };
    outcomes.push(outcome);
    onRow(outcome);
  }
  return outcomes;
}

export function lineOf({ row, problem, tookMs }: Outcome): string {
  const head = `${problem === null ? 'ok  ' : 'FAIL'}  ${row.brief.padEnd(13)} ${tookMs.toFixed(0).padStart(6)} ms  ${row.what}`;
  return problem === null ? head : `${head}\n      ${problem}`;
}
