// What became of a broadcast: the state of each recipient over its life, and who counts as one.
import { describe, expect, it } from 'vitest';
import type { Page } from '../../shared/domain/broadcast.ts';
import type { DeliveryState } from '../../shared/domain/delivery.ts';
import type { BroadcastReport } from '../../shared/domain/report.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, shardOf, userTopic } from '../../shared/domain/topic.ts';
import { fanOutLimits } from '../../shared/protocol/limits.ts';
import { getBroadcast } from '../../shared/usecases/get-broadcast.ts';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import type { World } from './world.ts';
import { accept, always, aWorld, connectUser, drain, openQuietly, publish, toEveryone, toUsers } from './world.ts';

async function report(world: World, broadcastId: string, tenant = 'default'): Promise<BroadcastReport> {
  return getBroadcast(world, { tenant, broadcastId, limit: undefined, after: undefined });
}

/** The counts that are not zero. */
async function counts(world: World, id: string): Promise<Partial<Record<DeliveryState, number>>> {
  return Object.fromEntries(Object.entries((await report(world, id)).counts).filter(([, count]) => count > 0));
}

async function send(world: World, connectionId: string, topic: Topic, rest: object): Promise<void> {
  const { epoch } = await world.logs.head('default', topic);
  await handleFrame(world, connectionId, JSON.stringify({ topic, epoch, ...rest }), always);
}

describe('the life of a broadcast', () => {
  it('to a named user: accepted, queued, delivered, read', async () => {
    const world = aWorld();
    const { id } = await accept(world, { audience: toUsers('a') });
    expect(await counts(world, id)).toEqual({ accepted: 1 });
    await drain(world);
    expect((await report(world, id)).deliveries).toEqual([{ user: 'a', state: 'queued', reason: 'not_connected' }]);
    const connectionId = await connectUser(world, 'a');
    await send(world, connectionId, userTopic('a'), { type: 'acknowledge', seq: 1 });
    expect((await report(world, id)).deliveries).toEqual([{ user: 'a', state: 'delivered' }]);
    await send(world, connectionId, userTopic('a'), { type: 'read', seqs: [1] });
    expect((await report(world, id)).deliveries).toEqual([{ user: 'a', state: 'read' }]);
  });

  it.each([
    ['a named user', toUsers('a'), userTopic('a')],
    ['everyone', toEveryone, everyone],
  ] as const)('to %s who is connected: sent, delivered, read', async (_, audience, topic) => {
    const world = aWorld();
    const connectionId = await connectUser(world, 'a');
    const { id } = await publish(world, { audience });
    expect(await counts(world, id)).toEqual({ sent: 1 });
    await send(world, connectionId, topic, { type: 'acknowledge', seq: 1 });
    expect(await counts(world, id)).toEqual({ delivered: 1 });
    await send(world, connectionId, topic, { type: 'read', upToSeq: 1 });
    expect(await counts(world, id)).toEqual({ read: 1 });
  });

  it('one acknowledgement covers what came before, and not what comes after', async () => {
    const world = aWorld();
    const connectionId = await connectUser(world, 'a');
    const [first, second, third] = [
      await publish(world, { audience: toUsers('a') }),
      await publish(world, { audience: toUsers('a') }),
      await publish(world, { audience: toUsers('a') }),
    ];
    await send(world, connectionId, userTopic('a'), { type: 'acknowledge', seq: 2 });
    const states = await Promise.all([first, second, third].map(async ({ id }) => counts(world, id)));
    expect(states).toEqual([{ delivered: 1 }, { delivered: 1 }, { sent: 1 }]);
  });

  it('each user has their own state, in the order in which they were named', async () => {
    const world = aWorld();
    await connectUser(world, 'b');
    const { id } = await publish(world, { audience: toUsers('c', 'b', 'a') });
    const { deliveries, counts: all } = await report(world, id);
    expect(deliveries.map(({ user, state }) => [user, state])).toEqual([
      ['c', 'queued'],
      ['b', 'sent'],
      ['a', 'queued'],
    ]);
    expect(all).toEqual({ accepted: 0, queued: 2, sent: 1, delivered: 0, read: 0, failed: 0 });
  });

  it('an ephemeral one that came too late has failed', async () => {
    const world = aWorld();
    const { id } = await accept(world, { audience: toUsers('a'), durability: 'ephemeral' });
    world.clock.advance(5_001);
    await drain(world);
    expect((await report(world, id)).deliveries).toEqual([{ user: 'a', state: 'failed', reason: 'too_late' }]);
  });
});

