// The bundles of the functions: their sizes, what is in them, and what is said when they cannot be made.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunctions, functionName } from '../../infra/bundle.ts';
import type { FunctionNeeds } from '../../infra/function-needs.ts';
import { functionNeeds } from '../../infra/function-needs.ts';
import type { RouteName } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';

/** What was measured and a tenth more, in kilobytes: a function that grows past it starts slower and should say why. */
const kilobytesMax: Readonly<Record<RouteName, number>> = {
  connect: 677,
  disconnect: 415,
  message: 620,
  opener: 454,
  createBroadcast: 502,
  publish: 502,
  getDeliveries: 479,
  getInbox: 602,
  updateInbox: 622,
  getBroadcast: 480,
  sendTest: 504,
  getStatus: 453,
  sweepOutbox: 452,
  fanOut: 515,
  enforceDeadline: 493,
};

const names = Object.keys(routes) as RouteName[];
const scratch = mkdtempSync(join(tmpdir(), 'bellhop-bundle-'));

afterAll(() => {
  rmSync(scratch, { recursive: true });
});

describe('the bundles', () => {
  const directory = join(scratch, 'functions');
  let metafile: Metafile;

  beforeAll(async () => {
    metafile = await bundleFunctions(directory);
  });

  it('are one file for each route', () => {
    const files = readdirSync(directory, { recursive: true }).map(String);
    expect(files.filter((file) => file.includes('.')).sort()).toEqual(
      names.map((name) => join(functionName(routes[name]), 'index.cjs')).sort(),
    );
  });

  it.each(names)('%s keeps within its budget', (name) => {
    const { size } = statSync(join(directory, functionName(routes[name]), 'index.cjs'));
    expect(size / 1_000).toBeLessThanOrEqual(kilobytesMax[name]);
  });

  it.each(names)('%s holds the clients of what it may use, and no other', (name) => {
    expect(clientsIn(metafile, name)).toEqual(clientsOf(functionNeeds[name]));
  });

  it('hold the small zod only', () => {
    const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    expect(files.filter((file) => /node_modules\/zod\/.*\/(?:classic|locales)\//.test(file))).toEqual([]);
    expect(files.some((file) => file.includes('node_modules/zod/'))).toBe(true);
  });

  it('are the same bytes when made again', async () => {
    const again = join(scratch, 'again');
    await bundleFunctions(again);
    for (const name of names) {
      const file = join(functionName(routes[name]), 'index.cjs');
      expect(readFileSync(join(again, file)).equals(readFileSync(join(directory, file)))).toBe(true);
    }
  });
});

describe('handlers that cannot be bundled', () => {
  const sources = join(scratch, 'sources');
  const directory = join(scratch, 'out');

  /** A handler for every route, with what is given in place of one; null leaves it out. */
  async function bundleWith(file: string, text: string | null): Promise<unknown> {
    rmSync(sources, { recursive: true, force: true });
    for (const route of Object.values(routes)) {
      const source = route.file === file ? text : 'export const handler = () => null;\n';
      mkdirSync(dirname(join(sources, `${route.file}.ts`)), { recursive: true });
      if (source !== null) writeFileSync(join(sources, `${route.file}.ts`), source);
    }
    return bundleFunctions(directory, sources);
  }

  it.each([
    [
      'a missing handler',
      null,
      /^The functions cannot be bundled: Could not resolve "sources\/websocket\/connect\.ts"$/,
    ],
    [
      'a mistake',
      'export const = 1;\n',
      /^The functions cannot be bundled: sources\/websocket\/connect\.ts:1:14: Expected/,
    ],
    [
      'an import of nothing',
      "import { a } from './gone.ts';\nimport { b } from './lost.ts';\nexport const handler = () => [a, b];\n",
      /^The functions cannot be bundled: sources\/websocket\/connect\.ts:1:19: Could not resolve "\.\/gone\.ts" \(and 1 more\)$/,
    ],
  ])('tell of %s in one line, with its place', async (_, text, message) => {
    await expect(bundleWith('websocket/connect', text)).rejects.toThrow(message);
  });

  it('leave nothing behind of functions that are gone', async () => {
    mkdirSync(join(directory, 'gone'), { recursive: true });
    await bundleWith('websocket/connect', 'export const handler = () => 1;\n');
    expect(readdirSync(directory).sort()).toEqual(names.map((name) => functionName(routes[name])).sort());
  });
});

/** The SDK's clients that went into a function. */
function clientsIn({ outputs }: Metafile, name: RouteName): readonly string[] {
  const output = Object.entries(outputs).find(([file]) => file.endsWith(`${functionName(routes[name])}/index.cjs`));
  const clients = Object.keys(output?.[1].inputs ?? {}).flatMap(
    (input) => /@aws-sdk\/(client-[a-z]+)\//.exec(input)?.[1] ?? [],
  );
  return [...new Set(clients)].sort();
}

function clientsOf({ tables, queues, connections, startsOpener, settings }: FunctionNeeds): readonly string[] {
  return [
    ...(connections === undefined ? [] : ['client-apigatewaymanagementapi']),
    ...(tables === undefined ? [] : ['client-dynamodb']),
    ...(startsOpener === true ? ['client-lambda'] : []),
    ...(queues === undefined ? [] : ['client-sqs']),
    ...(settings?.includes('jwtSecretParameter') === true ? ['client-ssm'] : []),
  ];
}
