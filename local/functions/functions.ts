// Calls the functions of the template as Lambda does: each in sandboxes of its own, synchronously or asynchronously.

import type { FunctionModel, Functions, InvocationResult } from '../contracts.ts';
import type { FunctionLog } from './log.ts';
import { payloadBytesMax } from './messages.ts';
import { createPool, type Pool } from './pool.ts';

export interface FunctionsOptions {
  readonly models: readonly FunctionModel[];
  readonly environmentOf: (model: FunctionModel) => Record<string, string>;
  readonly logOf: (model: FunctionModel) => FunctionLog;
  /** How many copies of one function may run at once. */
  readonly instancesMax?: number;
  /** The pauses before an asynchronous invocation is tried again; Lambda's are one and two minutes. */
  readonly retryDelaysMs?: readonly number[];
}

export interface RunningFunctions extends Functions {
  /** Refuses new invocations, gives those that run a moment, and ends every sandbox. */
  stop(graceMs: number): Promise<void>;
}

/** Enough to keep two or four cores busy; each copy costs some 25 MB. */
const defaultInstancesMax = 4;

export function startFunctions(options: FunctionsOptions): RunningFunctions {
  const { models, environmentOf, logOf, instancesMax = defaultInstancesMax } = options;
  const functions = new Map(
    models.map((model) => {
      const log = logOf(model);
      return [model.name, { model, log, pool: createPool(model, environmentOf(model), log, instancesMax) }];
    }),
  );
  const invoke = async (functionName: string, payload: unknown): Promise<InvocationResult> => {
    const pool = functions.get(functionName)?.pool;
    if (pool === undefined) return { outcome: 'error', message: `Function not found: ${functionName}` };
    return invokeWithin(pool, payload);
  };
  let stopped = false;
  return {
    invoke,
    invokeLater: (functionName, payload) => {
      const called = functions.get(functionName);
      if (called === undefined) return;
      const { retriesMax, ageMaxMs } = called.model.asynchronous;
      const untilMs = Date.now() + ageMaxMs;
      const delays = options.retryDelaysMs ?? [60_000, 120_000];
      const attempt = async (retries: number): Promise<void> => {
        const result = await invokeWithin(called.pool, payload);
        if (result.outcome === 'returned' || stopped) return;
        const delayMs = delays[retries] ?? 0;
        if (retries >= retriesMax || Date.now() + delayMs > untilMs) {
          called.log.note(`The asynchronous invocation is given up after ${String(retries + 1)} attempts.`);
          return;
        }
        // Waiting retries end with the process: Lambda's own queue of asynchronous invocations is not imitated.
        setTimeout(() => void attempt(retries + 1), delayMs).unref();
      };
      void attempt(0);
    },
    stop: async (graceMs) => {
      stopped = true;
      await Promise.all([...functions.values()].map(({ pool }) => pool.stop(graceMs)));
    },
  };
}

async function invokeWithin(pool: Pool, payload: unknown): Promise<InvocationResult> {
  const event = toJson(payload);
  if (Buffer.byteLength(event) > payloadBytesMax)
    return { outcome: 'error', message: 'The request is larger than 6 MB.' };
  return pool.invoke(event);
}

/** Undefined has no JSON; Lambda hands over null. */
function toJson(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}
