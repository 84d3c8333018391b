// npm run conformance: starts Bellhop as `npm start` does and tries every line of the five briefs, or of those that are named, against it.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand, UsageError } from '../../commands/settings.ts';
import { openIssuer } from '../../local/issuer.ts';
import { startCommand } from '../e2e/start.ts';
import type { Row } from './row.ts';
import { briefs } from './row.ts';
import { rows } from './rows.ts';
import { openSite } from './site.ts';
import { lineOf, runRows } from './table.ts';

const lifetimeMs = 3_600_000;
const apiKey = 'conformance-key';

await runCommand(async () => {
  const { values } = parseArgs({ options: { brief: { type: 'string', multiple: true, default: [] } } });
  const chosen = rowsOf(values.brief);
  const directory = await mkdtemp(join(tmpdir(), 'bellhop-conformance-'));
  const started = startCommand({ BELLHOP_DATA_DIR: directory, INTERNAL_API_SECRET: apiKey, PORT: '0' });
  try {
    await started.says('Bellhop is ready');
    await tryRows(directory, chosen);
  } finally {
    await started.kill('SIGINT');
    await rm(directory, { recursive: true, force: true });
  }
});

/** Those of all briefs when none is named. */
function rowsOf(names: readonly string[]): readonly Row[] {
  const unknown = names.find((name) => !briefs.some((brief) => brief === name));
  if (unknown === undefined) return names.length === 0 ? rows : rows.filter(({ brief }) => names.includes(brief));
  throw new UsageError(
    `--brief is ${JSON.stringify(unknown)}: give ${briefs.join(', ')}, for example npm run conformance -- --brief repair-shop`,
  );
}

async function tryRows(directory: string, chosen: readonly Row[]): Promise<void> {
  const runtime = JSON.parse(await readFile(join(directory, 'runtime.json'), 'utf8')) as { readonly httpUrl: string };
  const issuer = await openIssuer(directory);
  const site = openSite({
    url: runtime.httpUrl,
    apiKey,
    token: (user, roles, ms = lifetimeMs) =>
      issuer.sign({ user, tenant: 'default', roles, lifetimeMs: ms }, Date.now()),
  });
  const outcomes = await runRows(site, chosen, (outcome) => {
    process.stdout.write(`${lineOf(outcome)}\n`);
  });
  const failed = outcomes.filter(({ problem }) => problem !== null).length;
  process.stdout.write(`\n${String(outcomes.length - failed)} of ${String(outcomes.length)} lines hold\n`);
  if (failed > 0) process.exitCode = 1;
}
