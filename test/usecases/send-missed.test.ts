// Sends a connection what it lacks: within a budget, as far as the socket takes it, and then says where it stands.
import { describe, expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import type { TopicPosition } from '../../shared/domain/log.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { fanOutLimits, resumeLimits } from '../../shared/protocol/limits.ts';
import type { GoOn } from '../../shared/usecases/fan-out-ports.ts';
import { sendMissed } from '../../shared/usecases/send-missed.ts';
import { joinTopics, standingCursors } from '../../shared/usecases/standing-cursors.ts';
import { aNotification } from '../builders/notification.ts';
import type { World } from './world.ts';
import { always, aWorld, framesOf, notificationsOf, openQuietly } from './world.ts';

const topic = userTopic('a');
const topics: readonly Topic[] = [topic, everyone];

interface Scene {
  readonly world: World;
  readonly connection: KnownConnection;
  /** Sends what comes after these numbers: of the user's own topic, and of everyone's. */
  readonly sendAfter: (seqs: readonly number[], goOn?: GoOn, replyTo?: string) => Promise<void>;
}

/** A connection of a user with so many entries in their own log, and so many in that of everyone. */
async function withEntries(own: number, wide = 0): Promise<Scene> {
  const world = aWorld();
  const connection = await openQuietly(world, { user: 'a' });
  await joinTopics(world, 'default', 'a', topics);
  const append = async (to: Topic, count: number): Promise<void> => {
    const createdAtMs = world.clock.nowMs();
    for (let seq = 1; seq <= count; seq += 1)
      await world.logs.append('default', to, aNotification({ createdAtMs, expiresAtMs: createdAtMs + seq * 1_000 }));
  };
  await append(topic, own);
  await append(everyone, wide);
  const sendAfter: Scene['sendAfter'] = async (seqs, goOn = always, replyTo) => {
    const standings = await standingCursors(world, 'default', 'a', topics.slice(0, seqs.length));
    const lacking = standings.map((standing, index) => {
      const { epoch } = standing.head;
      return { standing, from: { topic: standing.cursor.topic, epoch, seq: seqs[index] ?? 0 } };
    });
    await sendMissed(world, connection, lacking, goOn, replyTo);
  };
  return { world, connection, sendAfter };
}

/** What the connection got, as `[topic, seq]`. */
function placesOf({ world, connection }: Scene): readonly unknown[] {
  return notificationsOf(world, connection.connectionId).map(([of, seq]) => [of, seq]);
}

const upTo = (of: Topic, last: number, first = 1): (readonly unknown[])[] =>
  Array.from({ length: last - first + 1 }, (_, index) => [of, first + index]);

/** The last `resumed` that the connection got: the numbers that it says, and whether that was all. */
function reached({ world, connection }: Scene): { readonly seqs: readonly number[]; readonly complete: boolean } {
  const frame = framesOf(world, connection.connectionId, 'resumed').at(-1);
  const { positions, complete } = frame as unknown as { positions: TopicPosition[]; complete: boolean };
  return { seqs: positions.map(({ seq }) => seq), complete };
}

describe('what is missing', () => {
  it('is sent topic by topic, and then where the client stands in each', async () => {
    const scene = await withEntries(2, 3);
    const { world, connection } = scene;
    await scene.sendAfter([0, 1], always, 'r-1');
    expect(placesOf(scene)).toEqual([...upTo(topic, 2), ...upTo(everyone, 3, 2)]);
    const heads = await Promise.all(topics.map((of) => world.logs.head('default', of)));
    expect(world.gateway.frames(connection.connectionId).at(-1)).toEqual({
      type: 'resumed',
      positions: heads.map(({ epoch, seq }, index) => ({ topic: topics[index], epoch, seq })),
      complete: true,
      replyTo: 'r-1',
    });
  });

  it('is nothing when the client has it all: it is told just that', async () => {
    const scene = await withEntries(2, 3);
    await scene.sendAfter([2, 3]);
    expect(scene.world.gateway.posts).toHaveLength(1);
    expect(reached(scene)).toEqual({ seqs: [2, 3], complete: true });
  });

  it('includes what is announced: the client stands behind it', async () => {
    const scene = await withEntries(4);
    scene.world.clock.advance(4_000);
    await scene.sendAfter([0]);
    expect(placesOf(scene)).toEqual([]);
    expect(framesOf(scene.world, scene.connection.connectionId, 'skipped')).toMatchObject([{ fromSeq: 1, toSeq: 4 }]);
    expect(reached(scene)).toEqual({ seqs: [4], complete: true });
  });

  it('of a position beyond the end is announced, and the client stands where the reset says', async () => {
    const scene = await withEntries(2);
    await scene.sendAfter([7]);
    expect(framesOf(scene.world, scene.connection.connectionId, 'reset')).toMatchObject([{ seq: 0 }]);
    expect(reached(scene)).toEqual({ seqs: [2], complete: true });
  });
});

describe('what cannot be sent now', () => {
  const { entriesPerCallMax } = resumeLimits;

  it('because the budget is used up is left, and the next call goes on without gap or repetition', async () => {
    const scene = await withEntries(entriesPerCallMax + 5);
    await scene.sendAfter([0]);
    expect(reached(scene)).toEqual({ seqs: [entriesPerCallMax], complete: false });
    await scene.sendAfter(reached(scene).seqs);
    expect(placesOf(scene)).toEqual(upTo(topic, entriesPerCallMax + 5));
    expect(reached(scene)).toEqual({ seqs: [entriesPerCallMax + 5], complete: true });
  });

  it('is complete when the budget is just enough', async () => {
    const scene = await withEntries(entriesPerCallMax);
    await scene.sendAfter([0, 0]);
    expect(reached(scene)).toEqual({ seqs: [entriesPerCallMax, 0], complete: true });
  });

  it('because the budget went to an earlier topic is left whole', async () => {
    const scene = await withEntries(entriesPerCallMax, 1);
    await scene.sendAfter([0, 0]);
    expect(reached(scene)).toEqual({ seqs: [entriesPerCallMax, 0], complete: false });
    await scene.sendAfter(reached(scene).seqs);
    expect(placesOf(scene).at(-1)).toEqual([everyone, 1]);
  });

  it('because the deadline is near is left in every topic', async () => {
    const scene = await withEntries(9, 1);
    await scene.sendAfter([0, 0], () => scene.world.gateway.posts.length < 4);
    expect(reached(scene)).toEqual({ seqs: [4, 0], complete: false });
    await scene.sendAfter(reached(scene).seqs);
    expect(placesOf(scene)).toEqual([...upTo(topic, 9), ...upTo(everyone, 1)]);
  });

  it('because the socket is slow is left, and said when the socket is not slow any more', async () => {
    const scene = await withEntries(5);
    const slow = Array.from({ length: fanOutLimits.postAttemptsMax }, () => 'throttled' as const);
    scene.world.gateway.answer(scene.connection.connectionId, 'posted', 'posted', ...slow, 'posted');
    await scene.sendAfter([0]);
    expect(reached(scene)).toEqual({ seqs: [2], complete: false });
    await scene.sendAfter(reached(scene).seqs);
    expect(placesOf(scene)).toEqual(upTo(topic, 5));
  });

  it('because the socket is gone is not tried: nothing more is posted, and its row goes', async () => {
    const scene = await withEntries(5, 5);
    scene.world.gateway.answer(scene.connection.connectionId, 'posted', 'gone');
    await scene.sendAfter([0, 0]);
    expect(scene.world.gateway.posts).toHaveLength(2);
    expect(scene.world.stores.open()).toEqual([]);
  });

  it('because a frame is too large is a bug, which bodies of a bounded size cannot cause', async () => {
    const scene = await withEntries(1);
    scene.world.gateway.answer(scene.connection.connectionId, 'too_large');
    await expect(scene.sendAfter([0])).rejects.toThrow('larger than the gateway takes');
  });
});

it('the client is never told more than it was sent: an entry that comes meanwhile is sent or not counted', async () => {
  const scene = await withEntries(100);
  const late = aNotification({ createdAtMs: scene.world.clock.nowMs() });
  await scene.sendAfter([0], () => {
    if (scene.world.gateway.posts.length === 50) void scene.world.logs.append('default', topic, late);
    return true;
  });
  expect(reached(scene).seqs).toEqual([placesOf(scene).length]);
});
