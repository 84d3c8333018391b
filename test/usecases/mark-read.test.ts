// Read marks: everything up to a place, or single entries, of this user and for all devices.
import { describe, expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import { hasRead } from '../../shared/domain/log.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import type { ReadRequest } from '../../shared/usecases/mark-read.ts';
import { markRead } from '../../shared/usecases/mark-read.ts';
import type { World } from './world.ts';
import { aWorld, connectUser, publish, toUsers } from './world.ts';

const topic = userTopic('a');

async function withFive(): Promise<{ world: World; mark: (given: Partial<ReadRequest>) => Promise<void> }> {
  const world = aWorld();
  await connectUser(world, 'a');
  await connectUser(world, 'b');
  for (let seq = 1; seq <= 5; seq += 1) await publish(world, { audience: toUsers('a', 'b') });
  const connection = world.stores
    .open()
    .find((open): open is KnownConnection => open.state === 'known' && open.user === 'a');
  if (connection === undefined) throw new Error('nobody is connected');
  const { epoch } = await world.logs.head('default', topic);
  return {
    world,
    mark: async (given) => markRead(world, connection, { topic, epoch, upToSeq: 0, seqs: [], ...given }),
  };
}

function readOf(world: World, user = 'a'): readonly number[] {
  const cursor = world.cursors.all().find((standing) => standing.topic === userTopic(user));
  return cursor === undefined ? [] : [1, 2, 3, 4, 5].filter((seq) => hasRead(cursor, seq));
}

describe('a read mark', () => {
  it('up to a place covers all before it', async () => {
    const { world, mark } = await withFive();
    await mark({ upToSeq: 3 });
    expect(readOf(world)).toEqual([1, 2, 3]);
  });

  it('of single entries covers those alone', async () => {
    const { world, mark } = await withFive();
    await mark({ seqs: [2, 5] });
    expect(readOf(world)).toEqual([2, 5]);
  });

  it('may do both, comes in any order, and never takes anything back', async () => {
    const { world, mark } = await withFive();
    await mark({ upToSeq: 2, seqs: [4] });
    await mark({ upToSeq: 1 });
    await mark({ seqs: [4, 1] });
    expect(readOf(world)).toEqual([1, 2, 4]);
  });

  it('is this user’s alone, and acknowledges nothing', async () => {
    const { world, mark } = await withFive();
    await mark({ upToSeq: 5 });
    expect(readOf(world, 'b')).toEqual([]);
    expect(world.cursors.all().map(({ deliveredSeq }) => deliveredSeq)).toEqual([0, 0, 0, 0]);
  });
});

describe('a refused read mark', () => {
  it.each([
    ['names nothing', {}, 'missing_field', 'upToSeq'],
    ['goes beyond the end', { upToSeq: 6 }, 'invalid_field', 'upToSeq'],
    ['has one entry beyond the end', { upToSeq: 1, seqs: [2, 6, 3] }, 'invalid_field', 'seqs'],
    ['is of another epoch', { upToSeq: 1, epoch: 'another' }, 'invalid_field', 'epoch'],
  ])('%s, and marks nothing', async (_, given, code, field) => {
    const { world, mark } = await withFive();
    await expect(mark(given)).rejects.toMatchObject({ code, detail: { field } });
    expect(readOf(world)).toEqual([]);
  });
});
