// Runs use cases as functions that take time, answer each other through the stores, and may be killed at any call.
import type { Random } from './random.ts';
import type { Faults } from './faults.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Ports, RemotePortName } from './ports.ts';
import { remotePortNames } from './ports.ts';

/** What the caller of a function sees when it dies. */
export class Killed extends Error {}

export interface Functions {
  /** `name` is the function's; `work` gets ports of its own. Throws `Killed`, or what `work` throws. */
  run<Result>(name: string, work: (ports: Ports, goOn: () => boolean) => Promise<Result>): Promise<Result>;
}

export interface FunctionsSetup {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: Faults;
  /** The ports of the function with this name. */
  readonly portsOf: (name: string) => Ports;
  readonly callMs: { readonly from: number; readonly to: number };
  readonly timeLimitMs: number;
}

/** One call of a function: how many calls it has made, and at which one it dies. */
interface Life {
  calls: number;
  readonly lastCall: number;
  readonly diesAfter: boolean;
  isOver: boolean;
}

export function createFunctions(setup: FunctionsSetup): Functions {
  const { time, random, faults, portsOf, timeLimitMs } = setup;
  // How many calls a function made when it last ran: so that a kill hits every part of it alike.
  const usualCalls = new Map<string, number>();
  const newLife = (name: string): Life => ({
    calls: 0,
    lastCall: random.chance(faults.mix.killed) ? random.int(1, usualCalls.get(name) ?? 1) : Number.POSITIVE_INFINITY,
    diesAfter: random.chance(0.5),
    isOver: false,
  });
  return {
    run: async (name, work) => {
      const life = newLife(name);
      const deadlineMs = time.nowMs() + timeLimitMs;
      const result = await work(portsFor(setup, portsOf(name), life), () => time.nowMs() < deadlineMs);
      // What it does after its last call was made cannot be told from having died before answering.
      if (life.isOver) throw new Killed(name);
      usualCalls.set(name, Math.max(1, life.calls));
      return result;
    },
  };
}

function portsFor(setup: FunctionsSetup, ports: Ports, life: Life): Ports {
  const wrapped = remotePortNames.map((name) => [name, mortal(setup, name, ports[name], life)] as const);
  return { ...ports, ...(Object.fromEntries(wrapped) as Pick<Ports, RemotePortName>) };
}

/** The port with every call taking its time, before or after it has its effect, until the function dies. */
function mortal<Port extends object>(setup: FunctionsSetup, name: RemotePortName, port: Port, life: Life): Port {
  return new Proxy(port, {
    get: (target, method): unknown => {
      const original: unknown = Reflect.get(target, method);
      if (typeof original !== 'function') return original;
      return async (...parameters: unknown[]): Promise<unknown> =>
        call(setup, name, life, async () => Reflect.apply(original, target, parameters) as Promise<unknown>);
    },
  });
}

async function call(
  { time, random, callMs }: FunctionsSetup,
  port: RemotePortName,
  life: Life,
  run: () => Promise<unknown>,
): Promise<unknown> {
  mustLive(life);
  life.calls += 1;
  const isLast = life.calls === life.lastCall;
  // The gateway takes its own time.
  const takesMs = port === 'gateway' ? 0 : random.int(callMs.from, callMs.to);
  const waitsBefore = random.chance(0.5);
  if (takesMs > 0 && waitsBefore) await time.wait(takesMs);
  mustLive(life);
  if (isLast && !life.diesAfter) life.isOver = true;
  mustLive(life);
  const answer = await run();
  if (takesMs > 0 && !waitsBefore) await time.wait(takesMs);
  if (isLast) life.isOver = true;
  mustLive(life);
  return answer;
}

function mustLive(life: Life): void {
  if (life.isOver) throw new Killed('killed');
}
