// The pages of a large shard: each puts the next one on the queue, once, whatever fails and grows meanwhile.
import { describe, expect, it } from 'vitest';
import { queueLimits } from '../../shared/protocol/limits.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { failing, watched } from './calls.ts';
import { crowd, crowdShard, postsTo } from './crowd.ts';
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
