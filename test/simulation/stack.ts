// The deployed system of a run: the use cases behind their functions, over fakes, a queue and a network with faults.
import type { Identity } from '../../shared/domain/connection.ts';
import { isExpired } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import type { TokenVerifier } from '../../shared/ports.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { socketDialects } from '../../shared/dialects/sockets.ts';
import { digest } from '../../shared/system/digest.ts';
import { frameMeter } from '../../shared/system/frame-meter.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { enforceDeadline } from '../../shared/usecases/enforce-deadline.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { fakeBroadcasts } from '../fakes/fake-broadcasts.ts';
import { fakeCursors } from '../fakes/fake-cursors.ts';
import { fakeIdempotency, fakeRates } from '../fakes/fake-guards.ts';
import { fakeIds } from '../fakes/fake-ids.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakePresence } from '../fakes/fake-presence.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { fakeTyping } from '../fakes/fake-typing.ts';
import { virtualDeadlines } from './deadlines.ts';
import type { Faults } from './faults.ts';
import type { Functions } from './functions.ts';
import { createFunctions, Killed } from './functions.ts';
import type { Recorder } from './history.ts';
import type { Network, Routes } from './network.ts';
import { virtualNetwork } from './network.ts';
import type { Plant } from './plants.ts';
import type { Ports } from './ports.ts';
import type { BatchOutcome, VirtualQueue } from './queue.ts';
import { virtualQueue } from './queue.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface StackSetup {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: Faults;
  readonly record: Recorder;
  readonly plant: Plant;
  /** More posts than these, besides those of durable notifications, end the run. */
  readonly otherPostsMax: number;
}

export interface Stack extends Omit<StackSetup, 'plant' | 'random' | 'otherPostsMax'> {
  readonly functions: Functions;
  readonly network: Network;
  readonly queue: VirtualQueue;
  /** Why messages of the queue were not done at once, and how often. */
  readonly failures: ReadonlyMap<string, number>;
  /** Restores all logs of a tenant to where they end: every topic begins a new epoch. */
  restoreLogs(tenant: string): void;
}

const callMs = { from: 1, to: 6 };
const functionTimeLimitMs = 25_000;
const openerStartsMs = { from: 5, to: 60 };
/** An asynchronous invocation that died is tried again: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const openerRetriesMs = [60_000, 120_000];
const lookBackMs = 300_000;

export function createStack(setup: StackSetup): Stack {
  const { time, random, faults, record, plant } = setup;
  const logs = fakeLog(time);
  const topics = new Map<string, Set<Topic>>();
  const failures = new Map<string, number>();
  const fail = (error: unknown): void => {
    const text = String(error);
    failures.set(text, (failures.get(text) ?? 0) + 1);
  };
  const routes = routesOf(() => functions);
  const network = virtualNetwork({
    time,
    faults,
    record,
    routes,
    otherPostsMax: setup.otherPostsMax,
    random: random.fork('network'),
  });
  const queue = virtualQueue({
    time,
    faults,
    random: random.fork('queue'),
    consume: async (batch) => consume(functions, batch, fail),
  });
  const deadlines = virtualDeadlines({
    time,
    consume: async (message) =>
      functions.run('enforceDeadline', async (ports, goOn) => enforceDeadline(ports, message, goOn)),
  });
  const shared = sharedPorts(setup, logs, { queue, deadlines }, (id) => {
    open(time, random, functions, id, 0);
  });
  const noted = { ...shared, logs: notingTopics(logs, topics) };
  const pushing: Ports = { ...noted, gateway: network.gateway('push') };
  const answering: Ports = { ...noted, gateway: network.gateway('resume') };
  const plantIn = plant.ports ?? ((ports: Ports): Ports => ports);
  const byName = new Map<string, Ports>();
  const portsOf = (name: string): Ports => {
    const ports = byName.get(name) ?? plantIn(name === 'fanOut' ? pushing : answering, name);
    byName.set(name, ports);
    return ports;
  };
  const functions: Functions = createFunctions({
    time,
    faults,
    portsOf,
    callMs,
    random: random.fork('functions'),
    timeLimitMs: functionTimeLimitMs,
  });
  return {
    time,
    faults,
    record,
    functions,
    network,
    queue,
    failures,
    restoreLogs: (tenant) => {
      for (const topic of topics.get(tenant) ?? []) logs.restore(tenant, topic, logs.entries(tenant, topic).length);
    },
  };
}

type SharedPorts = Omit<Ports, 'gateway'>;

function sharedPorts(
  { time, random, faults, record }: StackSetup,
  logs: Ports['logs'],
  queues: Pick<Ports, 'queue' | 'deadlines'>,
  startOpener: (connectionId: string) => void,
): SharedPorts {
  const stores = fakeStores();
  const broadcasts = fakeBroadcasts();
  const short = random.fork('pages');
  return {
    ...queues,
    logs,
    digest,
    lookBackMs,
    connections: stores.connections,
    subscriptions: {
      page: async (tenant, topic, shard, range, limit) =>
        stores.subscriptions.page(tenant, topic, shard, range, short.chance(faults.mix.shortPages) ? 2 : limit),
    },
    broadcasts: {
      ...broadcasts,
      put: async (broadcast) => {
        record({ kind: 'stored', atMs: time.nowMs(), request: Number(broadcast.data['request']) });
        return broadcasts.put(broadcast);
      },
    },
    cursors: fakeCursors(),
    idempotency: fakeIdempotency(),
    presence: fakePresence(),
    typing: fakeTyping(),
    meter: frameMeter(fakeRates()),
    ids: fakeIds(),
    opener: {
      start: async (connectionId) => {
        startOpener(connectionId);
        return Promise.resolve();
      },
    },
    tokens: plainTokens,
    telemetry: { info: () => undefined, error: () => undefined },
    clock: time,
    dialects: socketDialects,
    allowedOrigins: [],
    sensitiveFields: [],
    teams: [],
  };
}

/** The same logs, which note what topics there are. */
function notingTopics(logs: Ports['logs'], topics: Map<string, Set<Topic>>): Ports['logs'] {
  return {
    ...logs,
    append: async (tenant, topic, notification) => {
      const known = topics.get(tenant) ?? new Set<Topic>();
      topics.set(tenant, known.add(topic));
      return logs.append(tenant, topic, notification);
    },
  };
}

