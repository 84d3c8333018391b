// What a client that does not acknowledge has not got yet: in order, once, no further than it must, and noted as it goes.
import { describe, expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import { isUnpushed } from '../../shared/domain/cursor.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import { fanOutLimits, resumeLimits } from '../../shared/protocol/limits.ts';
import { sendUnpushed } from '../../shared/usecases/send-unpushed.ts';
import { standingCursors } from '../../shared/usecases/standing-cursors.ts';
import { aNotification } from '../builders/notification.ts';
import { watched } from './calls.ts';
import { heardBy } from './dialect-clients.ts';
import type { World } from './world.ts';
import { always, aWorld, openQuietly } from './world.ts';

const own = userTopic('a');
const { entriesPerCallMax } = resumeLimits;

interface Given {
  readonly event?: string;
  readonly topic?: Topic;
  readonly livesMs?: number;
  readonly aheadMs?: number;
  readonly except?: readonly string[];
}

/** Appends one to a log without telling anybody; its event is its number, unless given. */
async function append(world: World, number: number, given: Given = {}): Promise<void> {
  const { event = String(number), topic = own, livesMs = 1_000_000, aheadMs = 0, except = [] } = given;
  const createdAtMs = world.clock.nowMs() + aheadMs;
  const notification = aNotification({ event, createdAtMs, expiresAtMs: createdAtMs + livesMs, except });
  await world.logs.append('default', topic, notification);
}

/** A world with a connection of the user `a`, who has been a member of these topics from their beginning. */
async function withOne(
  dialect: DialectName = 'hotel',
  given: Partial<KnownConnection> = {},
  topics: readonly Topic[] = [own],
) {
  const world = aWorld();
  await standingCursors(world, 'default', 'a', topics);
  const connection = await openQuietly(world, { dialect, user: 'a', ...given });
  const run = async (goOn = always, ports = world, settleMs?: number): Promise<readonly string[]> => {
    const from = heardBy(world, connection.connectionId).length;
    await sendUnpushed(ports, connection, await standingCursors(world, 'default', 'a', topics), goOn, settleMs);
    return heardBy(world, connection.connectionId)
      .slice(from)
      .map(({ event }) => event);
  };
  /** The numbers that still have to be sent to such a client. */
  const left = async (topic = own): Promise<readonly number[]> => {
    const [cursor] = await world.cursors.get('default', [{ topic, user: 'a' }]);
    const entries = world.logs.entries('default', topic).map(({ seq }) => seq);
    return entries.filter((seq) => cursor !== null && cursor !== undefined && isUnpushed(cursor, seq));
  };
  return { world, connection, run, left };
}

describe('everything that was not posted before', () => {
  it('is posted in order, topic by topic, and once', async () => {
    const { world, run, left } = await withOne('hotel', {}, [own, everyone]);
    for (const number of [1, 2]) await append(world, number);
    await append(world, 7, { topic: everyone });
    await append(world, 3);
    expect(await run()).toEqual(['1', '2', '3', '7']);
    expect([await left(), await left(everyone)]).toEqual([[], []]);
    expect(await run()).toEqual([]);
  });

  it('is posted around what another client of the user has got already', async () => {
    const { world, run } = await withOne();
    for (const number of [1, 2, 3, 4]) await append(world, number);
    const { epoch } = await world.logs.head('default', own);
    await world.cursors.push('default', { topic: own, user: 'a' }, epoch, [{ fromSeq: 2, toSeq: 3 }]);
    expect(await run()).toEqual(['1', '4']);
  });

  it('is nothing that a client of our own has acknowledged', async () => {
    const { world, run } = await withOne();
    for (const number of [1, 2, 3]) await append(world, number);
    const { epoch } = await world.logs.head('default', own);
    await world.cursors.acknowledge('default', { topic: own, user: 'a' }, { epoch, seq: 2 }, world.clock.nowMs());
    expect(await run()).toEqual(['3']);
  });

  it('is nothing that was read by other ways, even when it expired before it was posted', async () => {
    const { world, run, left } = await withOne();
    for (const [index, livesMs] of [1_000_000, 10, 1_000_000, 1_000_000].entries())
      await append(world, index + 1, { livesMs });
    const { epoch } = await world.logs.head('default', own);
    const mark = { upToSeq: 0, seqs: [1, 2], atMs: world.clock.nowMs() };
    await world.cursors.markRead('default', { topic: own, user: 'a' }, epoch, mark);
    world.clock.advance(10);
    expect(await run()).toEqual(['3', '4']);
    expect(await left()).toEqual([]);
    const from: unknown[] = [];
    const read: typeof world.logs.read = async (tenant, topic, after, limit) => {
      from.push(after);
      return world.logs.read(tenant, topic, after, limit);
    };
    expect(await run(always, { ...world, logs: { ...world.logs, read } })).toEqual([]);
    expect(from).toEqual([4]);
  });

  it('is nothing that has expired or is not for the user, and there is nothing left to look at', async () => {
    const { world, run, left } = await withOne();
    await append(world, 1, { livesMs: 10 });
    await append(world, 2, { except: ['a'] });
    await append(world, 3);
    world.clock.advance(10);
    expect(await run()).toEqual(['3']);
    expect(await left()).toEqual([]);
  });

  it('ends where the log ended when it was asked: what comes meanwhile is told by whoever brings it', async () => {
    const { world, run, left } = await withOne();
    await append(world, 1);
    const gateway = {
      ...world.gateway,
      post: async (connectionId: string, text: string) => {
        await append(world, 2);
        return world.gateway.post(connectionId, text);
      },
    };
    expect(await run(always, { ...world, gateway })).toEqual(['1']);
    expect(await left()).toEqual([2]);
  });

  it('may come from a function whose clock is ahead', async () => {
    const { world, run } = await withOne();
    await append(world, 1, { aheadMs: 5_000 });
    expect(await run()).toEqual(['1']);
  });

  it('is left to whoever is posting it while it is young, where that is asked', async () => {
    const { world, run, left } = await withOne();
    await append(world, 1);
    world.clock.advance(60);
    await append(world, 2);
    world.clock.advance(50);
    expect(await run(always, world, 100)).toEqual(['1']);
    expect(await left()).toEqual([2]);
    world.clock.advance(50);
    expect(await run(always, world, 100)).toEqual(['2']);
  });
});

describe('what cannot be sent now', () => {
  it.each(['throttled', 'unavailable', 'gone'] as const)(
    'because the gateway says %s is left, with all after it',
    async (outcome) => {
      const { world, connection, run, left } = await withOne('hotel', {}, [own, everyone]);
      for (const number of [1, 2, 3]) await append(world, number);
      await append(world, 7, { topic: everyone });
      // As often as it is tried; from then on the gateway takes everything again.
      const refusals = Array.from({ length: outcome === 'gone' ? 1 : fanOutLimits.postAttemptsMax }, () => outcome);
      world.gateway.answer(connection.connectionId, 'posted', ...refusals, 'posted');
      expect(await run()).toEqual(['1']);
      expect([await left(), await left(everyone)]).toEqual([[2, 3], [1]]);
    },
  );

  it('because the deadline is near is left, and what was sent is noted', async () => {
    const { world, run, left } = await withOne();
    for (const number of [1, 2, 3]) await append(world, number);
    expect(await run(() => world.gateway.posts.length < 2)).toEqual(['1', '2']);
    expect(await left()).toEqual([3]);
  });

  it('because it is more than one call sends is left for the next', async () => {
    const { world, run, left } = await withOne();
    for (let number = 1; number <= entriesPerCallMax + 3; number += 1) await append(world, number);
    expect(await run()).toHaveLength(entriesPerCallMax);
    expect(await left()).toHaveLength(3);
    expect(await run()).toHaveLength(3);
  });

  it('because it expires between two tries is not tried again', async () => {
    const { world, connection, run } = await withOne();
    await append(world, 1, { livesMs: 10 });
    world.gateway.answer(connection.connectionId, 'throttled', 'posted');
    expect(await run()).toEqual([]);
    expect(world.gateway.posts).toHaveLength(1);
  });

  it('because it is too large is a bug', async () => {
    const { world, connection, run } = await withOne();
    await append(world, 1);
    world.gateway.answer(connection.connectionId, 'too_large');
    await expect(run()).rejects.toThrow('larger than the gateway takes');
  });
});

describe('a client of the leads', () => {
  it('gets what it has selected; the rest is noted as declined, in one write, and was not sent', async () => {
    const { world, run, left } = await withOne('leads', { events: ['wanted'] });
    for (const [index, event] of ['other', 'wanted', 'other', 'wanted'].entries())
      await append(world, index, { event });
    const { ports, calls } = watched(world);
    expect(await run(always, ports)).toEqual(['wanted', 'wanted']);
    expect(calls.filter((call) => call.startsWith('cursors.'))).toEqual(['cursors.push']);
    expect(await left()).toEqual([]);
    const [cursor] = await world.cursors.get('default', [{ topic: own, user: 'a' }]);
    expect(cursor?.pushed).toEqual([2, 4].map((seq) => ({ fromSeq: seq, toSeq: seq })));
    expect(cursor?.declined).toEqual([1, 3].map((seq) => ({ fromSeq: seq, toSeq: seq })));
  });
});

it('costs one read of each log, and no write, when there is nothing', async () => {
  const { world, run } = await withOne('hotel', {}, [own, everyone]);
  const { ports, calls } = watched(world);
  await run(always, ports);
  expect(calls).toEqual(['logs.read', 'logs.read']);
});
