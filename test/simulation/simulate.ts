// One run: tenants with users and devices, their CRMs, and everything in between, in virtual time and with faults.
import { createSession } from '../../commands/session.ts';
import type { WideTopic } from '../../shared/domain/topic.ts';
import { topicsOf } from '../../shared/domain/topic.ts';
import { outboxLimits } from '../../shared/protocol/limits.ts';
import { sweepOutbox } from '../../shared/usecases/sweep-outbox.ts';
import type { Checker } from './checker.ts';
import { newChecker } from './checker.ts';
import { createClient } from './client.ts';
import { runCrm } from './crm.ts';
import { noFaults, standardMix } from './faults.ts';
import type { FaultMix } from './faults.ts';
import { Killed } from './functions.ts';
import type { HistoryEvent } from './history.ts';
import { StormError } from './network.ts';
import type { Plant } from './plants.ts';
import { nothingPlanted } from './plants.ts';
import { AnswerLost } from './queue.ts';
import { randomFrom } from './random.ts';
import type { Random } from './random.ts';
import type { Bounds, Verdict } from './verdict.ts';
import { bounds } from './verdict.ts';
import type { Stack } from './stack.ts';
import { createStack, tokenFor } from './stack.ts';
import { virtualTime } from './virtual-time.ts';

export interface Simulation {
  readonly seed: number;
  /** How many (device, notification) pairs there must be before the CRMs stop. */
  readonly notifications: number;
  readonly mix?: FaultMix;
  readonly plant?: Plant;
  readonly bounds?: Bounds;
  /** The share of broadcasts whose states are asked for again and again. */
  readonly reported?: number;
  /** Users of each tenant; more for longer runs unless told. */
  readonly users?: number;
  /** Told now and then how many pairs there were so far. */
  readonly onProgress?: (notifications: number) => void;
  /** Told of every event, for whoever wants to look at them. */
  readonly onEvent?: (event: HistoryEvent) => void;
}

export interface Outcome extends Verdict {
  readonly seed: number;
  readonly virtualMs: number;
  readonly sockets: number;
  readonly otherPosts: number;
  /** Queue messages that were given up, and those that were never done. Both should be 0. */
  readonly deadLetters: number;
  readonly leftInQueue: number;
  /** Why messages of the queue were not done at once, and how often. */
  readonly failures: ReadonlyMap<string, number>;
}

const startMs = Date.UTC(2026, 10, 21, 8, 30);
const minuteMs = 60_000;
const tenants = ['hotel', 'garage', 'sales'];
const roles = ['guest', 'staff'];
const wideTopics: readonly WideTopic[] = ['all', 'role:guest', 'role:staff'];
const tokenLifetimeMs = 30 * minuteMs;
/** Of the users, so many have a second device, and so many come only when the run has begun. */
const shares = { twoDevices: 0.3, late: 0.1 };
const arriveWithinMs = 10_000;
const lateWithinMs = 10 * minuteMs;
/** How often a device gets something, on average. */
const toldEveryMs = 6_000;
/** About how many devices a broadcast reaches, as a share of all of its tenant. */
const reach = 0.3;
/** How often logs are restored in the course of a run. */
const restores = 3;
/** Posts that are no durable notifications, for each of these: more of them is a storm that would never end. */
const stormFactor = 3;
/** After the last broadcast: long enough for every redelivery, sweep and heartbeat. */
const calmMs = 25 * minuteMs;

export async function simulate(simulation: Simulation): Promise<Outcome> {
  const { seed, notifications, mix = standardMix, plant = nothingPlanted, onEvent } = simulation;
  const random = randomFrom(seed);
  const time = virtualTime(startMs);
  const faults = { mix };
  const checker = newChecker(simulation.bounds ?? bounds);
  const record = (event: HistoryEvent): void => {
    checker.record(event);
    onEvent?.(event);
  };
  const otherPostsMax = stormFactor * notifications + stormFactor * 10_000;
  const stack = createStack({ time, random, faults, record, plant, otherPostsMax });
  const users = simulation.users ?? Math.max(4, Math.round(Math.sqrt(notifications) / 8));
  const devices = addUsers(stack, random.fork('users'), plant, users);
  startCrms(stack, checker, random, simulation, users, devices);
  if (plant.noSweep !== true) startSweeps(stack);
  startRestores(stack, checker, notifications);
  try {
    await play(stack, checker, simulation, devices);
  } catch (error) {
    if (!(error instanceof StormError)) throw error;
    record({ kind: 'storm' });
  }
  return {
    ...checker.verdict(),
    seed,
    virtualMs: time.nowMs() - startMs,
    sockets: stack.network.sockets(),
    otherPosts: stack.network.otherPosts(),
    deadLetters: stack.queue.deadLetters(),
    leftInQueue: stack.queue.left(),
    failures: stack.failures,
  };
}

