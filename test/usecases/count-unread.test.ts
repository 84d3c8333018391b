// How many notifications a person has not read: exact as far as a badge shows numbers, and never less beyond.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Unread } from '../../shared/domain/unread.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { unreadLimits } from '../../shared/protocol/limits.ts';
import { countUnread } from '../../shared/usecases/count-unread.ts';
import { standingCursors } from '../../shared/usecases/standing-cursors.ts';
import { aNotification } from '../builders/notification.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import { aWorld } from './world.ts';

const topic = userTopic('a');
const { countedMax } = unreadLimits;
const soon = 1_000;

interface Given {
  readonly expires?: boolean;
  readonly except?: readonly string[];
}

async function append(world: World, { expires = false, except = [] }: Given = {}, count = 1): Promise<void> {
  const createdAtMs = world.clock.nowMs();
  const expiresAtMs = createdAtMs + (expires ? soon : 1_000 * soon);
  for (let number = 0; number < count; number += 1) {
    await world.logs.append('default', topic, aNotification({ createdAtMs, expiresAtMs, except }));
  }
}

async function read(world: World, mark: { readonly upToSeq?: number; readonly seqs?: readonly number[] }) {
  const { epoch } = await world.logs.head('default', topic);
  await standingCursors(world, 'default', 'a', [topic]);
  const filled = { upToSeq: 0, seqs: [], ...mark, atMs: world.clock.nowMs() };
  await world.cursors.markRead('default', { topic, user: 'a' }, epoch, filled);
}

async function unreadOf(world: World): Promise<Unread> {
  const [standing] = await standingCursors(world, 'default', 'a', [topic]);
  if (standing === undefined) throw new Error('there is no standing');
  return countUnread(world, standing);
}

describe('what is unread', () => {
  it('is nothing in a log without entries', async () => {
    const world = aWorld();
    const { epoch } = await world.logs.head('default', topic);
    expect(await unreadOf(world)).toEqual({ topic, epoch, count: 0, asOfSeq: 0, version: 0 });
  });

  it('is what was not marked, neither with all before it nor alone', async () => {
    const world = aWorld();
    await append(world, {}, 6);
    await read(world, { upToSeq: 2 });
    await read(world, { seqs: [4, 6] });
    expect(await unreadOf(world)).toMatchObject({ count: 2, asOfSeq: 6, version: 2 });
  });

  it('is not what has expired, was for others, or is gone', async () => {
    const world = aWorld();
    await append(world, {}, 2);
    world.logs.expire('default', topic, 2);
    await append(world, { expires: true });
    await append(world, { except: ['b', 'a'] });
    await append(world, { except: ['b'] });
    await append(world);
    expect(await unreadOf(world)).toMatchObject({ count: 3, asOfSeq: 6 });
    world.clock.advance(soon);
    expect(await unreadOf(world)).toMatchObject({ count: 2, asOfSeq: 6 });
    world.logs.expire('default', topic, 6);
    expect(await unreadOf(world)).toMatchObject({ count: 0, asOfSeq: 6 });
  });

  it('of a wide topic begins where the user joined', async () => {
    const world = aWorld();
    await world.logs.append('default', everyone, aNotification({ createdAtMs: world.clock.nowMs() }));
    const [before] = await standingCursors(world, 'default', 'a', [everyone]);
    if (before === undefined) throw new Error('there is no standing');
    expect(await countUnread(world, before)).toMatchObject({ count: 0, asOfSeq: 1 });
  });

  it('is as of the end that was read before: what came since counts with the next end', async () => {
    const world = aWorld();
    await append(world);
    const [standing] = await standingCursors(world, 'default', 'a', [topic]);
    if (standing === undefined) throw new Error('there is no standing');
    await append(world);
    expect(await countUnread(world, standing)).toMatchObject({ count: 1, asOfSeq: 1 });
    expect(await unreadOf(world)).toMatchObject({ count: 2, asOfSeq: 2 });
  });
});

describe('a long log', () => {
  it.each([0, 1, countedMax - 1, countedMax, countedMax + 1, 3 * countedMax])(
    'is counted right when nothing in it has expired: %i',
    async (count) => {
      const world = aWorld();
      await append(world, {}, count);
      expect(await unreadOf(world)).toMatchObject({ count, asOfSeq: count });
    },
  );

  it('costs one read when the oldest entries are unread, however long it is', async () => {
    const world = aWorld();
    await append(world, {}, 10 * countedMax);
    const [standing] = await standingCursors(world, 'default', 'a', [topic]);
    if (standing === undefined) throw new Error('there is no standing');
    const { ports, calls } = watched(world);
    expect(await countUnread(ports, standing)).toMatchObject({ count: 10 * countedMax });
    expect(calls).toEqual(['logs.read']);
  });

  it('whose beginning has expired is looked through to the first that has not', async () => {
    const world = aWorld();
    await append(world, { expires: true }, 2 * countedMax + 7);
    await append(world, {}, 5);
    world.clock.advance(soon);
    expect(await unreadOf(world)).toMatchObject({ count: 5 });
  });

  it('is never counted too low, and exactly when the unread ones fit into one look', async () => {
    const entries = fc.array(fc.record({ expires: fc.boolean(), forOthers: fc.boolean(), isRead: fc.boolean() }), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(entries, fc.nat(250), fc.nat(60), async (given, expiredBefore, upToSeq) => {
        const world = aWorld();
        await append(world, { expires: true }, expiredBefore);
        for (const { expires, forOthers } of given) await append(world, { expires, except: forOthers ? ['a'] : [] });
        const seqs = given.flatMap(({ isRead }, index) => (isRead ? [expiredBefore + index + 1] : []));
        if (seqs.length > 0) await read(world, { seqs });
        if (upToSeq > 0) await read(world, { upToSeq: Math.min(upToSeq, expiredBefore + given.length) });
        world.clock.advance(soon);
        const unread = given.filter(
          ({ expires, forOthers, isRead }, index) =>
            !expires && !forOthers && !isRead && expiredBefore + index + 1 > upToSeq,
        );
        const { count, asOfSeq } = await unreadOf(world);
        expect(asOfSeq).toBe(expiredBefore + given.length);
        expect(count).toBeGreaterThanOrEqual(unread.length);
        if (expiredBefore + given.length <= countedMax) expect(count).toBe(unread.length);
      }),
      { numRuns: 60 },
    );
  });
});
