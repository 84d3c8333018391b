// Acknowledgements: forward only, only to where the log goes, only in its own epoch.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { acknowledge } from '../../shared/usecases/acknowledge.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import { aWorld, connectUser, publish, toEveryone, toUsers } from './world.ts';

/** A connected user with so many entries in their own log. */
async function withEntries(count: number): Promise<{ world: World; connection: KnownConnection; epoch: string }> {
  const world = aWorld();
  await connectUser(world, 'a');
  for (let seq = 1; seq <= count; seq += 1) await publish(world, { audience: toUsers('a') });
  const [connection] = world.stores.open();
  if (connection?.state !== 'known') throw new Error('nobody is connected');
  return { world, connection, epoch: (await world.logs.head('default', userTopic('a'))).epoch };
}

function deliveredSeq(world: World, topic: Topic = userTopic('a')): number | undefined {
  return world.cursors.all().find((cursor) => cursor.topic === topic)?.deliveredSeq;
}

describe('an acknowledgement', () => {
  it('moves the cursor of this user in this topic, and no other', async () => {
    const { world, connection, epoch } = await withEntries(3);
    await connectUser(world, 'b');
    await publish(world, { audience: toUsers('b') });
    await acknowledge(world, connection, { topic: userTopic('a'), epoch, seq: 2 });
    const moved = world.cursors.all().filter(({ deliveredSeq }) => deliveredSeq > 0);
    expect(moved).toMatchObject([{ user: 'a', topic: userTopic('a'), deliveredSeq: 2, readSeq: 0 }]);
  });

  it('of everyone’s topic is the user’s own', async () => {
    const { world, connection } = await withEntries(0);
    await connectUser(world, 'b');
    await publish(world, { audience: toEveryone });
    const { epoch } = await world.logs.head('default', everyone);
    await acknowledge(world, connection, { topic: everyone, epoch, seq: 1 });
    const places = world.cursors.all().filter(({ topic }) => topic === everyone);
    expect(places.map(({ user, deliveredSeq }) => [user, deliveredSeq])).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
  });

  it('never goes back, whatever order they come in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(6), { minLength: 1, maxLength: 8 }), async (seqs) => {
        const { world, connection, epoch } = await withEntries(6);
        let furthest = 0;
        for (const seq of seqs) {
          await acknowledge(world, connection, { topic: userTopic('a'), epoch, seq });
          furthest = Math.max(furthest, seq);
          expect(deliveredSeq(world)).toBe(furthest);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('beyond the end of the log is refused, with the end, and moves nothing', async () => {
    const { world, connection, epoch } = await withEntries(2);
    const ahead = acknowledge(world, connection, { topic: userTopic('a'), epoch, seq: 3 });
    await expect(ahead).rejects.toMatchObject({ code: 'invalid_field', detail: { field: 'seq' } });
    await expect(ahead).rejects.toThrow('beyond the end of the log, which is 2');
    expect(deliveredSeq(world)).toBe(0);
  });

  it('comes when the log was made anew and the cursor has not come there yet: the cursor goes there first', async () => {
    const { world, connection, epoch: before } = await withEntries(4);
    await acknowledge(world, connection, { topic: userTopic('a'), epoch: before, seq: 2 });
    world.logs.restore('default', userTopic('a'), 3);
    const { epoch } = await world.logs.head('default', userTopic('a'));
    await acknowledge(world, connection, { topic: userTopic('a'), epoch, seq: 1 });
    expect(world.cursors.all()).toContainEqual(
      expect.objectContaining({ topic: userTopic('a'), epoch, deliveredSeq: 2 }),
    );
    await acknowledge(world, connection, { topic: userTopic('a'), epoch, seq: 3 });
    expect(deliveredSeq(world)).toBe(3);
  });

  it('of a member of no topic yet makes them one', async () => {
    const world = aWorld();
    await publish(world, { audience: toUsers('b') });
    const { epoch } = await world.logs.head('default', userTopic('b'));
    await acknowledge(world, { tenant: 'default', user: 'b' }, { topic: userTopic('b'), epoch, seq: 1 });
    expect(deliveredSeq(world, userTopic('b'))).toBe(1);
  });

  it('keeps when it came, and reads one place of the log', async () => {
    const { world, connection, epoch } = await withEntries(3);
    world.clock.advance(1_000);
    const { ports, calls } = watched(world);
    await acknowledge(ports, connection, { topic: userTopic('a'), epoch, seq: 2 });
    expect(calls).toEqual(['logs.head', 'cursors.acknowledge']);
    const cursor = world.cursors.all().find(({ topic }) => topic === userTopic('a'));
    expect(cursor?.acknowledgements).toEqual([{ seq: 2, atMs: world.clock.nowMs() }]);
  });

  it('of another epoch is refused, even of one whose log was longer', async () => {
    const { world, connection, epoch } = await withEntries(2);
    world.logs.restart('default', userTopic('a'));
    const old = acknowledge(world, connection, { topic: userTopic('a'), epoch, seq: 0 });
    await expect(old).rejects.toMatchObject({ code: 'invalid_field', detail: { field: 'epoch' } });
    expect(deliveredSeq(world)).toBe(0);
  });

  it('counts in its own tenant only', async () => {
    const { world, connection, epoch } = await withEntries(2);
    const stranger = { ...connection, tenant: 'other' };
    await expect(acknowledge(world, stranger, { topic: userTopic('a'), epoch, seq: 2 })).rejects.toMatchObject({
      code: 'invalid_field',
    });
    expect(deliveredSeq(world)).toBe(0);
  });
});
