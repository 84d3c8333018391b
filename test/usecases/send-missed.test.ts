// What a connection lacks: all of it, in order, or an announcement of what is no more, or the place to go on from.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import type { TopicPosition } from '../../shared/domain/frames.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { fanOutLimits, resumeLimits } from '../../shared/protocol/limits.ts';
import { sendMissed } from '../../shared/usecases/send-missed.ts';
import { aNotification } from '../builders/notification.ts';
import type { World } from './world.ts';
import { always, aWorld, framesOf, notificationsOf, openQuietly } from './world.ts';

const topic = userTopic('a');

/** A user with so many entries in their log. */
async function withEntries(
  count: number,
): Promise<{ world: World; connection: KnownConnection; start: TopicPosition }> {
  const world = aWorld();
  const connection = await openQuietly(world, { user: 'a' });
  const createdAtMs = world.clock.nowMs();
  for (let seq = 1; seq <= count; seq += 1) {
    await world.logs.append('default', topic, aNotification({ createdAtMs, expiresAtMs: createdAtMs + seq * 1_000 }));
  }
  const { epoch } = await world.logs.head('default', topic);
  return { world, connection, start: { topic, epoch, seq: 0 } };
}

function seqsOf(world: World, connection: KnownConnection): readonly unknown[] {
  return notificationsOf(world, connection.connectionId).map(([, seq]) => seq);
}

/** The last `resumed` that the connection got. */
function reached(world: World, connection: KnownConnection): { positions: TopicPosition[]; complete: boolean } {
  const frame = framesOf(world, connection.connectionId, 'resumed').at(-1);
  return frame as unknown as { positions: TopicPosition[]; complete: boolean };
}

const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('what is missing', () => {
  it.each([0, 1, 99, 100, 101, 250])(
    'is sent in order, and then where the client stands: %i entries',
    async (count) => {
      const { world, connection, start } = await withEntries(count);
      await sendMissed(world, connection, [start], always, 'r-1');
      expect(seqsOf(world, connection)).toEqual(upTo(count));
      expect(world.gateway.frames(connection.connectionId).at(-1)).toEqual({
        type: 'resumed',
        positions: [{ ...start, seq: count }],
        complete: true,
        replyTo: 'r-1',
      });
    },
  );

  it('begins after the position that was given', async () => {
    const { world, connection, start } = await withEntries(5);
    await sendMissed(world, connection, [{ ...start, seq: 3 }], always);
    expect(seqsOf(world, connection)).toEqual([4, 5]);
  });

  it('is sent for each topic, one after the other', async () => {
    const { world, connection, start } = await withEntries(2);
    const wide = await world.logs.append('default', everyone, aNotification({ createdAtMs: world.clock.nowMs() }));
    await sendMissed(world, connection, [start, { topic: everyone, epoch: wide.epoch, seq: 0 }], always);
    expect(notificationsOf(world, connection.connectionId).map(([of, seq]) => [of, seq])).toEqual([
      [topic, 1],
      [topic, 2],
      [everyone, 1],
    ]);
  });
});

