// npm run simulate: runs of many seeds, two at a time, and one table of what they showed.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runCommand, UsageError } from '../../commands/settings.ts';
import { runBounded, throwUnlessDone } from '../../shared/domain/concurrency.ts';
import { simulate } from './simulate.ts';
import type { Line } from './table.ts';
import { lineOf, tableOf, totalOf } from './table.ts';

const runsAtOnce = 2;
const progressEveryMs = 10_000;

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      notifications: { type: 'string', default: '100000' },
      seeds: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
    },
  });
  const notifications = count('notifications', values.notifications, 100_000_000);
  const seeds = count('seeds', values.seeds, 10_000);
  const first = count('seed', values.seed, 0x7fffffff);
  if (process.send !== undefined) {
    process.send(await runOne(first, notifications));
    return;
  }
  const lines = await runAll(
    Array.from({ length: seeds }, (_, index) => first + index),
    notifications,
  );
  process.stdout.write(`${tableOf(seeds === 1 ? lines : [...lines, totalOf(lines)])}\n`);
  for (const { seed, broken } of lines) for (const text of broken) process.stdout.write(`seed ${seed}: ${text}\n`);
  if (lines.some(({ broken }) => broken.length > 0)) process.exitCode = 1;
});

function count(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= 1 && value <= max) return value;
  throw new UsageError(
    `--${name} is ${JSON.stringify(text)}: give a whole number from 1 to ${String(max)}, for example npm run simulate -- --notifications 1000000 --seeds 20`,
  );
}

async function runOne(seed: number, notifications: number): Promise<Line> {
  const begunMs = Date.now();
  let toldMs = begunMs;
  const outcome = await simulate({
    seed,
    notifications,
    onProgress: (done) => {
      if (Date.now() - toldMs < progressEveryMs) return;
      toldMs = Date.now();
      const megabytes = Math.round(process.memoryUsage.rss() / 1_000_000);
      process.stderr.write(
        `seed ${String(seed)}: ${String(done)} of ${String(notifications)} after ${String(Math.round((toldMs - begunMs) / 1_000))} s, ${String(megabytes)} MB\n`,
      );
    },
  });
  return lineOf(outcome, Date.now() - begunMs);
}

/** A process for each, so that one run's memory is given back before the next one begins. */
async function runAll(seeds: readonly number[], notifications: number): Promise<readonly Line[]> {
  const outcomes = await runBounded(seeds, runsAtOnce, async (seed) => runApart(seed, notifications));
  throwUnlessDone(outcomes);
  return outcomes.flatMap((outcome) => (outcome.outcome === 'done' ? [outcome.result] : []));
}

async function runApart(seed: number, notifications: number): Promise<Line> {
  return new Promise((resolve, reject) => {
    const parameters = ['--notifications', String(notifications), '--seed', String(seed)];
    const run = fork(fileURLToPath(import.meta.url), parameters);
    run.once('message', (line) => {
      resolve(line as Line);
    });
    run.once('error', reject);
    run.once('exit', (code) => {
      reject(new Error(`the run of seed ${String(seed)} ended with exit code ${String(code)} and without figures`));
    });
  });
}
