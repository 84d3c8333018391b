// Two devices of a user come while the log is made anew: in every order of their calls the user's place is kept.
import { expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { acknowledge } from '../../shared/usecases/acknowledge.ts';
import { joinTopics, standingCursors } from '../../shared/usecases/standing-cursors.ts';
import { aNotification } from '../builders/notification.ts';
import { intercepted } from './calls.ts';
import type { Turns } from './interleavings.ts';
import { everyInterleaving } from './interleavings.ts';
import type { World } from './world.ts';
import { aWorld } from './world.ts';

async function append(world: World, topic: Topic, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await world.logs.append('default', topic, aNotification({ createdAtMs: world.clock.nowMs() }));
  }
}

/** A log of five entries, three of which the user has had and read. */
async function aMember(topic: Topic): Promise<World> {
  const world = aWorld();
  await joinTopics(world, 'default', 'a', [topic]);
  await append(world, topic, 5);
  const { epoch } = await world.logs.head('default', topic);
  await acknowledge(world, { tenant: 'default', user: 'a' }, { topic, epoch, seq: 3 });
  await world.cursors.markRead('default', { topic, user: 'a' }, epoch, { upToSeq: 3, seqs: [], atMs: 0 });
  return world;
}

/** Every call of a device waits for its turn. */
async function arrive(world: World, turns: Turns, topic: Topic): Promise<void> {
  const ports = intercepted(world, async (_call, run) => turns.take(run));
  const standings = await standingCursors(ports, 'default', 'a', [topic]);
  for (const { cursor, head } of standings) expect(cursor.epoch).toBe(head.epoch);
}

async function restore(world: World, turns: Turns, topic: Topic, endSeq: number): Promise<void> {
  await turns.take(async () => {
    world.logs.restore('default', topic, endSeq);
    await append(world, topic, 2);
  });
}

it.each<Topic>([userTopic('a'), everyone])('a member of %s keeps what is the same in the new log', async (topic) => {
  const places = new Set<string>();
  const played = await everyInterleaving(async (turns) => {
    const world = await aMember(topic);
    await turns.finish(arrive(world, turns, topic), arrive(world, turns, topic), restore(world, turns, topic, 4));
    const [standing] = await standingCursors(world, 'default', 'a', [topic]);
    places.add(`${String(standing?.cursor.deliveredSeq)} had, ${String(standing?.cursor.readSeq)} read`);
  });
  expect(played).toBeGreaterThan(100);
  expect([...places]).toEqual(['3 had, 3 read']);
});

it('a newcomer to a wide topic stays one who joined at its end', async () => {
  const joined = new Set<number>();
  await everyInterleaving(async (turns) => {
    const world = aWorld();
    await append(world, everyone, 5);
    const restored = turns.take(async () => {
      world.logs.restore('default', everyone, 5);
      return Promise.resolve();
    });
    await turns.finish(arrive(world, turns, everyone), arrive(world, turns, everyone), restored);
    const [standing] = await standingCursors(world, 'default', 'a', [everyone]);
    joined.add(standing?.cursor.joinedSeq ?? -1);
  });
  expect([...joined]).toEqual([5]);
});

it('a log that is made anew twice keeps what is the same in all three', async () => {
  const places = new Set<number>();
  await everyInterleaving(async (turns) => {
    const world = await aMember(everyone);
    const restoring = async (): Promise<void> => {
      await restore(world, turns, everyone, 4);
      await restore(world, turns, everyone, 2);
    };
    await turns.finish(arrive(world, turns, everyone), restoring());
    const [standing] = await standingCursors(world, 'default', 'a', [everyone]);
    places.add(standing?.cursor.deliveredSeq ?? -1);
  });
  expect([...places]).toEqual([2]);
});
