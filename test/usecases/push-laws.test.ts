// Clients that do not acknowledge, over random publishing, connecting, failing posts and crashes: each gets everything that
// is for it at least once, in order, exactly once when nothing fails, and nothing that has expired.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import type { SeqRange } from '../../shared/domain/ranges.ts';
import type { CursorKey, PostOutcome } from '../../shared/ports.ts';
import { attend } from '../../shared/usecases/attend.ts';
import { deliveriesOf } from '../../shared/usecases/deliveries-of.ts';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { unique } from '../builders/unique.ts';
import { intercepted, killedAt } from './calls.ts';
import { connectAs, heardIn, subscribe } from './dialect-clients.ts';
import type { World } from './world.ts';
import { always, aWorld, publish, toEveryone, topicOf, toUsers } from './world.ts';

const dialects = ['hotel', 'leads', 'socketio'] as const;
type Dialect = (typeof dialects)[number];

type Step =
  | { readonly kind: 'publish'; readonly to: Dialect | 'everyone'; readonly livesMs: number; readonly event: string }
  | { readonly kind: 'disconnect' | 'select'; readonly who: Dialect }
  /** Connects, or looks after a connection as happens every five minutes; `diesAt` is the number of the call after which it dies. */
  | { readonly kind: 'connect' | 'attend'; readonly who: Dialect; readonly diesAt?: number }
  | { readonly kind: 'answer'; readonly outcomes: readonly PostOutcome[] }
  | { readonly kind: 'pass'; readonly ms: number };

const who = fc.constantFrom(...dialects);
/** Longer than a connection is young: then `gone` means that it is closed. */
const passing = fc.constantFrom(1_000, 31_000);
const publishing = fc.record({
  kind: fc.constant('publish' as const),
  to: fc.constantFrom(...dialects, 'everyone' as const),
  livesMs: fc.constantFrom(500, 40_000, 80_000_000, 80_000_000),
  event: fc.constantFrom('wanted', 'wanted', 'unwanted'),
});
const peaceful: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: publishing },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('connect' as const, 'disconnect' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('select' as const, 'attend' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: passing }) },
);
const outcome = fc.constantFrom<PostOutcome>('throttled', 'unavailable', 'gone', 'posted');
/** One post fails for good, or posts fail here and there. */
const outcomes = fc.oneof(
  fc.constantFrom<readonly PostOutcome[]>(['gone'], ['throttled', 'throttled', 'unavailable']),
  fc.array(outcome, { minLength: 1, maxLength: 6 }),
);
const harmful: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('connect' as const, 'attend' as const), who, diesAt: fc.nat(30) }),
  fc.record({ kind: fc.constant('answer' as const), outcomes }),
);

interface Post {
  readonly number: number;
  readonly user: Dialect;
  readonly connectionId: string;
  readonly outcome: PostOutcome;
  readonly atMs: number;
  readonly step: number;
}

interface Published {
  readonly broadcast: Broadcast;
  readonly step: number;
  readonly to: Dialect | 'everyone';
}

interface Scene {
  readonly world: World;
  readonly posts: Post[];
  /** After how many posts it was noted that an entry is pushed, by user, topic and number. */
  readonly noted: Map<string, number>;
  readonly open: Record<Dialect, readonly string[]>;
  readonly owners: Map<string, Dialect>;
  /** What the gateway answers to the next posts, whomever they are for. */
  readonly answers: PostOutcome[];
  readonly published: Published[];
  step: number;
}

async function aScene(): Promise<Scene> {
  const plain = aWorld();
  const scene: Scene = {
    world: intercepted(plain, async (call, run, parameters) => {
      if (call === 'cursors.push') noteRanges(scene, parameters);
      if (call !== 'gateway.post') return run();
      const answer = scene.answers.shift() ?? ((await run()) as PostOutcome);
      notePost(scene, String(parameters[0]), String(parameters[1]), answer);
      return answer;
    }),
    posts: [],
    noted: new Map(),
    open: { hotel: [], leads: [], socketio: [] },
    owners: new Map(),
    answers: [],
    published: [],
    step: 0,
  };
  // Whoever has been there once is a member of everyone.
  for (const dialect of dialects) await disconnect(scene.world, await connectAs(scene.world, dialect, dialect));
  return scene;
}

function noteRanges({ noted, posts }: Scene, [, key, , ranges]: readonly unknown[]): void {
  const { topic, user } = key as CursorKey;
  for (const { fromSeq, toSeq } of ranges as readonly SeqRange[]) {
    for (let seq = fromSeq; seq <= toSeq; seq += 1) {
      const name = `${user} ${topic} ${String(seq)}`;
      if (!noted.has(name)) noted.set(name, posts.length);
    }
  }
}

function notePost(scene: Scene, connectionId: string, text: string, outcome: PostOutcome): void {
  const { event, data } = heardIn(text);
  const { number } = data;
  const user = scene.owners.get(connectionId);
  if (user === undefined || !event.endsWith('wanted') || typeof number !== 'number') return;
  const atMs = scene.world.clock.nowMs();
  scene.posts.push({ number, user, connectionId, outcome, atMs, step: scene.step });
}

