// Presence over an hour of comings and goings, clean and lost, with deadlines that come late and twice: whoever has a live
// connection is online, nobody else is, and the others hear it once each time.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { presenceEvents } from '../../shared/domain/presence.ts';
import { connectionLimits } from '../../shared/protocol/limits.ts';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { enforceDeadline } from '../../shared/usecases/enforce-deadline.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { listPresent } from '../../shared/usecases/list-present.ts';
import { connectAs, say } from './dialect-clients.ts';
import type { Agenda } from './timetable.ts';
import { agenda, timetable } from './timetable.ts';
import type { World } from './world.ts';
import { always, aWorld } from './world.ts';

const second = 1_000;
const minute = 60 * second;

/** Of the connections of a user: another one comes, or one of them ends in one of three ways. */
interface Step {
  readonly atMs: number;
  readonly user: string;
  /** `lost`: no event comes, and the gateway takes posts all the same. `dead`: no event comes, and the gateway knows. */
  readonly what: 'comes' | 'closes' | 'lost' | 'dead';
  /** Which of the user's live connections it is. */
  readonly which: number;
}

/** What is late and what comes twice, by a number from 0 to 1. */
type Chance = () => number;

const lateMsMax = 2 * minute;
const twiceOf = 0.05;
/** Of so many announcements one is really brought to everybody, which is how fan-out forgets the dead. */
const toldOf = 40;

/** Ends long after every lease and grace that began with the last step. */
const restMs = connectionLimits.leaseMs + 10 * minute + 2 * lateMsMax;

/** What is really so, whatever the server believes. */
interface Truth {
  /** The live connections of each user. */
  readonly live: Map<string, string[]>;
  /** Of whom the gateway knows that they are gone. */
  readonly dead: Set<string>;
  readonly owners: Map<string, string>;
}

function isLive({ live, owners }: Truth, connectionId: string): boolean {
  return live.get(owners.get(connectionId) ?? '')?.includes(connectionId) === true;
}

function worldOf(plain: World, truth: Truth, days: Agenda, chance: Chance): World {
  const { clock } = plain;
  let announced = 0;
  const answer = async (connectionId: string): Promise<void> => {
    if (isLive(truth, connectionId)) await say(world, connectionId, '3');
  };
  const world: World = {
    ...plain,
    deadlines: timetable(clock, ({ atMs, message }) => {
      const times = chance() < twiceOf ? 2 : 1;
      for (let time = 0; time < times; time += 1) {
        days.add(atMs + Math.floor(chance() * lateMsMax), async () => enforceDeadline(world, message, always));
      }
    }),
    gateway: {
      ...plain.gateway,
      post: async (connectionId, text) => {
        if (text === '2') days.add(clock.nowMs() + second, async () => answer(connectionId));
        return Promise.resolve(truth.dead.has(connectionId) ? 'gone' : 'posted');
      },
      close: async (connectionId) => {
        // Whoever answers is never thrown out.
        expect(isLive(truth, connectionId)).toBe(false);
        return Promise.resolve();
      },
    },
    queue: {
      ...plain.queue,
      send: async (messages) => {
        for (const message of messages) {
          const broadcast = await plain.broadcasts.get(message.broadcastId);
          const user = String(broadcast?.data['userId']);
          if (broadcast?.event === presenceEvents.left) expect([user, truth.live.get(user) ?? []]).toEqual([user, []]);
          announced += 1;
          if (announced % toldOf === 0) days.add(clock.nowMs(), async () => fanOut(world, message, always));
        }
      },
    },
  };
  return world;
}

async function happen(world: World, { live, dead, owners }: Truth, { user, what, which }: Step): Promise<void> {
  const mine = live.get(user) ?? [];
  live.set(user, mine);
  if (what === 'comes') {
    const connectionId = await connectAs(world, 'socketio', user);
    owners.set(connectionId, user);
    mine.push(connectionId);
    return;
  }
  const [connectionId] = mine.splice(which % Math.max(mine.length, 1), 1);
  if (connectionId === undefined) return;
  if (what === 'dead') dead.add(connectionId);
  if (what === 'closes') await disconnect(world, connectionId);
}

async function play(steps: readonly Step[], chance: Chance): Promise<World> {
  const plain = aWorld();
  const days = agenda(plain.clock);
  const truth: Truth = { live: new Map(), dead: new Set(), owners: new Map() };
  const world = worldOf(plain, truth, days, chance);
  const startMs = plain.clock.nowMs();
  for (const step of steps) days.add(startMs + step.atMs, async () => happen(world, truth, step));
  const lastMs = Math.max(0, ...steps.map(({ atMs }) => atMs));
  await days.run(startMs + lastMs + restMs);
  await expectTrue(
    world,
    [...truth.live].filter(([, connections]) => connections.length > 0).map(([user]) => user),
  );
  return world;
}

async function expectTrue(world: World, there: readonly string[]): Promise<void> {
  const announcements = new Map<string, string[]>();
  for (const { event, data } of world.broadcasts.all()) {
    const user = String(data['userId']);
    announcements.set(user, [...(announcements.get(user) ?? []), event]);
  }
  for (const [user, events] of announcements) {
    const turns = events.map((_, index) => (index % 2 === 0 ? presenceEvents.came : presenceEvents.left));
    expect([user, events]).toEqual([user, turns]);
    const isThere = there.includes(user);
    expect([user, events.at(-1)]).toEqual([user, isThere ? presenceEvents.came : presenceEvents.left]);
    const known = await world.presence.get('default', user);
    expect([user, known?.state]).toEqual([user, isThere ? 'online' : 'offline']);
  }
  const present = await listPresent(world, 'default');
  expect(present.map(({ user }) => user)).toEqual([...there].sort());
}

/** https://en.wikipedia.org/wiki/Linear_congruential_generator, with the numbers of Numerical Recipes. */
function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

it('of a thousand users with one to four connections each', async () => {
  const chance = chanceFrom(20_261_121);
  const pick = (count: number): number => Math.floor(chance() * count);
  const ways = ['closes', 'lost', 'dead', 'comes', 'comes'] as const;
  const steps = Array.from({ length: 1_000 }, (_, number) => `user-${String(number)}`).flatMap((user): Step[] => [
    ...Array.from({ length: 1 + pick(4) }, (): Step => ({ atMs: pick(5 * minute), user, what: 'comes', which: 0 })),
    ...Array.from({ length: pick(5) }, (): Step => ({
      atMs: pick(12 * minute),
      user,
      what: ways[pick(ways.length)] ?? 'closes',
      which: pick(4),
    })),
  ]);
  const world = await play(steps, chance);
  const events = world.broadcasts.all().map(({ event }) => event);
  expect(events.filter((event) => event === presenceEvents.came).length).toBeGreaterThan(1_000);
  expect(events.filter((event) => event === presenceEvents.left).length).toBeGreaterThan(100);
});

it('of a few, in any order of events', async () => {
  const step = fc.record({
    atMs: fc.oneof(fc.nat(30 * second), fc.nat(20 * minute)),
    user: fc.constantFrom('a', 'b'),
    what: fc.constantFrom('comes' as const, 'comes' as const, 'closes' as const, 'lost' as const, 'dead' as const),
    which: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), fc.integer(), async (steps, seed) => {
      await play(steps, chanceFrom(seed));
    }),
    { numRuns: 150 },
  );
});
