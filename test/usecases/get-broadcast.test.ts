// What became of a broadcast: the state of each recipient over its life, and who counts as one.
import { describe, expect, it } from 'vitest';
import type { DeliveryState } from '../../shared/domain/delivery.ts';
import type { BroadcastReport } from '../../shared/domain/report.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { getBroadcast } from '../../shared/usecases/get-broadcast.ts';
import type { World } from './world.ts';
import { accept, aWorld, connectUser, drain, publish, send, toEveryone, toUsers } from './world.ts';

async function report(world: World, broadcastId: string, tenant = 'default'): Promise<BroadcastReport> {
  return getBroadcast(world, { tenant, broadcastId, limit: undefined, after: undefined });
}

/** The counts that are not zero. */
async function counts(world: World, id: string): Promise<Partial<Record<DeliveryState, number>>> {
  return Object.fromEntries(Object.entries((await report(world, id)).counts).filter(([, count]) => count > 0));
}

/** Each recipient's state, with its reason if it has one. */
async function states(world: World, id: string): Promise<readonly string[]> {
  const { deliveries } = await report(world, id);
  return deliveries.map(({ user, state, reason }) =>
    [user, state, ...(reason === undefined ? [] : [reason])].join(' '),
  );
}

async function sendAbout(world: World, connectionId: string, topic: Topic, rest: object): Promise<void> {
  const { epoch } = await world.logs.head('default', topic);
  await send(world, connectionId, { topic, epoch, ...rest });
}

describe('the life of a broadcast', () => {
  it('to a named user: accepted, queued, delivered, read', async () => {
    const world = aWorld();
    const { id } = await accept(world, { audience: toUsers('a') });
    expect(await counts(world, id)).toEqual({ accepted: 1 });
    await drain(world);
    expect(await states(world, id)).toEqual(['a queued not_connected']);
    const connectionId = await connectUser(world, 'a');
    await sendAbout(world, connectionId, userTopic('a'), { type: 'acknowledge', seq: 1 });
    expect(await states(world, id)).toEqual(['a delivered']);
    await sendAbout(world, connectionId, userTopic('a'), { type: 'read', seqs: [1] });
    expect(await states(world, id)).toEqual(['a read']);
  });

  it.each([
    ['a named user', toUsers('a'), userTopic('a')],
    ['everyone', toEveryone, everyone],
  ] as const)('to %s who is connected: sent, delivered, read', async (_, audience, topic) => {
    const world = aWorld();
    const connectionId = await connectUser(world, 'a');
    const { id } = await publish(world, { audience });
    expect(await counts(world, id)).toEqual({ sent: 1 });
    await sendAbout(world, connectionId, topic, { type: 'acknowledge', seq: 1 });
    expect(await counts(world, id)).toEqual({ delivered: 1 });
    await sendAbout(world, connectionId, topic, { type: 'read', upToSeq: 1 });
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
    await sendAbout(world, connectionId, userTopic('a'), { type: 'acknowledge', seq: 2 });
    const states = await Promise.all([first, second, third].map(async ({ id }) => counts(world, id)));
    expect(states).toEqual([{ delivered: 1 }, { delivered: 1 }, { sent: 1 }]);
  });

  it('each user has their own state, in the order in which they were named', async () => {
    const world = aWorld();
    await connectUser(world, 'b');
    const { id } = await publish(world, { audience: toUsers('c', 'b', 'a') });
    expect(await states(world, id)).toEqual(['c queued not_connected', 'b sent', 'a queued not_connected']);
    expect((await report(world, id)).counts).toEqual({
      accepted: 0,
      queued: 2,
      sent: 1,
      delivered: 0,
      read: 0,
      expired: 0,
      suppressed: 0,
      failed: 0,
    });
  });

  it('an ephemeral one that came too late has failed', async () => {
    const world = aWorld();
    const { id } = await accept(world, { audience: toUsers('a'), durability: 'ephemeral' });
    world.clock.advance(5_001);
    await drain(world);
    expect(await states(world, id)).toEqual(['a failed too_late']);
  });
});

describe('everyone', () => {
  it('is who was a member when it was appended: offline ones are queued, later ones do not count', async () => {
    const world = aWorld();
    await world.connections.close(await connectUser(world, 'offline'), world.clock.nowMs());
    await connectUser(world, 'online');
    const { id } = await publish(world, { audience: toEveryone });
    await connectUser(world, 'later');
    expect([...(await states(world, id))].sort()).toEqual(['offline queued', 'online sent']);
  });

  it('of another tenant does not count', async () => {
    const world = aWorld();
    await connectUser(world, 'a', { tenant: 'other' });
    const { id } = await publish(world, { audience: toEveryone });
    expect((await report(world, id)).deliveries).toEqual([]);
  });

  it('is who was connected, for an ephemeral one', async () => {
    const world = aWorld();
    await world.connections.close(await connectUser(world, 'offline'), world.clock.nowMs());
    await connectUser(world, 'online');
    const { id } = await publish(world, { audience: toEveryone, durability: 'ephemeral' });
    expect(await states(world, id)).toEqual(['online sent']);
  });

  it('is who is a member now, before the broadcast is appended', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    const { id } = await accept(world, { audience: toEveryone });
    expect(await states(world, id)).toEqual(['a accepted']);
  });
});

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