describe('what is no more', () => {
  it('because it expired is announced, and never sent', async () => {
    const { world, connection, start } = await withEntries(4);
    world.clock.advance(2_000);
    await sendMissed(world, connection, [start], always);
    expect(seqsOf(world, connection)).toEqual([3, 4]);
    const skipped = framesOf(world, connection.connectionId, 'skipped');
    expect(skipped.flatMap(({ fromSeq, toSeq }) => upTo(Number(toSeq), Number(fromSeq)))).toEqual([1, 2]);
    expect(skipped[0]).toMatchObject({ topic, epoch: start.epoch, reason: 'expired' });
  });

  it('because it was deleted is announced in one frame, before what follows', async () => {
    const { world, connection, start } = await withEntries(5);
    world.logs.expire('default', topic, 3);
    await sendMissed(world, connection, [{ ...start, seq: 1 }], always);
    const frames = world.gateway.frames(connection.connectionId);
    expect(frames[0]).toEqual({ type: 'skipped', topic, epoch: start.epoch, fromSeq: 2, toSeq: 3, reason: 'expired' });
    expect(seqsOf(world, connection)).toEqual([4, 5]);
  });

  it('for both reasons leaves no number out and names none twice', async () => {
    const numbers = fc.record({ deleted: fc.nat(12), expired: fc.nat(12), from: fc.nat(12) });
    await fc.assert(
      fc.asyncProperty(numbers, async ({ deleted, expired, from }) => {
        const { world, connection, start } = await withEntries(12);
        world.logs.expire('default', topic, deleted);
        world.clock.advance(expired * 1_000);
        await sendMissed(world, connection, [{ ...start, seq: from }], always);
        const told = world.gateway.frames(connection.connectionId).flatMap((frame) => {
          const { type, seq, fromSeq, toSeq } = frame as Record<string, unknown>;
          if (type === 'notification') return [Number(seq)];
          return type === 'skipped' ? upTo(Number(toSeq), Number(fromSeq)) : [];
        });
        // What is deleted up to the very end is announced by the next entry that comes.
        expect(told).toEqual(deleted === 12 ? [] : upTo(12, from + 1));
        expect(seqsOf(world, connection)).toEqual(upTo(12, Math.max(deleted, expired, from) + 1));
        expect(reached(world, connection).complete).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what cannot be sent now', () => {
  it('because the budget is used up is left, and the next call goes on without gap or repetition', async () => {
    const count = resumeLimits.entriesPerCallMax + 5;
    const { world, connection, start } = await withEntries(count);
    await sendMissed(world, connection, [start], always);
    const first = reached(world, connection);
    expect(first).toMatchObject({ positions: [{ seq: resumeLimits.entriesPerCallMax }], complete: false });
    await sendMissed(world, connection, first.positions, always);
    expect(seqsOf(world, connection)).toEqual(upTo(count));
    expect(reached(world, connection)).toMatchObject({ positions: [{ seq: count }], complete: true });
  });

  it('is complete when the budget is just enough', async () => {
    const { world, connection, start } = await withEntries(resumeLimits.entriesPerCallMax);
    await sendMissed(world, connection, [start], always);
    expect(reached(world, connection).complete).toBe(true);
  });

  it('because the deadline is near is left in every topic', async () => {
    const { world, connection, start } = await withEntries(9);
    const wide = await world.logs.append('default', everyone, aNotification({ createdAtMs: world.clock.nowMs() }));
    const positions = [start, { topic: everyone, epoch: wide.epoch, seq: 0 }];
    await sendMissed(world, connection, positions, () => world.gateway.posts.length < 4);
    expect(reached(world, connection)).toMatchObject({ positions: [{ seq: 4 }, { seq: 0 }], complete: false });
    await sendMissed(world, connection, reached(world, connection).positions, always);
    expect(seqsOf(world, connection)).toEqual([...upTo(9), 1]);
  });

  it('because the socket is slow is left, and said when the socket is not slow any more', async () => {
    const { world, connection, start } = await withEntries(5);
    const { postAttemptsMax } = fanOutLimits;
    const slow = Array.from({ length: postAttemptsMax }, () => 'throttled' as const);
    world.gateway.answer(connection.connectionId, 'posted', 'posted', ...slow, 'posted');
    await sendMissed(world, connection, [start], always);
    expect(reached(world, connection)).toMatchObject({ positions: [{ seq: 2 }], complete: false });
    await sendMissed(world, connection, reached(world, connection).positions, always);
    expect(seqsOf(world, connection)).toEqual(upTo(5));
  });

  it('because the socket is gone is not tried: nothing more is posted, and its row goes', async () => {
    const { world, connection, start } = await withEntries(5);
    world.gateway.answer(connection.connectionId, 'posted', 'gone');
    await sendMissed(world, connection, [start, { topic: everyone, epoch: 'e', seq: 0 }], always);
    expect(world.gateway.posts).toHaveLength(2);
    expect(world.stores.open()).toEqual([]);
  });

  it('because a frame is too large is a bug, which bodies of a bounded size cannot cause', async () => {
    const { world, connection, start } = await withEntries(1);
    world.gateway.answer(connection.connectionId, 'too_large');
    await expect(sendMissed(world, connection, [start], always)).rejects.toThrow('larger than the gateway takes');
  });
});

it('the client is never told more than it was sent: an entry that comes meanwhile is sent or not counted', async () => {
  const { world, connection, start } = await withEntries(100);
  const late = aNotification({ createdAtMs: world.clock.nowMs() });
  const goOn = (): boolean => {
    if (world.gateway.posts.length === 50) void world.logs.append('default', topic, late);
    return true;
  };
  await sendMissed(world, connection, [start], goOn);
  expect(reached(world, connection).positions).toMatchObject([{ seq: seqsOf(world, connection).length }]);
});
