// The bundles of the functions: their sizes, what is in them, and what is said when they cannot be made.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunctions, bundleName } from '../../infra/bundle.ts';
import type { FunctionNeeds } from '../../infra/function-needs.ts';
import { functionNeeds } from '../../infra/function-needs.ts';
import type { FunctionName, Route } from '../../shared/protocol/routes.ts';
import { functionNameOf, routes } from '../../shared/protocol/routes.ts';

/** What was measured and a tenth more, in kilobytes: a function that grows past it starts slower and should say why. */
const kilobytesMax: Readonly<Record<FunctionName, number>> = {
  connect: 723,
  disconnect: 490,
  message: 721,
  opener: 575,
  createBroadcast: 518,
  publish: 518,
  getDeliveries: 626,
  getInbox: 618,
  updateInbox: 668,
  getBroadcast: 626,
  sendTest: 520,
  getStatus: 494,
  sweepOutbox: 485,
  fanOut: 572,
  enforceDeadline: 582,
  createBatch: 520,
  hotel: 677,
  repairShop: 666,
  leads: 642,
  supportDesk: 663,
  documents: 569,
};

/** The files of handlers, each with the name of its function. */
const functions = [...new Set(Object.values<Route>(routes).map(({ file }) => file))].map(
  (file) => [functionNameOf(file), file] as const,
);
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

  it('are one file for each file of handlers', () => {
    const files = readdirSync(directory, { recursive: true }).map(String);
    expect(files.filter((file) => file.includes('.')).sort()).toEqual(
      functions.map(([, file]) => join(bundleName(file), 'index.cjs')).sort(),
    );
  });

  it.each(functions)('%s keeps within its budget', (name, file) => {
    const { size } = statSync(join(directory, bundleName(file), 'index.cjs'));
    expect(size / 1_000).toBeLessThanOrEqual(kilobytesMax[name]);
  });

  it.each(functions)('%s holds the clients of what it may use, and no other', (name, file) => {
    expect(clientsIn(metafile, file)).toEqual(clientsOf(functionNeeds[name]));
  });

  it('hold the small zod only', () => {
    const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    expect(files.filter((file) => /node_modules\/zod\/.*\/(?:classic|locales)\//.test(file))).toEqual([]);
    expect(files.some((file) => file.includes('node_modules/zod/'))).toBe(true);
  });

  it('are the same bytes when made again', async () => {
    const again = join(scratch, 'again');
    await bundleFunctions(again);
    for (const [, file] of functions) {
      const bundle = join(bundleName(file), 'index.cjs');
      expect(readFileSync(join(again, bundle)).equals(readFileSync(join(directory, bundle)))).toBe(true);
    }
  }, 60_000);
});

describe('handlers that cannot be bundled', () => {
  const sources = join(scratch, 'sources');
  const directory = join(scratch, 'out');

  /** Every file of handlers, with what is given in place of one; null leaves it out. */
  async function bundleWith(file: string, text: string | null): Promise<unknown> {
    rmSync(sources, { recursive: true, force: true });
    for (const [, each] of functions) {
      const source = each === file ? text : 'export const handler = () => null;\n';
      mkdirSync(dirname(join(sources, `${each}.ts`)), { recursive: true });
      if (source !== null) writeFileSync(join(sources, `${each}.ts`), source);
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
    expect(readdirSync(directory).sort()).toEqual(functions.map(([, file]) => bundleName(file)).sort());
  });
});

/** The SDK's clients that went into a function. */
function clientsIn({ outputs }: Metafile, handlers: string): readonly string[] {
  const output = Object.entries(outputs).find(([file]) => file.endsWith(`/${bundleName(handlers)}/index.cjs`));
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
