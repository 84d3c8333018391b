// Ports whose calls can be watched, held up, or made to fail.
import type { World } from './world.ts';

/** `call` is the port and its method, such as `logs.append`; `run` makes the call. */
export type Around = (call: string, run: () => Promise<unknown>, parameters: readonly unknown[]) => Promise<unknown>;

/** The same world, with every call that would leave the process going through `around`. */
export function intercepted(world: World, around: Around): World {
  const wrap = <Port extends object>(name: string, port: Port): Port => wrapped(name, port, around);
  return {
    ...world,
    broadcasts: wrap('broadcasts', world.broadcasts),
    connections: wrap('connections', world.connections),
    cursors: wrap('cursors', world.cursors),
    deadlines: wrap('deadlines', world.deadlines),
    depths: wrap('depths', world.depths),
    gateway: wrap('gateway', world.gateway),
    idempotency: wrap('idempotency', world.idempotency),
    logs: wrap('logs', world.logs),
    opener: wrap('opener', world.opener),
    queue: wrap('queue', world.queue),
    subscriptions: wrap('subscriptions', world.subscriptions),
    tokens: wrap('tokens', world.tokens),
  };
}

function wrapped<Port extends object>(name: string, port: Port, around: Around): Port {
  return new Proxy(port, {
    get: (target, method): unknown => {
      const original: unknown = Reflect.get(target, method);
      if (typeof original !== 'function') return original;
      return async (...parameters: unknown[]): Promise<unknown> =>
        around(
          `${name}.${String(method)}`,
          async () => Reflect.apply(original, target, parameters) as Promise<unknown>,
          parameters,
        );
    },
  });
}

/** The world, and the calls that are made of it, in order. */
export function watched(world: World): { readonly ports: World; readonly calls: readonly string[] } {
  const calls: string[] = [];
  const ports = intercepted(world, async (call, run) => {
    calls.push(call);
    return run();
  });
  return { ports, calls };
}

/** What a function sees that is killed: the call is made or not, and nothing comes after it. */
export class Killed extends Error {}

/** Dies at the call of this number, counted from 0: before it is made, or after it was made and before its answer came. */
export function killedAt(world: World, number: number, moment: 'before' | 'after'): World {
  let made = 0;
  return intercepted(world, async (call, run) => {
    const isLast = made === number;
    made += 1;
    if (made > number + 1 || (isLast && moment === 'before')) throw new Killed(call);
    const answer = await run();
    if (isLast) throw new Killed(call);
    return answer;
  });
}

/** Throws instead of making the calls that are picked out. */
export function failing(
  world: World,
  isFailing: (call: string, parameters: readonly unknown[]) => boolean,
  error: Error = new Error('planted'),
): World {
  return intercepted(world, async (call, run, parameters) => {
    if (isFailing(call, parameters)) throw error;
    return run();
  });
}