async function happen(scene: Scene, step: Step): Promise<void> {
  const { world, open } = scene;
  scene.step += 1;
  switch (step.kind) {
    case 'publish': {
      const { to, event, livesMs } = step;
      const audience = to === 'everyone' ? toEveryone : toUsers(to);
      const expiresAtMs = world.clock.nowMs() + livesMs;
      const data = { number: scene.published.length };
      scene.published.push({
        to,
        step: scene.step,
        broadcast: await publish(world, { event, data, audience, expiresAtMs }),
      });
      return;
    }
    case 'connect':
      await come(scene, step.who, step.diesAt);
      return;
    case 'disconnect': {
      const [first, ...others] = open[step.who];
      open[step.who] = others;
      if (first !== undefined) await disconnect(world, first);
      return;
    }
    case 'select':
      for (const connectionId of step.who === 'leads' ? open.leads : []) await subscribe(world, connectionId, 'wanted');
      return;
    case 'attend': {
      const [connectionId] = open[step.who];
      if (connectionId === undefined) return;
      const message = { kind: 'attend', connectionId, tenant: 'default', user: step.who, sinceMs: 0 } as const;
      await dying(world, step.diesAt, async (ports) => attend(ports, message, always));
      return;
    }
    case 'answer':
      scene.answers.push(...step.outcomes);
      return;
    case 'pass':
      world.clock.advance(step.ms);
  }
}

async function come({ world, open, owners }: Scene, user: Dialect, diesAt: number | undefined): Promise<void> {
  const connectionId = unique('connection');
  owners.set(connectionId, user);
  open[user] = [...open[user], connectionId];
  await dying(world, diesAt, async (ports) => connectAs(ports, user, user, { connectionId }));
}

async function dying(world: World, at: number | undefined, run: (ports: World) => Promise<unknown>): Promise<void> {
  if (at === undefined) await run(world);
  else await run(killedAt(world, at, 'after')).catch(() => undefined);
}

/** In the end everybody comes once more, and nothing fails. */
async function settle(scene: Scene): Promise<void> {
  scene.answers.length = 0;
  for (const who of dialects) {
    await happen(scene, { kind: 'connect', who });
    await happen(scene, { kind: 'select', who });
  }
}

async function expectLawful(scene: Scene, isPeaceful: boolean): Promise<void> {
  const { world, posts, noted } = scene;
  for (const [number, { broadcast, to, step: publishedIn }] of scene.published.entries()) {
    const { audience, event, expiresAtMs } = broadcast;
    const states = await statesOf(world, broadcast);
    for (const user of dialects) {
      const mine = posts.filter((post) => post.number === number && post.user === user);
      const had = mine.filter(({ outcome }) => outcome === 'posted');
      const isFor = (to === 'everyone' || to === user) && (user !== 'leads' || event === 'wanted');
      const what = { number, user, steps: [...new Set(had.map(({ step }) => step))] };
      if (!isFor) expect(what).toEqual({ ...what, steps: [] });
      else if (expiresAtMs > world.clock.nowMs()) expect(what.steps.length, JSON.stringify(what)).toBeGreaterThan(0);
      if (isPeaceful) expect(what.steps.length, JSON.stringify(what)).toBeLessThanOrEqual(1);
      // Of posts at the same time, as fan-out makes them, the waits add up on a clock that only they move.
      for (const { atMs, step } of had) if (step !== publishedIn) expect(atMs).toBeLessThan(expiresAtMs);
      if (had.length === 0) expect(['sent', 'delivered', 'read']).not.toContain(states.get(user));
      else if (isPeaceful) expect([what, states.get(user)]).toEqual([what, 'sent']);
      const topic = topicOf(audience, user);
      const seq = world.logs
        .entries('default', topic)
        .find(({ notification }) => notification.id === broadcast.id)?.seq;
      const notedAfter = noted.get(`${user} ${topic} ${String(seq)}`) ?? Number.POSITIVE_INFINITY;
      for (const post of mine) expect(posts.indexOf(post)).toBeLessThan(notedAfter);
    }
  }
  expectOrder(scene);
}

async function statesOf(world: World, broadcast: Broadcast): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  const stored = (await world.broadcasts.get(broadcast.id)) ?? broadcast;
  for await (const { user, state } of deliveriesOf(world, stored, null)) states.set(user, state);
  return states;
}

/** Whatever one call sends of one topic is in the order of its log. */
function expectOrder({ posts, published }: Scene): void {
  const last = new Map<string, number>();
  for (const { number, connectionId, outcome, step } of posts) {
    if (outcome !== 'posted') continue;
    const name = [step, connectionId, published[number]?.to === 'everyone'].join(' ');
    expect(number).toBeGreaterThan(last.get(name) ?? -1);
    last.set(name, number);
  }
}

const rounds = { numRuns: 300 };

it('when nothing fails, everything arrives exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(peaceful, { maxLength: 25 }), async (steps) => {
      const scene = await aScene();
      for (const step of steps) await happen(scene, step);
      await settle(scene);
      await expectLawful(scene, true);
    }),
    rounds,
  );
});

it('when posts fail and functions die half way, everything arrives, and nothing again that was noted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(peaceful, peaceful, harmful), { maxLength: 30 }), async (steps) => {
      const scene = await aScene();
      for (const step of steps) await happen(scene, step);
      await settle(scene);
      await expectLawful(scene, false);
    }),
    rounds,
  );
});
