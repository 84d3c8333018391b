// Functions in their sandboxes: what they see, what ends them, how many there are, and where their output goes.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FunctionModel } from '../../../local/contracts.ts';
import { functionEnvironment } from '../../../local/functions/environment.ts';
import { startFunctions, type FunctionsOptions, type RunningFunctions } from '../../../local/functions/functions.ts';
import { openLog } from '../../../local/functions/log.ts';
import { functionIdentity } from '../../../local/aws/identities.ts';
import { writeFunction } from '../function-model.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { eventually } from '../eventually.ts';

interface Stand {
  readonly folder: string;
  readonly functions: RunningFunctions;
  /** What the function's log holds now. */
  readonly log: () => Promise<string>;
}

const name = 'Probe';

async function start(
  handler: string,
  model: Partial<FunctionModel> = {},
  options: Partial<FunctionsOptions> = {},
): Promise<Stand> {
  const folder = await temporaryFolder();
  const functions = startFunctions({
    models: [await writeFunction(folder, name, handler, model)],
    environmentOf: (entry) => functionEnvironment(entry, functionIdentity(entry), 'http://127.0.0.1:1'),
    logOf: (entry) => openLog(folder, entry.name, () => undefined),
    ...options,
  });
  onTestFinished(() => functions.stop(0));
  return { folder, functions, log: () => readFile(path.join(folder, `${name}.log`), 'utf8') };
}

describe('an invocation', () => {
  it('hands over the event as JSON and returns what the handler returns', async () => {
    const { functions } = await start('async (event) => ({ got: event, at: new Date(0) })');
    const result = await functions.invoke(name, { a: 1, lost: undefined });
    expect(result).toEqual({ outcome: 'returned', payload: { got: { a: 1 }, at: '1970-01-01T00:00:00.000Z' } });
  });

  it('answers null for a handler that returns nothing, and for no event', async () => {
    const { functions } = await start('async (event) => (event === null ? undefined : event)');
    expect(await functions.invoke(name, undefined)).toEqual({ outcome: 'returned', payload: null });
  });

  it('has the context of Lambda', async () => {
    const { functions } = await start(
      'async (_, context) => ({ ...context, left: context.getRemainingTimeInMillis() })',
    );
    const result = await functions.invoke(name, {});
    expect(result).toMatchObject({
      payload: {
        functionName: name,
        functionVersion: '$LATEST',
        memoryLimitInMB: '128',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:Probe',
        logGroupName: '/aws/lambda/Probe',
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      },
    });
    const { left } = (result as { payload: { left: number } }).payload;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(20_000);
  });

  it('of an unknown function is an error', async () => {
    const { functions } = await start('async () => 1');
    expect(await functions.invoke('Nobody', {})).toEqual({ outcome: 'error', message: 'Function not found: Nobody' });
  });

  it('is an error when request or response are larger than Lambda allows', async () => {
    const { functions } = await start("async ({ size = 0 }) => 'x'.repeat(size)");
    const limit = 6 * 1024 * 1024;
    expect(await functions.invoke(name, 'x'.repeat(limit))).toMatchObject({ outcome: 'error' });
    expect(await functions.invoke(name, { size: limit })).toMatchObject({ outcome: 'error' });
    expect(await functions.invoke(name, { size: limit - 2 })).toMatchObject({ outcome: 'returned' });
  });
});

describe('the environment', () => {
  it('is that of the template and of Lambda, and nothing of this process', async () => {
    vi.stubEnv('SECRET_OF_THIS_PROCESS', 'leaked');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { functions } = await start('async () => process.env', { environment: { TABLE: 'Things' } });
    const { payload } = (await functions.invoke(name, {})) as { payload: Record<string, string> };
    expect(payload).toMatchObject({
      TABLE: 'Things',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^FUNCTION/) as unknown,
    });
    expect(
      Object.keys(payload).filter((variable) => !/^(?:AWS_|LAMBDA_|_HANDLER|LANG|TZ|TABLE)/.test(variable)),
    ).toEqual([]);
  });
});

