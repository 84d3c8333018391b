// The senders: each tenant's CRM asks for broadcasts, tries again what was not answered, and looks at what became of some.
import type { Audience, BroadcastCommand } from '../../shared/domain/broadcast.ts';
import type { WideTopic } from '../../shared/domain/topic.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { getBroadcast } from '../../shared/usecases/get-broadcast.ts';
import type { Functions } from './functions.ts';
import { Killed } from './functions.ts';
import type { Recorder } from './history.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface CrmSetup {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly functions: Functions;
  readonly record: Recorder;
  readonly tenant: string;
  readonly users: readonly string[];
  readonly wideTopics: readonly WideTopic[];
  readonly everyMs: number;
  /** The share of broadcasts whose states are asked for, again and again. */
  readonly reported: number;
  /** A number that no other request has. */
  readonly nextRequest: () => number;
  readonly isEnough: () => boolean;
}

const attemptsMax = 6;
const shares = {
  wide: 0.35,
  ephemeral: 0.05,
  expiring: 0.05,
  excepting: 0.1,
  crowd: 0.01,
  burst: 0.05,
  keyless: 0.1,
  impatient: 0.02,
  givesUp: 0.1,
};
const namedMax = 8;
/** More than one page of users, most of whom have never connected. */
const crowdSize = 130;
const expiryMs = { from: 500, to: 60_000 };
const retryMs = { from: 500, to: 2_000 };
const burstMsMax = 50;
const reportPausesMs = [40, 80, 200, 500, 1_000, 2_000, 5_000, 30_000, 120_000, 400_000];

/** Sends until it is enough. */
export async function runCrm(setup: CrmSetup): Promise<void> {
  const { time, random, everyMs, isEnough } = setup;
  while (!isEnough()) {
    await time.wait(random.chance(shares.burst) ? random.int(0, burstMsMax) : random.exponential(everyMs));
    time.start(async () => request(setup));
  }
}

async function request(setup: CrmSetup): Promise<void> {
  const { time, random, record, tenant } = setup;
  const number = setup.nextRequest();
  const command = commandOf(setup, number);
  const { audience, durability, except = [], expiresAtMs = null } = command;
  const asked = { kind: 'requested', request: number, tenant, audience, durability, except, expiresAtMs } as const;
  record({ ...asked, atMs: time.nowMs() });
  const key = random.chance(shares.keyless) ? undefined : `request-${String(number)}`;
  const answers = [attempts(setup, number, command, key)];
  // A caller that lost patience asks a second time while the first request is still under way.
  if (key !== undefined && random.chance(shares.impatient)) answers.push(attempts(setup, number, command, key));
  const [id] = (await Promise.all(answers)).filter((answer) => answer !== null);
  if (id !== undefined && random.chance(setup.reported)) await watchReports(setup, number, id);
}

/** Without a key a second try could make a second broadcast, so there is none. */
async function attempts(
  { time, random, functions, record, tenant }: CrmSetup,
  request: number,
  command: BroadcastCommand,
  idempotencyKey: string | undefined,
): Promise<string | null> {
  const requestText = JSON.stringify(command);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { broadcast } = await functions.run('createBroadcast', async (ports) =>
        createBroadcast(ports, { tenant, command, idempotencyKey, requestText }),
      );
      record({ kind: 'accepted', atMs: time.nowMs(), request, broadcastId: broadcast.id });
      return broadcast.id;
    } catch (error) {
      // What expires before it is asked for again is refused, though it may have been accepted the first time.
      if (isOver(command, time.nowMs()) && error instanceof Failure) return null;
      if (!isWorthTrying(error)) throw error;
      if (idempotencyKey === undefined || attempt === attemptsMax || random.chance(shares.givesUp)) return null;
      await time.wait(attempt * random.int(retryMs.from, retryMs.to));
    }
  }
}

function isOver({ expiresAtMs }: BroadcastCommand, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

function isWorthTrying(error: unknown): boolean {
  return error instanceof Killed || (error instanceof Failure && error.code === 'unavailable');
}

function commandOf({ time, random, tenant, users, wideTopics }: CrmSetup, number: number): BroadcastCommand {
  const isExpiring = random.chance(shares.expiring);
  const audience = audienceOf(random, users, wideTopics);
  const except = random.chance(shares.excepting) ? [random.pick(users)] : undefined;
  return {
    event: 'task:new',
    data: { request: number, tenant },
    audience,
    durability: random.chance(shares.ephemeral) ? 'ephemeral' : 'durable',
    ...(isExpiring ? { expiresAtMs: time.nowMs() + random.int(expiryMs.from, expiryMs.to) } : {}),
    ...(except === undefined ? {} : { except }),
  };
}

function audienceOf(random: Random, users: readonly string[], wideTopics: readonly WideTopic[]): Audience {
  if (random.chance(shares.wide)) return { kind: 'topic', topic: random.pick(wideTopics) };
  const named = new Set(Array.from({ length: random.int(1, namedMax) }, () => random.pick(users)));
  if (random.chance(shares.crowd)) {
    for (let number = 0; named.size < crowdSize; number += 1) named.add(`absent-${String(number)}`);
  }
  return { kind: 'users', users: [...named] };
}

/** One report after the other, so that each is wholly later than the one before. */
async function watchReports(setup: CrmSetup, request: number, broadcastId: string): Promise<void> {
  const { time, random, functions, record, tenant } = setup;
  for (const pauseMs of reportPausesMs) {
    await time.wait(random.int(0, pauseMs));
    const report = await functions
      .run('getBroadcast', async (ports) =>
        getBroadcast(ports, { tenant, broadcastId, limit: '500', after: undefined }),
      )
      .catch((error: unknown) => {
        // There is nothing to report of what was lost, and that it was lost will be noticed elsewhere.
        if (error instanceof Killed || (error instanceof Failure && error.code === 'not_found')) return null;
        throw error;
      });
    for (const { user, state } of report?.deliveries ?? [])
      record({ kind: 'reported', broadcastId, request, user, state });
  }
}
