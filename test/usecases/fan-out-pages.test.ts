// The pages of a large shard: each puts the next one on the queue, once, whatever fails and grows meanwhile.
import { describe, expect, it } from 'vitest';
import { queueLimits } from '../../shared/protocol/limits.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { failing, intercepted, watched } from './calls.ts';
import { crowd, crowdShard, postsTo, sparseCrowd, usersOfCrowdShard } from './crowd.ts';
import { everyInterleaving } from './interleavings.ts';
import type { World } from './world.ts';
import { accept, always, aWorld, broadcastMessage, drain, notificationsOf, openQuietly, toEveryone } from './world.ts';

const firstPage = { kind: 'shard', shard: crowdShard, after: null, number: 0 } as const;

/**
 * Works on one page message and all that follow from it, as the queue brings them: what failed comes again behind what
 * waits. Returns how often each page was received.
 */
async function receiveAll(world: World, ports: World, first: FanOutMessage): Promise<ReadonlyMap<number, number>> {
  while (world.queue.take() !== undefined);
  const waiting = [{ message: first, receives: 0 }];
  const counts = new Map<number, number>();
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { message, receives } = next;
    const number = message.kind === 'page' ? message.page.number : -1;
    counts.set(number, (counts.get(number) ?? 0) + 1);
    if ((counts.get(number) ?? 0) > 1_000) throw new Error('the messages multiply');
    const failed = await fanOut(ports, message, always).then(
      () => false,
      () => true,
    );
    for (let sent = world.queue.take(); sent !== undefined; sent = world.queue.take()) {
      waiting.push({ message: sent, receives: 0 });
    }
    if (failed && receives + 1 < queueLimits.receivesMax) waiting.push({ message, receives: receives + 1 });
  }
  return counts;
}

/** Opens so many connections of one more user, who sort before those of the crowd. */
async function comeBefore(world: World, count: number, prefix: string): Promise<void> {
  for (const [number, user] of usersOfCrowdShard(count).entries()) {
    const connectionId = `${prefix}-${String(number).padStart(5, '0')}`;
    await openQuietly(world, { user, connectionId });
  }
}

