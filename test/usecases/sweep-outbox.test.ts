// What was stored and never queued is queued by the next sweep; nothing else is, and nothing twice that matters.
import { describe, expect, it } from 'vitest';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import { outboxLimits } from '../../shared/protocol/limits.ts';
import { sweepOutbox } from '../../shared/usecases/sweep-outbox.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { failing, intercepted, watched } from './calls.ts';
import { everyInterleaving } from './interleavings.ts';
import type { World } from './world.ts';
import { accept, aWorld, broadcastMessage, connectUser, drain, notificationsOf, toUsers } from './world.ts';

/** A broadcast that was stored when its function died, so long ago. */
async function leftBehind(world: World, ageMs: number = outboxLimits.afterMs + 1): Promise<Broadcast> {
  const acceptedAtMs = world.clock.nowMs() - ageMs;
  const broadcast = aBroadcast({ tenant: 'default', audience: toUsers('a'), acceptedAtMs });
  await world.broadcasts.put(broadcast);
  return broadcast;
}

describe('a sweep', () => {
  it('queues what was left behind, says how many, and does so once', async () => {
    const world = aWorld();
    const left = [await leftBehind(world, 40_000), await leftBehind(world), await leftBehind(world)];
    expect(await sweepOutbox(world)).toBe(3);
    expect(world.queue.waiting()).toEqual(left.map(({ id }) => broadcastMessage(id)));
    for (const { id } of left) {
      expect(await world.broadcasts.get(id)).toMatchObject({ dispatchedAtMs: world.clock.nowMs() });
    }
    expect(await sweepOutbox(world)).toBe(0);
    expect(world.queue.waiting()).toHaveLength(3);
  });

  it('brings it to its recipients', async () => {
    const world = aWorld();
    const connectionId = await connectUser(world, 'a');
    const { id } = await leftBehind(world);
    await sweepOutbox(world);
    await drain(world);
    expect(notificationsOf(world, connectionId)).toEqual([['user:a', 1, id]]);
  });

  it('leaves alone what may still be under way, and what was queued', async () => {
    const world = aWorld();
    await leftBehind(world, outboxLimits.afterMs);
    await accept(world, { audience: toUsers('a') });
    const queued = world.queue.waiting().length;
    expect(await sweepOutbox(world)).toBe(0);
    world.clock.advance(1);
    expect(await sweepOutbox(world)).toBe(1);
    world.clock.advance(10 * outboxLimits.afterMs);
    expect(await sweepOutbox(world)).toBe(0);
    expect(world.queue.waiting()).toHaveLength(queued + 1);
  });

  it('of nothing asks once', async () => {
    const { ports, calls } = watched(aWorld());
    expect(await sweepOutbox(ports)).toBe(0);
    expect(calls).toEqual(['broadcasts.undispatched']);
  });

  it('does not queue what the index still names though it has left, or was never stored', async () => {
    const world = aWorld();
    const { id } = await leftBehind(world);
    await world.broadcasts.markDispatched(id, world.clock.nowMs());
    const lagging = intercepted(world, async (call, run) =>
      call === 'broadcasts.undispatched' ? Promise.resolve([id, 'never-stored']) : run(),
    );
    expect(await sweepOutbox(lagging)).toBe(0);
    expect(world.queue.waiting()).toEqual([]);
  });
});

describe('when something fails', () => {
  it('one that cannot be queued holds up no other, and the next run queues it', async () => {
    const world = aWorld();
    const [first, broken, last] = [await leftBehind(world), await leftBehind(world), await leftBehind(world)];
    const ports = failing(
      world,
      (call, [messages]) => call === 'queue.send' && JSON.stringify(messages).includes(broken.id),
    );
    await expect(sweepOutbox(ports)).rejects.toThrow('planted');
    expect(world.queue.waiting()).toEqual([first, last].map(({ id }) => broadcastMessage(id)));
    expect(await sweepOutbox(world)).toBe(1);
    expect(world.queue.waiting().at(-1)).toEqual(broadcastMessage(broken.id));
  });

  it('a queue that refuses leaves everything for the next run', async () => {
    const world = aWorld();
    for (let number = 0; number < 20; number += 1) await leftBehind(world);
    world.queue.refuse(true);
    await expect(sweepOutbox(world)).rejects.toThrow('the queue is closed');
    world.queue.refuse(false);
    expect(await sweepOutbox(world)).toBe(20);
  });
});

it('two sweeps at once, in every order, queue it at least once, and it arrives once', async () => {
  const counts = new Set<number>();
  await everyInterleaving(async (turns) => {
    const world = aWorld();
    const connectionId = await connectUser(world, 'a');
    const { id } = await leftBehind(world);
    const ports = intercepted(world, async (_call, run) => turns.take(run));
    await turns.finish(sweepOutbox(ports), sweepOutbox(ports));
    counts.add(world.queue.waiting().length);
    await drain(world);
    expect(notificationsOf(world, connectionId)).toEqual([['user:a', 1, id]]);
  });
  expect(counts).toEqual(new Set([1, 2]));
});
