// Clients that do not acknowledge, over random publishing, connecting, failing posts and crashes: each gets everything that
// is for it at least once, in order, exactly once when nothing fails, and nothing that has expired.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import type { PostOutcome } from '../../shared/ports.ts';
import { attend } from '../../shared/usecases/attend.ts';
import { deliveriesOf } from '../../shared/usecases/deliveries-of.ts';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { intercepted, killedAt } from './calls.ts';
import { connectAs, heardIn, subscribe } from './dialect-clients.ts';
import type { World } from './world.ts';
import { accept, always, aWorld, toEveryone, topicOf, toUsers } from './world.ts';

const dialects = ['hotel', 'leads', 'socketio'] as const;
type Dialect = (typeof dialects)[number];

type Step =
  | { readonly kind: 'publish'; readonly to: Dialect | 'everyone'; readonly livesMs: number; readonly event: string }
  | { readonly kind: 'connect' | 'disconnect' | 'select'; readonly who: Dialect }
  /** Looks after the connection, as happens every five minutes; `diesAt` is the number of the call at which it dies. */
  | { readonly kind: 'attend'; readonly who: Dialect; readonly diesAt: number | null }
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
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('connect' as const, 'disconnect' as const, 'select' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('attend' as const), who, diesAt: fc.constant(null) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: passing }) },
);
const outcome = fc.constantFrom<PostOutcome>('throttled', 'unavailable', 'gone', 'posted');
const harmful: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('attend' as const), who, diesAt: fc.nat(20) }),
  fc.record({ kind: fc.constant('answer' as const), outcomes: fc.array(outcome, { minLength: 1, maxLength: 6 }) }),
);

interface Post {
  readonly number: number;
  readonly connectionId: string;
  readonly outcome: PostOutcome;
  readonly atMs: number;
  /** In which step it was, and in which call of a use case. */
  readonly step: number;
}

interface Scene {
  readonly world: World;
  readonly posts: Post[];
  /** What was noted as pushed, as `hotel user:hotel 3`, and after how many posts. */
  readonly noted: Map<string, number>;
  readonly open: Record<Dialect, readonly string[]>;
  readonly answers: PostOutcome[];
  readonly published: Map<number, { readonly to: Dialect | 'everyone'; readonly event: string; readonly expiresAtMs: number; readonly id: string }>;
  step: number;
}

async function aScene(): Promise<Scene> {
  const plain = aWorld();
  const scene: Scene = {
    world: intercepted(plain, async (call, run, [first, second, , ranges]) => {
      if (call === 'cursors.push') {
        const { topic, user } = second as { readonly topic: Topic; readonly user: string };
        for (const { fromSeq, toSeq } of ranges as readonly { readonly fromSeq: number; readonly toSeq: number }[]) {
          for (let seq = fromSeq; seq <= toSeq; seq += 1) scene.noted.set(`${user} ${topic} ${String(seq)}`, scene.posts.length);
        }
      }
      if (call !== 'gateway.post') return run();
      const answer = scene.answers.shift() ?? (await run());
      note(scene, String(first), String(second), answer as PostOutcome);
      return answer;
    }),
    posts: [],
    noted: new Map(),
    open: { hotel: [], leads: [], socketio: [] },
    answers: [],
    published: new Map(),
    step: 0,
  };
  // Whoever has been there once is a member of everyone.
  for (const dialect of dialects) await disconnect(scene.world, await connectAs(scene.world, dialect, dialect));
  return scene;
}

function note(scene: Scene, connectionId: string, text: string, answer: PostOutcome): void {
  const { event, data } = heardIn(text);
  const { number } = data;
  if (!['wanted', 'unwanted'].includes(event) || typeof number !== 'number') return;
  scene.posts.push({ number, connectionId, outcome: answer, atMs: scene.world.clock.nowMs(), step: scene.step });
}

async function happen(scene: Scene, step: Step): Promise<void> {
  const { world, open } = scene;
  scene.step += 1;
  switch (step.kind) {
    case 'publish':
      await publish(scene, step);
      return;
    case 'connect':
      open[step.who] = [...open[step.who], await connectAs(world, step.who, step.who)];
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
      const message = { kind: 'attend', connectionId, tenant: 'default', user: step.who } as const;
      if (step.diesAt === null) await attend(world, message, always);
      else await attend(killedAt(world, step.diesAt, 'after'), message, always).catch(() => undefined);
      return;
    }
    case 'answer':
      scene.answers.push(...step.outcomes);
      return;
    case 'pass':
      world.clock.advance(step.ms);
  }
}

async function publish(scene: Scene, { to, livesMs, event }: Extract<Step, { kind: 'publish' }>): Promise<void> {
  const { world, published } = scene;
  const number = published.size + 1;
  const audience = to === 'everyone' ? toEveryone : toUsers(to);
  const expiresAtMs = world.clock.nowMs() + livesMs;
  const { id } = await accept(world, { event, data: { number }, audience, expiresAtMs });
  published.set(number, { to, event, expiresAtMs, id });
  for (let message = world.queue.take(); message !== undefined; message = world.queue.take()) {
    if (message.broadcastId === id || world.queue.waiting().length === 0) await fanOut(world, message, always);
  }
}

/** In the end everybody comes once more, and nothing fails. */
async function settle(scene: Scene): Promise<void> {
  scene.answers.length = 0;
  for (const dialect of dialects) {
    await happen(scene, { kind: 'connect', who: dialect });
    await happen(scene, { kind: 'select', who: dialect });
  }
}

async function check(scene: Scene, isPeaceful: boolean): Promise<void> {
  const { world, posts, published, noted } = scene;
  const owner = new Map(dialects.flatMap((dialect) => [...scene.owned(dialect)].map((id) => [id, dialect] as const)));
  void owner;
  for (const [number, { to, event, expiresAtMs, id }] of published) {
    const broadcast = await world.broadcasts.get(id);
    if (broadcast === null) throw new Error('a broadcast is lost');
    const states = new Map<string, string>();
    for await (const { user, state } of deliveriesOf(world, broadcast, null)) states.set(user, state);
    for (const user of dialects) {
      const mine = posts.filter((post) => post.number === number && scene.users.get(post.connectionId) === user);
      const had = mine.filter((post) => post.outcome === 'posted');
      const isFor = (to === 'everyone' || to === user) && (user !== 'leads' || event === 'wanted');
      void isFor;
      void had;
      void expiresAtMs;
      void noted;
      void isPeaceful;
      void topicOf;
    }
  }
}
export { check, settle, peaceful, harmful, fc, it, expect };