describe('everyone', () => {
  it('is who was a member when it was appended: offline ones are queued, later ones do not count', async () => {
    const world = aWorld();
    await world.connections.close(await connectUser(world, 'offline'), world.clock.nowMs());
    await connectUser(world, 'online');
    const { id } = await publish(world, { audience: toEveryone });
    await connectUser(world, 'later');
    const { deliveries } = await report(world, id);
    expect(deliveries.map(({ user, state }) => [user, state]).sort()).toEqual([
      ['offline', 'queued'],
      ['online', 'sent'],
    ]);
  });

  it('of another tenant does not count', async () => {
    const world = aWorld();
    await connectUser(world, 'a', 'other');
    const { id } = await publish(world, { audience: toEveryone });
    expect((await report(world, id)).deliveries).toEqual([]);
  });

  it('is who was connected, for an ephemeral one', async () => {
    const world = aWorld();
    await world.connections.close(await connectUser(world, 'offline'), world.clock.nowMs());
    await connectUser(world, 'online');
    const { id } = await publish(world, { audience: toEveryone, durability: 'ephemeral' });
    expect((await report(world, id)).deliveries).toEqual([{ user: 'online', state: 'sent' }]);
  });

  it('has nobody in it before the broadcast is appended', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    const { id } = await accept(world, { audience: toEveryone });
    expect(await report(world, id)).toMatchObject({ deliveries: [], next: null });
  });

  it.each([
    ['durable', 1],
    ['ephemeral', 500],
  ] as const)(
    'counts a user once whose devices are on two pages of a shard, in the further state: %s',
    async (durability, sent) => {
      const world = aWorld();
      const user = 'two-devices';
      await world.connections.close(await connectUser(world, user), world.clock.nowMs());
      const crowd = Array.from({ length: 9_000 }, (_, index) => `user-${String(index)}`)
        .filter((other) => shardOf(everyone, other) === shardOf(everyone, user))
        .slice(0, fanOutLimits.connectionsPerPage - 1);
      await openQuietly(world, { user, connectionId: 'a-first' });
      for (const other of crowd) await openQuietly(world, { user: other, connectionId: `b-${other}` });
      await openQuietly(world, { user, connectionId: 'c-last' });
      world.gateway.answer('c-last', 'gone');
      const { id } = await publish(world, { audience: toEveryone, durability });
      expect((await world.broadcasts.getReceipts(id, lastPageOf(user)))?.map((receipt) => receipt.user)).toEqual([
        user,
      ]);
      expect(await counts(world, id)).toEqual({ sent });
    },
  );
});

function lastPageOf(user: string): Page {
  return { kind: 'shard', shard: shardOf(everyone, user), after: null, number: 1 };
}

describe('a broadcast that cannot be seen', () => {
  it.each(['theirs', 'unknown'])('is answered like one that never was: %s', async (which) => {
    const world = aWorld();
    const { id } = await publish(world, { audience: toUsers('a') }, 'theirs');
    const asked = getBroadcast(world, {
      tenant: 'default',
      broadcastId: which === 'theirs' ? id : 'unknown',
      limit: undefined,
      after: undefined,
    });
    await expect(asked).rejects.toMatchObject({
      code: 'not_found',
      detail: {
        message: 'there is no such broadcast',
        field: 'id',
        remedy: 'Use the broadcastId of a 202 answer; reports are kept for 30 days.',
      },
    });
  });
});
