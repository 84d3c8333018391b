// One running copy of a function in a worker thread: a Lambda sandbox with one invocation at a time and a real deadline.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { transform } from 'esbuild';
import type { FunctionModel, InvocationResult } from '../contracts.ts';
import { handlerFile } from '../template/functions.ts';
import { logGroupName } from './environment.ts';
import type { FunctionLog } from './log.ts';
import type { FromWorker, InvocationContext, ToWorker, WorkerSetup } from './messages.ts';

export interface Instance {
  /** Runs one invocation; the next one may start when it has resolved. `payload` is JSON. */
  invoke(payload: string): Promise<InvocationResult>;
  /** False once it has crashed, run into its deadline or been stopped: it never answers again. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

/** How long Lambda lets a function load. */
const loadMsMax = 10_000;

let workerSource: Promise<string> | undefined;

/** Worker threads of Node 20 cannot load TypeScript, so the worker's own file is compiled once. */
async function compileWorker(): Promise<string> {
  const source = await readFile(new URL('./worker.ts', import.meta.url), 'utf8');
  return (await transform(source, { loader: 'ts', format: 'cjs', platform: 'node', target: 'node20' })).code;
}

interface Pending {
  readonly settle: (result: InvocationResult | 'ready') => void;
}

/**
 * Starts a copy; whether its code loads shows at its first invocation.
 * @param environment everything that the function sees in process.env
 */
export async function startInstance(
  model: FunctionModel,
  environment: Record<string, string>,
  log: FunctionLog,
): Promise<Instance> {
  const invocations = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const counter = new Int32Array(invocations);
  const worker = new Worker(await (workerSource ??= compileWorker()), {
    eval: true,
    env: environment,
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: model.memoryMegabytes },
    workerData: setupOf(model, invocations),
  });
  let alive = true;
  let pending: Pending | null = null;
  const settle = (result: InvocationResult | 'ready'): void => {
    const waiting = pending;
    pending = null;
    waiting?.settle(result);
  };
  const die = (message: string): void => {
    alive = false;
    settle({ outcome: 'error', message });
  };
  worker.stdout.on('data', log.write);
  worker.stderr.on('data', log.write);
  worker.on('message', (message: FromWorker) => {
    settle(resultOf(message));
  });
  worker.on('error', (error: unknown) => {
    die(error instanceof Error ? (error.stack ?? error.message) : String(error));
  });
  worker.on('exit', (code) => {
    die(`The function ended its process with code ${String(code)}.`);
  });
  const next = (limitMs: number): Promise<InvocationResult | 'ready'> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        alive = false;
        // The sandbox is gone before anyone hears of it, so nothing of this invocation happens later.
        void worker.terminate();
        settle({ outcome: 'timeout', message: `Task timed out after ${(limitMs / 1000).toFixed(2)} seconds` });
      }, limitMs);
      pending = {
        settle: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
      };
    });

  const loaded = next(loadMsMax).then((result) => {
    if (result === 'ready') return null;
    alive = false;
    void worker.terminate();
    return result;
  });
  return {
    isAlive: () => alive,
    stop: async () => {
      alive = false;
      await worker.terminate();
    },
    invoke: async (payload) => {
      const failure = await loaded;
      if (failure !== null) return failure;
      if (!alive) return { outcome: 'error', message: 'The function was stopped.' };
      const message: ToWorker = { event: payload, context: contextOf(model) };
      const result = next(model.timeoutMs);
      Atomics.add(counter, 0, 1);
      Atomics.notify(counter, 0);
      worker.postMessage(message);
      const settled = await result;
      return settled === 'ready' ? { outcome: 'error', message: 'The worker lost its place.' } : settled;
    },
  };
}

function setupOf({ codeDirectory, handler }: FunctionModel, invocations: SharedArrayBuffer): WorkerSetup {
  const file = handlerFile(codeDirectory, handler);
  if (file === null) throw new Error(`${codeDirectory} holds no file for the handler ${handler}.`);
  return { file, exportName: handler.slice(handler.lastIndexOf('.') + 1), invocations };
}

function resultOf(message: FromWorker): InvocationResult | 'ready' {
  switch (message.kind) {
    case 'ready':
      return 'ready';
    case 'failed':
      return { outcome: 'error', message: message.message };
    case 'returned':
      return { outcome: 'returned', payload: JSON.parse(message.payload) as unknown };
  }
}

function contextOf({ name, arn, memoryMegabytes, timeoutMs }: FunctionModel): InvocationContext {
  return {
    awsRequestId: randomUUID(),
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: String(memoryMegabytes),
    logGroupName: logGroupName(name),
    logStreamName: 'local',
    deadlineMs: Date.now() + timeoutMs,
  };
}
