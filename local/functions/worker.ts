// Runs inside a worker thread: loads one function's bundle and answers one invocation after another, as a Lambda sandbox.
//
// It is compiled by itself at start (see instance.ts), so it imports nothing but Node's own modules and types.

import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, InvocationContext, ToWorker, WorkerSetup } from './messages.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const port = parentPort;
if (port === null) throw new Error('This file runs in worker threads only.');
const setup = workerData as WorkerSetup;
const invocations = new Int32Array(setup.invocations);

function loadHandler(): Handler {
  // Lambda's folder has no package.json, so .js is CommonJS there; here it may lie below one that says otherwise.
  const bundle = new Module(setup.file) as Module & { _compile(source: string, file: string): void };
  bundle.filename = setup.file;
  bundle.paths = createRequire(setup.file).resolve.paths(path.dirname(setup.file)) ?? [];
  bundle._compile(readFileSync(setup.file, 'utf8'), setup.file);
  const exported: unknown = (bundle.exports as Record<string, unknown>)[setup.exportName];
  if (typeof exported !== 'function') throw new Error(`${setup.file} does not export ${setup.exportName}.`);
  return exported as Handler;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function answer(handler: Handler, { event, context }: ToWorker): Promise<FromWorker> {
  try {
    const result = await handler(JSON.parse(event), contextOf(context));
    // What JSON cannot hold, such as a function, reaches the caller as null on Lambda too.
    return { kind: 'returned', payload: JSON.stringify(result ?? null) ?? 'null' };
  } catch (error) {
    return { kind: 'failed', message: describe(error) };
  }
}

function contextOf({ deadlineMs, ...context }: InvocationContext): object {
  return { ...context, callbackWaitsForEmptyEventLoop: true, getRemainingTimeInMillis: () => deadlineMs - Date.now() };
}

/** Lambda stops the sandbox between invocations: timers and requests that nobody awaited stand still until the next one. */
function freeze(seen: number): void {
  if (process.stdout.writableLength + process.stderr.writableLength > 0) {
    // What was printed goes out first.
    setImmediate(freeze, seen);
  } else {
    Atomics.wait(invocations, 0, seen);
  }
}

try {
  const handler = loadHandler();
  port.on('message', (message: ToWorker) => {
    const seen = Atomics.load(invocations, 0);
    void answer(handler, message).then((result) => {
      port.postMessage(result);
      setImmediate(freeze, seen);
    });
  });
  port.postMessage({ kind: 'ready' } satisfies FromWorker);
} catch (error) {
  port.postMessage({ kind: 'failed', message: describe(error) } satisfies FromWorker);
}
