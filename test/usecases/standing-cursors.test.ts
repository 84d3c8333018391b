// Where a user stands: a newcomer's place, a member's own, and the same place in a log that was made anew.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { joinTopics, standingCursors } from '../../shared/usecases/standing-cursors.ts';
import { aNotification } from '../builders/notification.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import { aWorld, connectUser, notificationsOf, publish, toEveryone, toUsers } from './world.ts';

const own = userTopic('a');
const topics: readonly Topic[] = [own, everyone, 'role:admin'];
const hour = 60 * 60_000;

async function append(world: World, topic: Topic, count = 1): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await world.logs.append('default', topic, aNotification({ createdAtMs: world.clock.nowMs() }));
  }
}

/** The standings of the user, as `[topic, joinedSeq, deliveredSeq, end of the log]`. */
async function placesOf(world: World, of = topics, tenant = 'default'): Promise<readonly (readonly unknown[])[]> {
  const standings = await standingCursors(world, tenant, 'a', of);
  for (const { cursor, head } of standings) expect(cursor.epoch).toBe(head.epoch);
  return standings.map(({ cursor, head }) => [cursor.topic, cursor.joinedSeq, cursor.deliveredSeq, head.seq]);
}

describe('a newcomer', () => {
  it('gets everything in the log of their own, and of a wide one what comes from now on', async () => {
    const world = aWorld();
    for (const topic of topics) await append(world, topic, 2);
    expect(await placesOf(world)).toEqual([
      [own, 0, 0, 2],
      [everyone, 2, 2, 2],
      ['role:admin', 2, 2, 2],
    ]);
    await append(world, everyone);
    expect(await placesOf(world)).toContainEqual([everyone, 2, 2, 3]);
  });

  it('in one topic more keeps the place in the others: a role that a new token brings', async () => {
    const world = aWorld();
    for (const topic of topics) await append(world, topic);
    await joinTopics(world, 'default', 'a', [own, everyone]);
    for (const topic of topics) await append(world, topic);
    await joinTopics(world, 'default', 'a', topics);
    expect(await placesOf(world)).toEqual([
      [own, 0, 0, 2],
      [everyone, 1, 1, 2],
      ['role:admin', 2, 2, 2],
    ]);
  });

  it('is one in each tenant', async () => {
    const world = aWorld();
    await append(world, everyone);
    await joinTopics(world, 'default', 'a', topics);
    expect(await placesOf(world, topics, 'other')).toEqual(topics.map((topic) => [topic, 0, 0, 0]));
    expect(world.cursors.all()).toHaveLength(6);
  });

  it('on two devices at once is one member with one place', async () => {
    const world = aWorld();
    await append(world, everyone);
    const join = async () => standingCursors(world, 'default', 'a', topics);
    const [first, second] = await Promise.all([join(), join()]);
    expect(second).toEqual(first);
    expect(world.cursors.all()).toHaveLength(3);
  });

  it('becomes a member of all topics after a death between two of them', async () => {
    const world = aWorld();
    await joinTopics(world, 'default', 'a', [everyone]);
    const standing = world.cursors.all();
    await append(world, everyone);
    await joinTopics(world, 'default', 'a', topics);
    expect(world.cursors.all()).toHaveLength(3);
    expect(world.cursors.all()).toContainEqual(standing[0]);
  });
});

describe('a member', () => {
  it('who comes again joins nothing, and one read tells it', async () => {
    const world = aWorld();
    await joinTopics(world, 'default', 'a', topics);
    const before = world.cursors.all();
    await append(world, everyone);
    const { ports, calls } = watched(world);
    await joinTopics(ports, 'default', 'a', topics);
    expect(calls).toEqual(['cursors.get']);
    expect(world.cursors.all()).toEqual(before);
  });

  it('follows the topics of the roles in the token, and no others', async () => {
    const world = aWorld();
    const admin = await connectUser(world, 'a', { roles: ['admin', 'chef', 'admin'] });
    const guest = await connectUser(world, 'b', { roles: ['guest'] });
    const { id } = await publish(world, { audience: { kind: 'topic', topic: 'role:chef' } });
    expect(notificationsOf(world, admin)).toEqual([['role:chef', 1, id]]);
    expect(notificationsOf(world, guest)).toEqual([]);
    const ofAdmin = world.cursors.all().filter(({ user }) => user === 'a');
    expect(ofAdmin.map(({ topic }) => topic).sort()).toEqual(['all', 'role:admin', 'role:chef', 'user:a']);
  });

  it('who lost a role gets nothing of it, and what came meanwhile when it is back', async () => {
    const world = aWorld();
    const audience = { kind: 'topic', topic: 'role:chef' } as const;
    await connectUser(world, 'a', { roles: ['chef'] });
    const without = await connectUser(world, 'a');
    const { id } = await publish(world, { audience });
    expect(notificationsOf(world, without)).toEqual([]);
    expect(notificationsOf(world, await connectUser(world, 'a', { roles: ['chef'] }))).toEqual([['role:chef', 1, id]]);
  });
});