describe('what ends a function', () => {
  it('is its deadline: the copy is gone, and the next call gets a new one', async () => {
    const { functions, log } = await start(
      'async ({ hang }) => { while (hang); return globalThis.calls = (globalThis.calls ?? 0) + 1; }',
      { timeoutMs: 500 },
    );
    expect(await functions.invoke(name, {})).toEqual({ outcome: 'returned', payload: 1 });
    const late = await functions.invoke(name, { hang: true });
    expect(late).toEqual({ outcome: 'timeout', message: 'Task timed out after 0.50 seconds' });
    expect(await functions.invoke(name, {})).toEqual({ outcome: 'returned', payload: 1 });
    await functions.stop(0);
    expect(await log()).toContain('TIMEOUT Task timed out after 0.50 seconds');
  });

  it('is not an exception that the handler throws: the copy lives on', async () => {
    const { functions } = await start(
      "async ({ fail }) => { globalThis.calls = (globalThis.calls ?? 0) + 1; if (fail) throw new Error('no'); return calls; }",
    );
    const failed = await functions.invoke(name, { fail: true });
    expect(failed).toEqual({ outcome: 'error', message: expect.stringContaining('Error: no') as unknown });
    expect(await functions.invoke(name, {})).toEqual({ outcome: 'returned', payload: 2 });
  });

  it.each([
    ['process.exit', 'async ({ end }) => (end ? process.exit(3) : 1)', 'ended its process with code 3'],
    [
      'an exception outside of the handler',
      "async ({ end }) => (end ? new Promise(() => setTimeout(() => { throw new Error('stray'); }, 1)) : 1)",
      'stray',
    ],
    [
      'a rejection that nobody handles',
      "async ({ end }) => (end ? new Promise(() => { void Promise.reject(new Error('unheard')); }) : 1)",
      'unheard',
    ],
  ])('is %s', async (_, handler, message) => {
    const { functions } = await start(handler);
    const ended = await functions.invoke(name, { end: true });
    expect(ended).toEqual({ outcome: 'error', message: expect.stringContaining(message) as unknown });
    expect(await functions.invoke(name, {})).toEqual({ outcome: 'returned', payload: 1 });
  });

  it('is code that does not load, or exports no handler', async () => {
    const broken = await start("(() => { throw new Error('broken bundle'); })()");
    const failed = { outcome: 'error', message: expect.stringContaining('broken bundle') as unknown };
    expect(await broken.functions.invoke(name, {})).toEqual(failed);
    expect(await broken.functions.invoke(name, {})).toEqual(failed);
    const other = await start('async () => 1', { handler: 'index.missing' });
    expect(await other.functions.invoke(name, {})).toMatchObject({ outcome: 'error' });
  });
});