/** Deployed functions are known before they are called, but not before they exist. */
function routesOf(functions: () => Functions): Routes {
  return {
    connect: async (connectionId, connectedAtMs, token) =>
      functions().run('connect', async (ports) =>
        connect(ports, {
          connectionId,
          connectedAtMs,
          token,
          dialect: 'bellhop',
          guestId: undefined,
          origin: undefined,
          engine: { version: undefined, transport: undefined },
        }),
      ),
    frame: async (connectionId, text, atMs) =>
      functions()
        .run('message', async (ports, goOn) => handleFrame(ports, { connectionId, text, atMs }, goOn))
        .catch(onlyKilled),
    disconnect: async (connectionId) =>
      functions()
        .run('disconnect', async (ports) => disconnect(ports, connectionId))
        .catch(onlyKilled),
  };
}

function onlyKilled(error: unknown): void {
  if (!(error instanceof Killed)) throw error;
}

function open(time: VirtualTime, random: Random, functions: Functions, connectionId: string, tries: number): void {
  time.after(random.int(openerStartsMs.from, openerStartsMs.to), () => {
    time.start(async () => {
      await functions
        .run('opener', async (ports, goOn) => openConnection(ports, connectionId, goOn))
        .catch((error: unknown) => {
          onlyKilled(error);
          const retryMs = openerRetriesMs[tries];
          if (retryMs === undefined) return;
          time.after(retryMs, () => {
            open(time, random, functions, connectionId, tries + 1);
          });
        });
    });
  });
}

/** As functions/queue/consumer.ts: each message on its own, unless the function dies and nobody knows. */
async function consume(
  functions: Functions,
  batch: readonly FanOutMessage[],
  fail: (error: unknown) => void,
): Promise<BatchOutcome> {
  try {
    return await functions.run('fanOut', async (ports, goOn) =>
      Promise.all(
        batch.map(async (message) => {
          try {
            await fanOut(ports, message, goOn);
            return null;
          } catch (error) {
            fail(error);
            return { error };
          }
        }),
      ),
    );
  } catch (error) {
    onlyKilled(error);
    return 'killed';
  }
}

/** Tokens that say openly whose they are: nobody in a run forges one. */
export function tokenFor(identity: Identity): string {
  return JSON.stringify(identity);
}

const plainTokens: TokenVerifier = {
  verify: async (token, nowMs) => {
    const identity = JSON.parse(token) as Identity;
    const isOver = isExpired({ expiresAtMs: identity.tokenExpiresAtMs }, nowMs);
    return Promise.resolve(isOver ? { verdict: 'expired' } : { verdict: 'valid', identity });
  },
};