/** Lets time pass until enough was accepted, and then until everything must have come to rest without further faults. */
async function play(
  { time, faults }: Stack,
  checker: Checker,
  { notifications, onProgress }: Simulation,
  devices: number,
): Promise<void> {
  const slowestMs = 100 * ((notifications / devices) * toldEveryMs + 60 * minuteMs);
  while (checker.recipientNotifications() < notifications) {
    await time.passUntil(time.nowMs() + minuteMs);
    onProgress?.(checker.recipientNotifications());
    if (time.nowMs() - startMs > slowestMs) throw new Error('next to nothing is accepted');
  }
  faults.mix = noFaults;
  await time.passUntil(time.nowMs() + calmMs);
}

/** Every tenant has users with the same names. Returns how many devices they have. */
function addUsers(stack: Stack, random: Random, plant: Plant, users: number): number {
  const { time, faults, network, record } = stack;
  let device = 0;
  for (const tenant of tenants) {
    for (const user of usersOf(users)) {
      const own = roles.filter(() => random.chance(0.6));
      const token = (): string =>
        tokenFor({ tenant, user, roles: own, tokenExpiresAtMs: time.nowMs() + tokenLifetimeMs });
      const arriveMs = random.chance(shares.late) ? lateWithinMs : arriveWithinMs;
      for (let left = random.chance(shares.twoDevices) ? 2 : 1; left > 0; left -= 1) {
        device += 1;
        record({ kind: 'device', device, tenant, user, topics: topicsOf({ user, roles: own }) });
        const session = (plant.session ?? ((given) => given))(createSession());
        const source = random.fork(`device ${String(device)}`);
        const client = createClient({ time, random: source, faults, network, record, session, device, token });
        time.after(random.int(0, arriveMs), client.start);
      }
    }
  }
  return device;
}

function usersOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `user-${String(number)}`);
}

function startCrms(
  stack: Stack,
  checker: Checker,
  random: Random,
  { notifications, reported = 0.02 }: Simulation,
  users: number,
  devices: number,
): void {
  const { time, functions, record } = stack;
  let requests = 0;
  const reached = (devices / tenants.length) * reach;
  for (const tenant of tenants) {
    const setup = {
      time,
      functions,
      record,
      tenant,
      wideTopics,
      reported,
      random: random.fork(`crm of ${tenant}`),
      users: usersOf(users),
      everyMs: (toldEveryMs * reached) / (devices / tenants.length),
      nextRequest: () => (requests += 1),
      isEnough: () => checker.recipientNotifications() >= notifications,
    };
    time.after(2 * arriveWithinMs, () => {
      time.start(async () => runCrm(setup));
    });
  }
}

function startSweeps({ time, functions }: Pick<Stack, 'time' | 'functions'>): void {
  time.after(outboxLimits.sweepEveryMinutes * minuteMs, () => {
    time.start(async () => {
      await functions.run('sweepOutbox', sweepOutbox).catch((error: unknown) => {
        // The next sweep finds what this one did not come to.
        if (!(error instanceof Killed) && !(error instanceof AnswerLost)) throw error;
      });
    });
    startSweeps({ time, functions });
  });
}

/**
 * Now and then all logs of a tenant are restored to where they end at that moment: every topic begins a new epoch, and
 * nothing is lost. The last tenant is spared.
 */
function startRestores(stack: Stack, checker: Checker, notifications: number, done = 0): void {
  stack.time.after(minuteMs / 10, () => {
    const isDue = checker.recipientNotifications() >= (notifications * (done + 1)) / (restores + 1);
    if (isDue) stack.restoreLogs(tenants[done % (tenants.length - 1)] ?? '');
    if (done < restores) startRestores(stack, checker, notifications, isDue ? done + 1 : done);
  });
}
