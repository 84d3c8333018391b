// The running copies of one function: idle ones are kept, more are started up to a limit, and what is beyond waits.

import type { FunctionModel, InvocationResult } from '../contracts.ts';
import { startInstance, type Instance } from './instance.ts';
import type { FunctionLog } from './log.ts';

export interface Pool {
  /** `event` is JSON. Resolves whatever happens. */
  invoke(event: string): Promise<InvocationResult>;
  /** Waits a little for what runs, then ends every copy. */
  stop(graceMs: number): Promise<void>;
}

/** Far more than any burst that one machine can serve; what is beyond is told to come back, as by Lambda. */
const waitingMax = 10_000;

interface State {
  readonly start: () => Instance;
  readonly instancesMax: number;
  readonly instances: Set<Instance>;
  readonly idle: Instance[];
  readonly waiting: ((instance: Instance | null) => void)[];
  readonly running: Set<Promise<InvocationResult>>;
  stopped: boolean;
}

export function createPool(
  model: FunctionModel,
  environment: Record<string, string>,
  log: FunctionLog,
  instancesMax: number,
): Pool {
  const state: State = {
    start: () => startInstance(model, environment, log),
    // A reserved concurrency may ask for fewer.
    instancesMax: Math.min(instancesMax, model.concurrencyMax ?? instancesMax),
    instances: new Set(),
    idle: [],
    waiting: [],
    running: new Set(),
    stopped: false,
  };
  return {
    invoke: async (event) => {
      const run = invoke(state, event);
      state.running.add(run);
      const result = await run;
      state.running.delete(run);
      if (result.outcome !== 'returned') log.note(`${result.outcome.toUpperCase()} ${result.message}`);
      return result;
    },
    stop: async (graceMs) => {
      state.stopped = true;
      for (const wake of state.waiting.splice(0)) wake(null);
      if (state.running.size > 0) await settledWithin(state.running, graceMs);
      await Promise.all([...state.instances].map((instance) => instance.stop()));
      await log.close();
    },
  };
}

async function settledWithin(running: Iterable<Promise<unknown>>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([Promise.all(running), limit]);
  clearTimeout(timer);
}

async function invoke(state: State, event: string): Promise<InvocationResult> {
  if (state.waiting.length >= waitingMax) return { outcome: 'throttled', message: 'Rate Exceeded.' };
  const instance = await acquire(state);
  if (instance === null) return { outcome: 'throttled', message: 'The local runtime is stopping.' };
  const result = await instance.invoke(event);
  release(state, instance);
  return result;
}

/** Null when the runtime stops. */
function acquire(state: State): Promise<Instance | null> | Instance | null {
  if (state.stopped) return null;
  for (let idle = state.idle.pop(); idle !== undefined; idle = state.idle.pop()) {
    if (idle.isAlive()) return idle;
    // It failed after its last answer, before it was frozen.
    state.instances.delete(idle);
  }
  if (state.instances.size >= state.instancesMax) return new Promise((resolve) => state.waiting.push(resolve));
  return begin(state);
}

function begin(state: State): Instance {
  const instance = state.start();
  state.instances.add(instance);
  return instance;
}

/** A copy that has ended is replaced only when somebody waits for one. */
function release(state: State, instance: Instance): void {
  const alive = instance.isAlive();
  if (!alive) state.instances.delete(instance);
  const wake = state.waiting.shift();
  if (wake !== undefined) wake(alive ? instance : begin(state));
  else if (alive) state.idle.push(instance);
}
