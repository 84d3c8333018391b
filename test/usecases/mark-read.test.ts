// Read marks: everything up to a place, or single entries, of this user, told to all of the user's devices.
import { describe, expect, it } from 'vitest';
import { hasRead } from '../../shared/domain/cursor.ts';
import type { Unread } from '../../shared/domain/unread.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import type { ReadRequest } from '../../shared/usecases/mark-read.ts';
import { markRead } from '../../shared/usecases/mark-read.ts';
import { failing, watched } from './calls.ts';
import type { World } from './world.ts';
import { always, aWorld, framesOf, openQuietly, publish, send, toUsers } from './world.ts';

const topic = userTopic('a');
const person = { tenant: 'default', user: 'a' };

interface Scene {
  readonly world: World;
  readonly epoch: string;
  readonly mark: (given: Partial<ReadRequest>, ports?: World) => Promise<Unread>;
}

/** Two devices of one user and one of another, who all have five entries. */
async function withFive(): Promise<Scene> {
  const world = aWorld();
  for (const [user, connectionId] of [
    ['a', 'phone'],
    ['a', 'laptop'],
    ['b', 'stranger'],
  ] as const) {
    await openQuietly(world, { user, connectionId });
  }
  for (let seq = 1; seq <= 5; seq += 1) await publish(world, { audience: toUsers('a', 'b') });
  const { epoch } = await world.logs.head('default', topic);
  return {
    world,
    epoch,
    mark: async (given, ports = world) =>
      markRead(ports, person, { topic, epoch, upToSeq: 0, seqs: [], ...given }, null, always),
  };
}

function readOf(world: World, user = 'a'): readonly number[] {
  const cursor = world.cursors.all().find((standing) => standing.topic === userTopic(user));
  return cursor === undefined ? [] : [1, 2, 3, 4, 5].filter((seq) => hasRead(cursor, seq));
}

function unreadFrames(world: World, connectionId: string): readonly Record<string, unknown>[] {
  return framesOf(world, connectionId, 'unread');
}

describe('a read mark', () => {
  it('up to a place covers all before it', async () => {
    const { world, mark } = await withFive();
    expect(await mark({ upToSeq: 3 })).toMatchObject({ topic, count: 2, asOfSeq: 5, version: 1 });
    expect(readOf(world)).toEqual([1, 2, 3]);
  });

  it('of single entries covers those alone', async () => {
    const { world, mark } = await withFive();
    expect(await mark({ seqs: [2, 5] })).toMatchObject({ count: 3 });
    expect(readOf(world)).toEqual([2, 5]);
  });

  it('may do both, comes in any order, and never takes anything back', async () => {
    const { world, mark } = await withFive();
    expect(await mark({ upToSeq: 2, seqs: [4] })).toMatchObject({ count: 2, version: 1 });
    expect(await mark({ upToSeq: 1 })).toMatchObject({ count: 2, version: 1 });
    expect(await mark({ seqs: [4, 1] })).toMatchObject({ count: 2, version: 1 });
    expect(readOf(world)).toEqual([1, 2, 4]);
  });

  it('is this user’s alone, and acknowledges nothing', async () => {
    const { world, mark } = await withFive();
    await mark({ upToSeq: 5 });
    expect(readOf(world, 'b')).toEqual([]);
    expect(world.cursors.all().map(({ deliveredSeq }) => deliveredSeq)).toEqual([0]);
  });

  it('comes when the log was made anew and the cursor has not come there yet: the cursor goes there first', async () => {
    const { world, mark } = await withFive();
    await mark({ upToSeq: 2 });
    world.logs.restore('default', topic, 4);
    const { epoch } = await world.logs.head('default', topic);
    expect(await mark({ epoch, seqs: [4] })).toMatchObject({ epoch, count: 1, asOfSeq: 4, version: 3 });
    expect(readOf(world)).toEqual([1, 2, 4]);
  });
});

describe('what was read on one device', () => {
  it('is told to all devices of the user, and to nobody else', async () => {
    const { world, epoch } = await withFive();
    await send(world, 'phone', { type: 'read', id: 'r-1', topic, epoch, upToSeq: 1, seqs: [4] });
    const told = { topic, epoch, count: 3, asOfSeq: 5, version: 1, readSeq: 1, readBeyond: [{ fromSeq: 4, toSeq: 4 }] };
    expect(unreadFrames(world, 'laptop')).toEqual([{ type: 'unread', ...told }]);
    expect(unreadFrames(world, 'phone')).toEqual([{ type: 'unread', ...told, replyTo: 'r-1' }]);
    expect(unreadFrames(world, 'stranger')).toEqual([]);
  });

  it('and then on another: both know the last count, by its version', async () => {
    const { world, epoch } = await withFive();
    await send(world, 'phone', { type: 'read', topic, epoch, upToSeq: 2 });
    await send(world, 'laptop', { type: 'read', topic, epoch, upToSeq: 5 });
    for (const device of ['phone', 'laptop']) {
      expect(unreadFrames(world, device).map(({ version, count }) => [version, count])).toEqual([
        [1, 3],
        [2, 0],
      ]);
    }
  });

  it('again is told again, with the same version: whoever repeats it may not have had the answer', async () => {
    const { world, epoch } = await withFive();
    for (const id of ['r-1', 'r-2']) await send(world, 'phone', { type: 'read', id, topic, epoch, upToSeq: 2 });
    const [first, second] = unreadFrames(world, 'phone');
    expect(second).toEqual({ ...first, replyTo: 'r-2' });
  });

  it('is told to the others though one is gone, slow or expired', async () => {
    const { world, mark } = await withFive();
    world.gateway.answer('phone', 'gone');
    await openQuietly(world, { user: 'a', connectionId: 'expired', expiresAtMs: world.clock.nowMs() });
    await mark({ upToSeq: 5 });
    expect(unreadFrames(world, 'laptop')).toMatchObject([{ count: 0 }]);
    expect(unreadFrames(world, 'expired')).toEqual([]);
  });

  it('stays read though nobody could be told; the next pong tells it', async () => {
    const { world, mark } = await withFive();
    const broken = failing(world, (call) => call === 'gateway.post');
    expect(await mark({ upToSeq: 4 }, broken)).toMatchObject({ count: 1 });
    await send(world, 'laptop', { type: 'ping' });
    const [pong] = framesOf(world, 'laptop', 'pong');
    expect(pong?.['unread']).toContainEqual(expect.objectContaining({ topic, count: 1, version: 1 }));
  });
});

describe('a refused read mark', () => {
  it.each([
    ['names nothing', {}, 'missing_field', 'upToSeq'],
    ['goes beyond the end', { upToSeq: 6 }, 'invalid_field', 'upToSeq'],
    ['has one entry beyond the end', { upToSeq: 1, seqs: [2, 6, 3] }, 'invalid_field', 'seqs'],
    ['is of another epoch', { upToSeq: 1, epoch: 'another' }, 'invalid_field', 'epoch'],
  ])('%s, marks nothing and tells nobody', async (_, given, code, field) => {
    const { world, mark } = await withFive();
    const { ports, calls } = watched(world);
    await expect(mark(given, ports)).rejects.toMatchObject({ code, detail: { field } });
    expect(readOf(world)).toEqual([]);
    expect(calls.filter((call) => call !== 'logs.head')).toEqual([]);
  });
});
