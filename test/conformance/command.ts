// npm run conformance: starts Bellhop as `npm start` does and tries every line of the five briefs against it.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIssuer } from '../../local/issuer.ts';
import { startCommand } from '../e2e/start.ts';
import { rows } from './rows.ts';
import { openSite } from './site.ts';
import { lineOf, runRows } from './table.ts';

const lifetimeMs = 3_600_000;
const apiKey = 'conformance-key';
const directory = await mkdtemp(join(tmpdir(), 'bellhop-conformance-'));
const started = startCommand({ BELLHOP_DATA_DIR: directory, INTERNAL_API_SECRET: apiKey, PORT: '0' });
try {
  await started.says('Bellhop is ready');
  const runtime = JSON.parse(await readFile(join(directory, 'runtime.json'), 'utf8')) as { readonly httpUrl: string };
  const issuer = await openIssuer(directory);
  const site = openSite({
    url: runtime.httpUrl,
    apiKey,
    token: (user, roles) => issuer.sign({ user, tenant: 'default', roles, lifetimeMs }, Date.now()),
  });
  const outcomes = await runRows(site, rows, (outcome) => {
    process.stdout.write(`${lineOf(outcome)}\n`);
  });
  const failed = outcomes.filter(({ problem }) => problem !== null).length;
  process.stdout.write(`\n${String(outcomes.length - failed)} of ${String(outcomes.length)} lines hold\n`);
  if (failed > 0) process.exitCode = 1;
} finally {
  await started.kill('SIGINT');
  await rm(directory, { recursive: true, force: true });
}
