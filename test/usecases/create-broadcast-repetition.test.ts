// The same request again: at the same time, and after its first one died at any moment.
import { describe, expect, it } from 'vitest';
import { outboxLimits, requestLimits } from '../../shared/protocol/limits.ts';
import type { BroadcastRequest } from '../../shared/usecases/create-broadcast.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { sweepOutbox } from '../../shared/usecases/sweep-outbox.ts';
import { aCommand } from '../builders/broadcast.ts';
import { intercepted, killedAt, watched } from './calls.ts';
import { everyInterleaving } from './interleavings.ts';
import type { World } from './world.ts';
import { aWorld, connectUser, drain, notificationsOf, toUsers } from './world.ts';

const users = ['user-1', 'user-2', 'user-3'];
const request: BroadcastRequest = {
  tenant: 'default',
  command: aCommand({ audience: toUsers(...users) }),
  idempotencyKey: 'order-7',
  requestText: 'POST /b {}',
};

/** Every recipient has it once in the log, and got it once on each device that was connected. */
async function expectOnce(world: World, connectionIds: readonly string[], broadcastId: string): Promise<void> {
  await drain(world);
  expect(world.broadcasts.all().map(({ id }) => id)).toEqual([broadcastId]);
  for (const user of users) expect(world.logs.entries('default', `user:${user}`)).toHaveLength(1);
  for (const connectionId of connectionIds) {
    expect(notificationsOf(world, connectionId).map(([, seq, id]) => [seq, id])).toEqual([[1, broadcastId]]);
  }
}

async function connectAll(world: World): Promise<readonly string[]> {
  return Promise.all(users.map((user) => connectUser(world, user)));
}

describe('at the same time', () => {
  it('64 times is one broadcast, and each recipient gets one notification', async () => {
    const world = aWorld();
    const connectionIds = await connectAll(world);
    const answers = await Promise.all(Array.from({ length: 64 }, () => createBroadcast(world, request)));
    const ids = new Set(answers.map(({ broadcast }) => broadcast.id));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await expectOnce(world, connectionIds, [...ids].join());
  });

  it('twice, in every order of their calls, is one broadcast that was queued before anybody was answered', async () => {
    const played = await everyInterleaving(async (turns) => {
      const world = aWorld();
      const ports = intercepted(world, async (_call, run) => turns.take(run));
      const answered: string[] = [];
      const ask = async (): Promise<void> => {
        const { broadcast } = await createBroadcast(ports, request);
        expect(await world.broadcasts.get(broadcast.id)).not.toBeNull();
        expect(world.queue.waiting()).toContainEqual({ kind: 'broadcast', broadcastId: broadcast.id });
        answered.push(broadcast.id);
      };
      await turns.finish(ask(), ask());
      expect(answered).toHaveLength(2);
      expect(new Set(answered).size).toBe(1);
      expect(world.broadcasts.all()).toHaveLength(1);
    });
    expect(played).toBeGreaterThan(50);
  });
});

describe('after the first one died', () => {
  const calls = ['idempotency.claim', 'broadcasts.put', 'queue.send', 'broadcasts.markDispatched'];
  const deaths = calls.flatMap((call, number) =>
    (['before', 'after'] as const).map((moment) => ({ call, number, moment })),
  );

  it('these are all its calls', async () => {
    const first = watched(aWorld());
    await createBroadcast(first.ports, request);
    expect(first.calls).toEqual(calls);
  });

  it.each(deaths)(
    '$moment $call: what was answered is stored, and is queued at the latest by the next sweep',
    async ({ number, moment }) => {
      const world = aWorld();
      const answer = await createBroadcast(killedAt(world, number, moment), request).catch(() => null);
      if (answer !== null) {
        expect(await world.broadcasts.get(answer.broadcast.id)).not.toBeNull();
        world.clock.advance(outboxLimits.afterMs + 1);
        await sweepOutbox(world);
        const queued = new Set(world.queue.waiting().map(({ broadcastId }) => broadcastId));
        expect(queued).toEqual(new Set([answer.broadcast.id]));
      }
      expect(answer !== null).toBe(number >= calls.indexOf('queue.send'));
    },
  );

  it.each(deaths)('$moment $call: a repetition finishes it, and everybody gets it once', async ({ number, moment }) => {
    const world = aWorld();
    const connectionIds = await connectAll(world);
    await createBroadcast(killedAt(world, number, moment), request).catch(() => null);
    const { broadcast } = await createBroadcast(world, request);
    expect((await world.broadcasts.get(broadcast.id))?.dispatchedAtMs).toBeDefined();
    await expectOnce(world, connectionIds, broadcast.id);
  });

  it('a repetition keeps the time at which it was first accepted', async () => {
    const world = aWorld();
    const acceptedAtMs = world.clock.nowMs();
    await createBroadcast(killedAt(world, 1, 'before'), request).catch(() => null);
    world.clock.advance(5_000);
    expect(await createBroadcast(world, request)).toMatchObject({ replayed: true, broadcast: { acceptedAtMs } });
  });
});

describe('while the first one is slow', () => {
  it('a repetition waits a bounded time and then does the work itself', async () => {
    const world = aWorld();
    await createBroadcast(killedAt(world, 1, 'before'), request).catch(() => null);
    await createBroadcast(world, request);
    expect(world.clock.waits).toEqual(requestLimits.repetitionWaitsMs);
    expect(world.queue.waiting()).toHaveLength(1);
  });

  it.each(requestLimits.repetitionWaitsMs.map((_, index) => index + 1))(
    'a repetition that sees it finished after %i waits does nothing more',
    async (waits) => {
      const world = aWorld();
      await createBroadcast(killedAt(world, 3, 'before'), request);
      const [stored] = world.broadcasts.all();
      const clock = {
        ...world.clock,
        wait: async (ms: number) => {
          await world.clock.wait(ms);
          if (world.clock.waits.length === waits) await world.broadcasts.markDispatched(stored?.id ?? '', 0);
        },
      };
      const repeated = watched({ ...world, clock });
      await createBroadcast(repeated.ports, request);
      expect(repeated.calls).not.toContain('queue.send');
      expect(world.queue.waiting()).toHaveLength(1);
    },
  );
});
