// npm start: builds the functions, synthesizes the stack, and serves all that it names on this machine.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleFunctions } from '../infra/bundle.ts';
import { synthesize } from '../infra/synthesize.ts';
import { openIssuer } from '../local/issuer.ts';
import type { Runtime } from '../local/runtime.ts';
import { startRuntime } from '../local/runtime.ts';
import { digestOf, localApiKeys } from './api-keys.ts';
import { storedSecrets } from './jwt-secret.ts';
import { dataDirectory, portOf, runCommand, UsageError } from './settings.ts';

const sameSignalMs = 500;

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      parameter: { type: 'string', multiple: true, default: [] },
      'time-scale': { type: 'string', default: '1' },
      'lose-disconnects': { type: 'string', default: '0' },
    },
  });
  const timeScale = positiveNumber('--time-scale', values['time-scale']);
  const disconnectLostShare = share('--lose-disconnects', values['lose-disconnects']);
  const parameters = givenParameters(values.parameter);
  const directory = dataDirectory(process.env);
  const port = portOf(process.env);
  const secrets = storedSecrets(process.env);
  const issuer = await openIssuer(directory);
  const keys = localApiKeys(process.env['INTERNAL_API_SECRET'], directory);
  const bundleDirectory = join(directory, 'functions');
  await timed('building the functions', () => bundleFunctions(bundleDirectory));
  const { template, assemblyDirectory } = await timed('synthesizing the stack', () =>
    synthesize({ bundleDirectory, outDirectory: join(directory, 'assembly'), validate: false }),
  );
  const runtime = await timed('starting what it names', () =>
    startRuntime({
      template,
      assemblyDirectory,
      dataDirectory: directory,
      port,
      timeScale,
      faults: { disconnectLostShare },
      secrets,
      parameters: {
        ApiKeyDigests: keys.map(digestOf).join(','),
        TokenIssuer: issuer.issuer,
        TokenAudience: issuer.audience,
        TokenJwksUri: '{publicUrl}/.well-known/jwks.json',
        // On one machine every tenant is somebody who tries things out.
        Teams: '*',
        JwtSecretParameter: Object.keys(secrets)[0] ?? '',
        ...parameters,
      },
    }),
  );
  await removeOldAssets(assemblyDirectory, template);
  stopOnSignal(runtime);
  print(welcome(runtime, keys[0] ?? ''));
});

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function timed<Result>(what: string, work: () => Promise<Result> | Result): Promise<Result> {
  const startedMs = performance.now();
  process.stdout.write(`${what} ... `);
  try {
    const result = await work();
    print(`${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
    return result;
  } catch (error) {
    print('failed');
    throw error;
  }
}

function welcome(runtime: Runtime, key: string): string {
  return `
HTTP API    ${runtime.httpUrl}/api
WebSocket   ${runtime.webSocketUrl}
API key     ${key}
Documents   ${runtime.httpUrl}/docs

Connect a listener, in another terminal:
  npm run listen -- --user contractor1

Tell it something:
  curl -X POST ${runtime.httpUrl}/api/notifications/broadcast \\
    -H 'X-Internal-API-Key: ${key}' -H 'Content-Type: application/json' \\
    -d '{"eventType":"task:new","taskData":{"id":"task-1","description":"Setup"},"contractorIds":["contractor1"]}'

Bellhop is ready`;
}

/** Each change of a function leaves its old bundle behind. Only the one runtime that holds the data folder comes this far. */
async function removeOldAssets(assemblyDirectory: string, template: object): Promise<void> {
  const text = JSON.stringify(template);
  const assets = (await readdir(assemblyDirectory)).filter((name) => name.startsWith('asset.'));
  const old = assets.filter((name) => !text.includes(name.slice('asset.'.length)));
  await Promise.all(old.map((name) => rm(join(assemblyDirectory, name), { recursive: true, force: true })));
}

/** The first signal ends cleanly; another one, while that takes its time, ends at once. */
function stopOnSignal(runtime: Runtime): void {
  let stoppingSinceMs: number | undefined;
  const stop = (): void => {
    // One Ctrl-C can arrive twice: from the terminal, and passed on by npm.
    if (stoppingSinceMs !== undefined && performance.now() - stoppingSinceMs > sameSignalMs) process.exit(1);
    if (stoppingSinceMs !== undefined) return;
    stoppingSinceMs = performance.now();
    runtime.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`the runtime did not end cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** As with cdk deploy: `--parameter RateLimitPerMinute=100`. */
function givenParameters(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const separator = entry.indexOf('=');
      if (separator < 1) throw new UsageError(`--parameter ${entry}: write --parameter Name=value`);
      return [entry.slice(0, separator), entry.slice(separator + 1)];
    }),
  );
}

function positiveNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`${option} ${text}: give a number above 0`);
}

function share(option: string, text: string): number {
  const number = Number(text);
  if (text !== '' && number >= 0 && number <= 1) return number;
  throw new UsageError(`${option} ${text}: give a number from 0 to 1`);
}