describe('copies of a function', () => {
  it('run one invocation at a time each, up to the limit, and are used again', async () => {
    const handler =
      "async ({ ms }) => { const { threadId } = require('node:worker_threads'); await new Promise((r) => setTimeout(r, ms)); return threadId; }";
    const { functions } = await start(handler, {}, { instancesMax: 2 });
    const results = await Promise.all(Array.from({ length: 6 }, () => functions.invoke(name, { ms: 20 })));
    const threads = new Set(results.map((result) => (result as { payload: number }).payload));
    expect(threads.size).toBe(2);
    const again = await functions.invoke(name, { ms: 0 });
    expect(threads).toContain((again as { payload: number }).payload);
  });

  it('are no more than the reserved concurrency', async () => {
    const handler =
      "async () => { const before = globalThis.running ?? 0; globalThis.running = before + 1; await new Promise((r) => setTimeout(r, 5)); running -= 1; return [before, require('node:worker_threads').threadId]; }";
    const { functions } = await start(handler, { concurrencyMax: 1 });
    const results = await Promise.all(Array.from({ length: 3 }, () => functions.invoke(name, {})));
    const payloads = results.map((result) => (result as { payload: [number, number] }).payload);
    expect(payloads.map(([running]) => running)).toEqual([0, 0, 0]);
    expect(new Set(payloads.map(([, thread]) => thread)).size).toBe(1);
  });

  it('stand still between invocations', async () => {
    const { functions, folder } = await start(
      "async ({ file, wait }) => { if (wait) await new Promise((r) => setTimeout(r, 20)); else setTimeout(() => require('node:fs').writeFileSync(file, 'later'), 1); return 1; }",
      {},
      { instancesMax: 1 },
    );
    const file = path.join(folder, 'written');
    await writeFile(file, 'before');
    await functions.invoke(name, { file });
    // The timer's time passes while the copy is frozen; it fires when the copy runs again.
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await readFile(file, 'utf8')).toBe('before');
    await functions.invoke(name, { wait: true });
    expect(await readFile(file, 'utf8')).toBe('later');
  });
});

describe('output', () => {
  it('goes to the log file of the function', async () => {
    const { functions, log } = await start("async () => { console.log('to stdout'); console.error('to stderr'); }");
    await functions.invoke(name, {});
    await functions.invoke(name, {});
    await functions.stop(0);
    expect((await log()).match(/to stdout/g)).toHaveLength(2);
    expect((await log()).match(/to stderr/g)).toHaveLength(2);
  });
});

describe('an asynchronous invocation', () => {
  /** Fails as often as asked, and writes a line for each attempt. */
  const handler =
    "async ({ file, failures }) => { const fs = require('node:fs'); fs.appendFileSync(file, 'x'); if (fs.readFileSync(file, 'utf8').length <= failures) throw new Error('again'); }";

  it.each([
    { failures: 0, retriesMax: 2, attempts: 1 },
    { failures: 1, retriesMax: 2, attempts: 2 },
    { failures: 9, retriesMax: 2, attempts: 3 },
    { failures: 9, retriesMax: 0, attempts: 1 },
  ])(
    'is tried $attempts times after $failures failures with $retriesMax retries',
    async ({ failures, retriesMax, attempts }) => {
      const asynchronous = { retriesMax, ageMaxMs: 60_000 };
      const { functions, folder, log } = await start(
        handler,
        { asynchronous },
        { retryDelaysMs: [1, 1], instancesMax: 1 },
      );
      const file = path.join(folder, 'attempts');
      functions.invokeLater(name, { file, failures });
      await eventually(() => readFile(file, 'utf8').catch(() => '')).toBe('x'.repeat(attempts));
      const givenUp = failures >= attempts;
      if (givenUp) await eventually(log).toContain(`given up after ${String(attempts)} attempts`);
    },
  );

  it('is not tried again when it would be too old', async () => {
    const asynchronous = { retriesMax: 2, ageMaxMs: 1_000 };
    const { functions, folder, log } = await start(handler, { asynchronous }, { retryDelaysMs: [5_000] });
    functions.invokeLater(name, { file: path.join(folder, 'attempts'), failures: 9 });
    await eventually(log).toContain('given up after 1 attempts');
  });
});

describe('stop', () => {
  it('lets what runs finish within the grace, and refuses what comes later', async () => {
    const { functions } = await start("async () => { await new Promise((r) => setTimeout(r, 50)); return 'done'; }");
    const running = functions.invoke(name, {});
    await functions.stop(5_000);
    expect(await running).toEqual({ outcome: 'returned', payload: 'done' });
    expect(await functions.invoke(name, {})).toMatchObject({ outcome: 'throttled' });
  });

  it('ends what runs longer', async () => {
    const { functions } = await start('async () => { for (;;); }');
    const running = functions.invoke(name, {});
    await functions.stop(50);
    expect(await running).toMatchObject({ outcome: 'error' });
  });
});
