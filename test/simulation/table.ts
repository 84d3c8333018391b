// One line of figures for each run, under one head.
import type { Outcome } from './simulate.ts';
import type { PromiseName } from './verdict.ts';

/** What a table needs of a run; plain data, so that it can come from another process. */
export interface Line {
  readonly seed: string;
  readonly notifications: number;
  readonly lost: number;
  readonly twice: number;
  readonly outOfOrder: number;
  /** Came in time, waited for what was missing before it, and was shown after its end. */
  readonly late: number;
  readonly postsEach: number;
  readonly pushShare: number;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly wallMs: number;
  /** The promises that were broken, each with an example. */
  readonly broken: readonly string[];
}

const columns = [
  'seed',
  'notifications',
  'lost',
  'twice',
  'out of order',
  'late',
  'posts each',
  'pushed',
  'delay p50',
  'p99',
  'max',
  'wall',
  'broken',
] as const;

export function lineOf({ seed, figures, broken }: Outcome, wallMs: number): Line {
  const count = (name: PromiseName): number => broken.get(name)?.count ?? 0;
  return {
    seed: String(seed),
    notifications: figures.recipientNotifications,
    lost: count('P1'),
    twice: count('P3'),
    outOfOrder: count('P4'),
    late: figures.shownLate,
    postsEach: figures.postsEach,
    pushShare: figures.pushShare,
    delayP50Ms: figures.delayP50Ms,
    delayP99Ms: figures.delayP99Ms,
    delayMaxMs: figures.delayMaxMs,
    wallMs,
    broken: [...broken].map(
      ([name, { count: times, examples }]) => `${name} (${String(times)}): ${String(examples[0])}`,
    ),
  };
}

/** Sums and, for what is no sum, the mean; of delays the worst. */
export function totalOf(lines: readonly Line[]): Line {
  const sum = (of: (line: Line) => number): number => lines.reduce((total, line) => total + of(line), 0);
  const mean = (of: (line: Line) => number): number => sum(of) / Math.max(1, lines.length);
  const worst = (of: (line: Line) => number): number => Math.max(0, ...lines.map(of));
  return {
    seed: 'all',
    notifications: sum((line) => line.notifications),
    lost: sum((line) => line.lost),
    twice: sum((line) => line.twice),
    outOfOrder: sum((line) => line.outOfOrder),
    late: sum((line) => line.late),
    postsEach: mean((line) => line.postsEach),
    pushShare: mean((line) => line.pushShare),
    delayP50Ms: worst((line) => line.delayP50Ms),
    delayP99Ms: worst((line) => line.delayP99Ms),
    delayMaxMs: worst((line) => line.delayMaxMs),
    wallMs: sum((line) => line.wallMs),
    broken: lines.flatMap(({ broken }) => broken),
  };
}

export function tableOf(lines: readonly Line[]): string {
  const rows = [columns, ...lines.map(cellsOf)];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')).join('\n');
}

function cellsOf(line: Line): readonly string[] {
  const names = line.broken.map((text) => text.split(' ')[0]);
  return [
    line.seed,
    String(line.notifications),
    String(line.lost),
    String(line.twice),
    String(line.outOfOrder),
    String(line.late),
    line.postsEach.toFixed(3),
    `${(line.pushShare * 100).toFixed(1)} %`,
    `${String(line.delayP50Ms)} ms`,
    seconds(line.delayP99Ms),
    seconds(line.delayMaxMs),
    seconds(line.wallMs),
    names.length === 0 ? 'nothing' : [...new Set(names)].join(' '),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
