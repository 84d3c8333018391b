// Ports whose calls can be watched, held up, or made to fail.
import type {
  BroadcastStore,
  ConnectionGateway,
  ConnectionStore,
  CursorStore,
  DeadlineQueue,
  FanOutQueue,
  FrameMeter,
  IdempotencyStore,
  LogStore,
  OpenerStarter,
  PresenceStore,
  QueueDepths,
  RateCounter,
  SubscriptionStore,
  TokenVerifier,
  TypingStore,
} from '../../shared/ports.ts';
import type { World } from './world.ts';

/** `call` is the port and its method, such as `logs.append`; `run` makes the call. */
export type Around = (call: string, run: () => Promise<unknown>, parameters: readonly unknown[]) => Promise<unknown>;

type Watched = Omit<
  World,
  | 'stores'
  | 'clock'
  | 'telemetry'
  | 'digest'
  | 'ids'
  | 'dialects'
  | 'allowedOrigins'
  | 'sensitiveFields'
  | 'teams'
  | 'lookBackMs'
>;

type MethodsOf<Port> = Readonly<Record<Extract<keyof Port, string>, true>>;

/**
 * The calls that leave the process. What fakes have beyond their ports stays as it is; a port that gets another method
 * does not compile until that one is here, so that no test of crash points can overlook it.
 */
const remoteCalls = {
  broadcasts: {
    put: true,
    get: true,
    setPosition: true,
    markDispatched: true,
    undispatched: true,
    beginPage: true,
    getPage: true,
    addReceipts: true,
    getShardReceipts: true,
  } satisfies MethodsOf<BroadcastStore>,
  connections: {
    open: true,
    identify: true,
    get: true,
    renew: true,
    replace: true,
    follow: true,
    unfollow: true,
    selectEvents: true,
    close: true,
  } satisfies MethodsOf<ConnectionStore>,
  cursors: {
    join: true,
    get: true,
    leave: true,
    rebase: true,
    acknowledge: true,
    markRead: true,
    push: true,
    passOver: true,
    members: true,
  } satisfies MethodsOf<CursorStore>,
  deadlines: { schedule: true } satisfies MethodsOf<DeadlineQueue>,
  depths: { depths: true } satisfies MethodsOf<QueueDepths>,
  gateway: { post: true, close: true } satisfies MethodsOf<ConnectionGateway>,
  idempotency: { claim: true } satisfies MethodsOf<IdempotencyStore>,
  logs: { head: true, append: true, read: true, lastSeqBefore: true } satisfies MethodsOf<LogStore>,
  meter: { count: true } satisfies MethodsOf<FrameMeter>,
  opener: { start: true } satisfies MethodsOf<OpenerStarter>,
  presence: { arrive: true, get: true, depart: true, setStatus: true } satisfies MethodsOf<PresenceStore>,
  queue: { send: true } satisfies MethodsOf<FanOutQueue>,
  rates: { count: true } satisfies MethodsOf<RateCounter>,
  subscriptions: { page: true } satisfies MethodsOf<SubscriptionStore>,
  tokens: { verify: true } satisfies MethodsOf<TokenVerifier>,
  typing: { start: true, lastMs: true, stop: true } satisfies MethodsOf<TypingStore>,
} satisfies Readonly<Record<keyof Watched, object>>;

/** The same world, with every call that would leave the process going through `around`. */
export function intercepted(world: World, around: Around): World {
  const wrap = <Name extends keyof Watched>(name: Name): World[Name] =>
    wrapped(name, world[name], Object.keys(remoteCalls[name]), around);
  return {
    ...world,
    broadcasts: wrap('broadcasts'),
    connections: wrap('connections'),
    cursors: wrap('cursors'),
    deadlines: wrap('deadlines'),
    depths: wrap('depths'),
    gateway: wrap('gateway'),
    idempotency: wrap('idempotency'),
    logs: wrap('logs'),
    meter: wrap('meter'),
    opener: wrap('opener'),
    presence: wrap('presence'),
    queue: wrap('queue'),
    rates: wrap('rates'),
    subscriptions: wrap('subscriptions'),
    tokens: wrap('tokens'),
    typing: wrap('typing'),
  };
}

function wrapped<Port extends object>(name: string, port: Port, methods: readonly string[], around: Around): Port {
  return new Proxy(port, {
    get: (target, method): unknown => {
      const original: unknown = Reflect.get(target, method);
      if (typeof original !== 'function' || typeof method !== 'string' || !methods.includes(method)) return original;
      return async (...parameters: unknown[]): Promise<unknown> =>
        around(
          `${name}.${method}`,
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
