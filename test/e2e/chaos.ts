// npm run chaos: real sockets that are cut, a runtime that is killed under load, and a count of what came of it.
import { parseArgs } from 'node:util';
import type { ChaosResult } from './chaos/run.ts';
import { runChaos } from './chaos/run.ts';
import { isFlawless } from './chaos/judge.ts';

const examplesMax = 10;

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    kills: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '150' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
  },
});
const clients = whole('clients', values.clients);
const kills = whole('kills', values.kills);
const seconds = whole('seconds', values.seconds);
const seed = whole('seed', values.seed);
const startedMs = performance.now();

say(`${String(clients)} clients, ${String(kills)} kills, ${String(seconds)} s of broadcasts; --seed ${String(seed)}`);
const result = await runChaos({ clients, kills, seconds, seed, say });
print(result);
if (!isFlawless(result.verdict)) process.exitCode = 1;

function print({ verdict, broadcasts, repetitions, connections, caughtUpMs }: ChaosResult): void {
  const { expected, shown, lost, repeated, outOfOrder, foreign } = verdict;
  const rows: readonly (readonly [string, number | string])[] = [
    ['clients', clients],
    ['kill -9 under load', kills],
    ['connections made', connections],
    ['calls of the CRM repeated', repetitions],
    ['broadcasts accepted', broadcasts],
    ['notifications to show', expected],
    ['notifications shown', shown],
    ['lost', lost.length],
    ['shown twice', repeated.length],
    ['out of order', outOfOrder.length],
    ['not sent, or not to them', foreign.length],
    ['last client complete after', `${(caughtUpMs / 1_000).toFixed(1)} s`],
  ];
  process.stdout.write('\n');
  for (const [name, value] of rows) process.stdout.write(`${name.padEnd(28)}${String(value).padStart(10)}\n`);
  const examples = [lost, repeated, outOfOrder, foreign].flatMap((violations) => violations.slice(0, examplesMax));
  for (const example of examples) process.stdout.write(`${example}\n`);
  process.stdout.write(
    isFlawless(verdict)
      ? '\nEvery accepted notification was shown once, in order, on every addressed client.\n'
      : `\nFAILED; the same again with --seed ${String(seed)}\n`,
  );
}

function say(line: string): void {
  process.stdout.write(`${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(4)} s  ${line}\n`);
}

function whole(option: string, text: string): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text)) return number;
  throw new Error(`--${option} ${text}: give a whole number`);
}