describe('a page', () => {
  it('puts the next one on the queue before it posts, and not again once that one has begun', async () => {
    const world = aWorld();
    const connectionIds = await crowd(world, 501);
    const { id } = await accept(world, { audience: toEveryone });
    const message = { kind: 'page', broadcastId: id, page: firstPage } as const;
    expect(world.queue.take()).toEqual(broadcastMessage(id));
    const { ports, calls } = watched(world);
    await fanOut(ports, message, always);
    expect(calls.indexOf('queue.send')).toBeLessThan(calls.indexOf('gateway.post'));
    const next = { ...firstPage, after: 'crowd-00499', number: 1 };
    expect(world.queue.waiting()).toEqual([{ kind: 'page', broadcastId: id, page: next }]);
    await drain(world);
    await fanOut(world, message, always);
    expect(world.queue.waiting()).toEqual([]);
    expect(postsTo(world, connectionIds)).toEqual(new Set([1]));
  });

  it('that died after its mark and before its next one was queued sends that one at the next receive', async () => {
    const world = aWorld();
    const connectionIds = await crowd(world, 501);
    const { id } = await accept(world, { audience: toEveryone });
    expect(world.queue.take()).toEqual(broadcastMessage(id));
    const message = { kind: 'page', broadcastId: id, page: firstPage } as const;
    await expect(
      fanOut(
        failing(world, (call) => call === 'queue.send'),
        message,
        always,
      ),
    ).rejects.toThrow('planted');
    expect(await world.broadcasts.getPage(id, firstPage)).toEqual({ through: 'crowd-00499', receipts: [] });
    await fanOut(world, message, always);
    await drain(world);
    expect(postsTo(world, connectionIds)).toEqual(new Set([1]));
  });

  it('that was the whole shard at the first receive, and is not any more, goes on with the rest', async () => {
    const world = aWorld();
    await crowd(world, 10);
    const { id } = await accept(world, { audience: toEveryone });
    const broken = failing(world, (call, [to]) => call === 'gateway.post' && to === 'crowd-00009');
    await expect(fanOut(broken, broadcastMessage(id), always)).rejects.toThrow('planted');
    for (let number = 0; number < 500; number += 1) {
      await openQuietly(world, { user: 'crowd-0', connectionId: `b-${String(number)}` });
    }
    await drain(world);
    expect(notificationsOf(world, 'crowd-00009')).toHaveLength(1);
  });

  it('keeps the end that it had at its first receive, however many have come since: everybody of that time is told', async () => {
    const world = aWorld();
    const connectionIds = await crowd(world, 501);
    const { id } = await accept(world, { audience: toEveryone });
    expect(world.queue.take()).toEqual(broadcastMessage(id));
    const message = { kind: 'page', broadcastId: id, page: firstPage } as const;
    const broken = failing(world, (call, [to]) => call === 'gateway.post' && to === 'crowd-00499');
    for (const newcomers of ['a', 'A']) {
      await expect(fanOut(broken, message, always)).rejects.toThrow('planted');
      await comeBefore(world, 700, newcomers);
    }
    await fanOut(world, message, always);
    await drain(world);
    expect(postsTo(world, connectionIds)).toEqual(new Set([1]));
    expect(await world.broadcasts.getPage(id, firstPage)).toMatchObject({ through: 'crowd-00499' });
  });

  it('that was the whole shard at first, and got its end later, keeps that one too', async () => {
    const world = aWorld();
    await crowd(world, 10);
    const { id } = await accept(world, { audience: toEveryone });
    expect(world.queue.take()).toEqual(broadcastMessage(id));
    const failingAt = (connectionId: string): World =>
      failing(world, (call, [to]) => call === 'gateway.post' && to === connectionId);
    await expect(fanOut(failingAt('crowd-00009'), broadcastMessage(id), always)).rejects.toThrow('planted');
    await comeBefore(world, 700, 'a');
    const message = { kind: 'page', broadcastId: id, page: firstPage } as const;
    await expect(fanOut(failingAt('a-00499'), message, always)).rejects.toThrow('planted');
    await drain(world);
    await comeBefore(world, 300, 'A');
    await fanOut(world, message, always);
    await drain(world);
    expect(notificationsOf(world, 'a-00499')).toHaveLength(1);
  });

  it('received by two at once, while others come, tells everybody who was there at the first read', async () => {
    const gated = ['broadcasts.getPage', 'subscriptions.page', 'broadcasts.beginPage', 'queue.send'];
    await everyInterleaving(async (turns) => {
      const world = aWorld();
      const live = await sparseCrowd(world, 501, [0, 499, 500]);
      const { id } = await accept(world, { audience: toEveryone });
      expect(world.queue.take()).toEqual(broadcastMessage(id));
      const message = { kind: 'page', broadcastId: id, page: firstPage } as const;
      const ports = intercepted(world, async (call, run) => (gated.includes(call) ? turns.take(run) : run()));
      const coming = turns.take(async () => comeBefore(world, 2, 'a'));
      await turns.finish(fanOut(ports, message, always), fanOut(ports, message, always), coming);
      const next = world.queue.waiting().map((sent) => (sent.kind === 'page' ? JSON.stringify(sent.page) : ''));
      expect(new Set(next).size).toBe(1);
      await drain(world);
      for (const { connectionId } of live) expect(notificationsOf(world, connectionId)).not.toEqual([]);
    });
  });

  it.each([
    ['gateway.post', [20, 20, 20, 20]],
    ['broadcasts.beginPage', [20, 0, 0, 0]],
    ['broadcasts.addReceipts', [20, 20, 20, 20]],
  ])('that fails at every receive, for %s, does not multiply what waits in the queue', async (failingCall, counts) => {
    const world = aWorld();
    await crowd(world, 1_501);
    const { id } = await accept(world, { audience: toEveryone });
    const broken = failing(world, (call) => call === failingCall);
    const receives = await receiveAll(world, broken, { kind: 'page', broadcastId: id, page: firstPage });
    expect([0, 1, 2, 3].map((number) => receives.get(number) ?? 0)).toEqual(counts);
  });

  it('whose next one could not be queued posts nothing, and is tried again whole', async () => {
    const world = aWorld();
    const connectionIds = await crowd(world, 501);
    const broadcast = await accept(world, { audience: toEveryone });
    while (world.queue.take() !== undefined);
    world.queue.refuse(true);
    const message = { kind: 'page', broadcastId: broadcast.id, page: firstPage } as const;
    await expect(fanOut(world, message, always)).rejects.toThrow('the queue is closed');
    expect(world.gateway.posts).toEqual([]);
    world.queue.refuse(false);
    await fanOut(world, message, always);
    await drain(world);
    expect(postsTo(world, connectionIds)).toEqual(new Set([1]));
  });
});
