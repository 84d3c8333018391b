// Runs inside a worker thread: loads one function's bundle and answers one invocation after another, as a Lambda sandbox.
//
// JavaScript, because worker threads of Node 20 load no TypeScript; messages.ts has the types of what goes in and out.

import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { setImmediate } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';

/** @type {import('./messages.ts').WorkerSetup} */
const setup = workerData;
const invocations = new Int32Array(setup.invocations);

function loadHandler() {
  // Lambda's folder has no package.json, so .js is CommonJS there; here it may lie below one that says otherwise.
  const bundle = new Module(setup.file);
  bundle.filename = setup.file;
  bundle.paths = createRequire(setup.file).resolve.paths(path.dirname(setup.file)) ?? [];
  bundle._compile(readFileSync(setup.file, 'utf8'), setup.file);
  const handler = bundle.exports[setup.exportName];
  if (typeof handler !== 'function') throw new Error(`${setup.file} does not export ${setup.exportName}.`);
  return handler;
}

/** @returns {import('./messages.ts').FromWorker} */
function failed(error) {
  return { kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/**
 * @param {import('./messages.ts').ToWorker} message
 * @returns {Promise<import('./messages.ts').FromWorker>}
 */
async function answer(handler, { event, context: { deadlineMs, ...context } }) {
  const getRemainingTimeInMillis = () => Math.max(0, deadlineMs - Date.now());
  try {
    const result = await handler(JSON.parse(event), { ...context, getRemainingTimeInMillis });
    // What has no JSON, such as undefined, reaches the caller as null.
    return { kind: 'returned', payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return failed(error);
  }
}

/** Resolves when the runtime has what was printed: neither freezing nor ending the thread may lose it. */
async function printed(output) {
  if (output.writableLength > 0) await new Promise((resolve) => output.write('', resolve));
}

try {
  const handler = loadHandler();
  parentPort.on('message', async (message) => {
    const seen = Atomics.load(invocations, 0);
    const result = await answer(handler, message);
    await printed(process.stdout);
    await printed(process.stderr);
    parentPort.postMessage(result);
    // Lambda stops the sandbox between invocations: timers and requests that nobody awaited stand still until the next.
    setImmediate(() => Atomics.wait(invocations, 0, seen));
  });
  parentPort.postMessage({ kind: 'ready' });
} catch (error) {
  parentPort.postMessage(failed(error));
}
