// npm run isolation: twenty tenants with the same names for everything, and a search for every byte that is not theirs.
import { parseArgs } from 'node:util';
import { run } from './run.ts';
import { storesInMemory } from './stores.ts';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '100000' },
    tenants: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const startedMs = performance.now();
const operations = whole('operations', values.operations);
const tenants = whole('tenants', values.tenants);
const seed = whole('seed', values.seed);
if (tenants < 2 || tenants > 100) throw new Error('--tenants: give 2 to 100, which is how many names there are');
process.stdout.write(`${String(operations)} operations of ${String(tenants)} tenants, seed ${String(seed)} ...\n`);
const { violations, told, perTenant } = await run({ seed, operations, tenants, makeStores: storesInMemory, alone: 2 });
const rows: readonly (readonly [string, number | string])[] = [
  ['operations in which somebody was told', told],
  ['the fewest of one tenant', Math.min(...perTenant)],
  ['told otherwise than alone, foreign bytes, crashes', violations.length],
  ['took', `${((performance.now() - startedMs) / 1_000).toFixed(0)} s`],
];
for (const [name, value] of rows) process.stdout.write(`${name.padEnd(52)}${String(value).padStart(10)}\n`);
for (const { what, operation, example } of violations.slice(0, 10)) {
  process.stdout.write(`${what} in operation ${String(operation)}: ${example}\n`);
}
if (violations.length > 0) process.exitCode = 1;

function whole(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${option} ${text}: give a whole number`);
}
