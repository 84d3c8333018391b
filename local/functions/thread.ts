// A worker thread that runs one function's code, and the watch over it: answers, deadlines, crashes.

import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { FunctionModel, InvocationResult } from '../contracts.ts';
import { handlerFile } from '../template/functions.ts';
import type { FunctionLog } from './log.ts';
import { payloadBytesMax, type FromWorker, type ToWorker, type WorkerSetup } from './messages.ts';

export type Reply = InvocationResult | { readonly outcome: 'ready' };

export interface Thread {
  /** The next thing that comes of the thread; at the limit it is ended and the outcome is `timeout`. */
  readonly reply: (limitMs: number) => Promise<Reply>;
  readonly send: (message: ToWorker) => void;
  /** False once it has ended or is about to: it never answers again. */
  readonly isAlive: () => boolean;
  readonly stop: () => Promise<void>;
}

/** @param environment everything that the function sees in process.env */
export function startThread(model: FunctionModel, environment: Record<string, string>, log: FunctionLog): Thread {
  const invocations = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const counter = new Int32Array(invocations);
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    env: environment,
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: model.memoryMegabytes },
    workerData: setupOf(model, invocations),
  });
  const printed = Promise.all([worker.stdout, worker.stderr].map((output) => copyOutput(output, log)));
  const watch = watchWorker(worker);
  return {
    ...watch,
    stop: async () => {
      await watch.stop();
      await printed;
    },
    send: (message) => {
      Atomics.add(counter, 0, 1);
      Atomics.notify(counter, 0);
      worker.postMessage(message);
    },
  };
}

/** Resolves when the worker has ended and all that it printed is in the log. */
async function copyOutput(output: Readable, log: FunctionLog): Promise<void> {
  output.on('data', (chunk: Buffer) => {
    log.write(chunk);
  });
  await once(output, 'end');
}

function watchWorker(worker: Worker): Omit<Thread, 'send'> {
  let settle: ((reply: Reply) => void) | null = null;
  // Why the thread ends; told only when it has ended, so that nothing of an invocation happens after its result.
  let ending: InvocationResult | null = null;
  const end = (reason: InvocationResult): Promise<unknown> => {
    ending ??= reason;
    return worker.terminate();
  };
  worker.on('message', (message: FromWorker) => {
    if (ending === null) settle?.(replyOf(message));
  });
  worker.on('error', (error: unknown) => {
    ending ??= { outcome: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  });
  worker.on('exit', (code) => {
    ending ??= { outcome: 'error', message: `The function ended its process with code ${String(code)}.` };
    settle?.(ending);
  });
  return {
    isAlive: () => ending === null,
    stop: async () => {
      await end({ outcome: 'error', message: 'The local runtime stopped the function.' });
    },
    reply: (limitMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          const seconds = (limitMs / 1000).toFixed(2);
          void end({ outcome: 'timeout', message: `Task timed out after ${seconds} seconds` });
        }, limitMs);
        settle = (reply) => {
          settle = null;
          clearTimeout(timer);
          resolve(reply);
        };
      }),
  };
}

function setupOf({ codeDirectory, handler }: FunctionModel, invocations: SharedArrayBuffer): WorkerSetup {
  const file = handlerFile(codeDirectory, handler);
  if (file === null) throw new Error(`${codeDirectory} holds no file for the handler ${handler}.`);
  return { file, exportName: handler.slice(handler.lastIndexOf('.') + 1), invocations };
}

function replyOf(message: FromWorker): Reply {
  switch (message.kind) {
    case 'ready':
      return { outcome: 'ready' };
    case 'failed':
      return { outcome: 'error', message: message.message };
    case 'returned':
      if (Buffer.byteLength(message.payload) > payloadBytesMax) {
        return { outcome: 'error', message: 'The response is larger than 6 MB.' };
      }
      return { outcome: 'returned', payload: JSON.parse(message.payload) as unknown };
  }
}