describe('the look-back', () => {
  it('gives a newcomer of a wide topic exactly what came within it', async () => {
    const ages = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(ages, fc.integer({ min: 1, max: 4 }), async (given, lookBackHours) => {
        const world = { ...aWorld(), lookBackMs: lookBackHours * hour };
        const oldestFirst = [...given].sort((one, other) => other - one);
        const startMs = world.clock.nowMs();
        const within: string[] = [];
        for (const age of oldestFirst) {
          world.clock.advance(startMs + (4 - age) * hour - world.clock.nowMs());
          const { id } = await publish(world, { audience: toEveryone });
          if (age <= lookBackHours) within.push(id);
        }
        world.clock.advance(startMs + 4 * hour - world.clock.nowMs());
        const connectionId = await connectUser(world, 'a');
        expect(notificationsOf(world, connectionId).map(([, , id]) => id)).toEqual(within);
      }),
      { numRuns: 40 },
    );
  });

  it('is neither for a member nor for the log of one’s own', async () => {
    const world = { ...aWorld(), lookBackMs: hour };
    await publish(world, { audience: toUsers('a') });
    await joinTopics({ ...world, lookBackMs: 0 }, 'default', 'a', [everyone]);
    await append(world, everyone);
    world.clock.advance(2 * hour);
    expect(await placesOf(world, [own, everyone])).toEqual([
      [own, 0, 0, 1],
      [everyone, 0, 0, 1],
    ]);
  });
});

describe('a log that was made anew', () => {
  /** A member who has had four of six entries and read three, in each topic. */
  async function aMember(): Promise<World> {
    const world = aWorld();
    await joinTopics(world, 'default', 'a', topics);
    for (const topic of topics) {
      await append(world, topic, 6);
      const { epoch } = await world.logs.head('default', topic);
      await world.cursors.acknowledge('default', { topic, user: 'a' }, { epoch, seq: 4 }, world.clock.nowMs());
      const mark = { upToSeq: 3, seqs: [6], atMs: world.clock.nowMs() };
      await world.cursors.markRead('default', { topic, user: 'a' }, epoch, mark);
    }
    return world;
  }

  it.each([
    [6, { deliveredSeq: 4, readSeq: 3, readBeyond: [{ fromSeq: 6, toSeq: 6 }] }],
    [5, { deliveredSeq: 4, readSeq: 3, readBeyond: [] }],
    [2, { deliveredSeq: 2, readSeq: 2, readBeyond: [] }],
    [0, { deliveredSeq: 0, readSeq: 0, readBeyond: [] }],
  ])('because it was cut back to %i: the cursor keeps what is the same, and no more', async (endSeq, expected) => {
    const world = await aMember();
    world.logs.restore('default', everyone, endSeq);
    await append(world, everyone, 3);
    const [kept, moved] = await standingCursors(world, 'default', 'a', [own, everyone]);
    expect(moved?.cursor).toMatchObject({ ...expected, epoch: moved?.head.epoch, readVersion: 2 });
    expect(moved?.head.seq).toBe(endSeq + 3);
    expect(kept?.cursor).toMatchObject({ deliveredSeq: 4, readSeq: 3, readVersion: 1 });
    expect(await standingCursors(world, 'default', 'a', [own, everyone])).toEqual([kept, moved]);
  });

  it('twice keeps what is the same in all three', async () => {
    const world = await aMember();
    world.logs.restore('default', everyone, 3);
    await append(world, everyone, 3);
    world.logs.restore('default', everyone, 5);
    await append(world, everyone, 3);
    expect(await placesOf(world, [everyone])).toEqual([[everyone, 0, 3, 8]]);
  });

  it('that knows nothing of what was before begins again for its members', async () => {
    const world = await aMember();
    world.logs.restart('default', everyone);
    await append(world, everyone);
    expect(await placesOf(world, [everyone])).toEqual([[everyone, 0, 0, 1]]);
  });
});
