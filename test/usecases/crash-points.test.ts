// A death at any call of what accepts and dispatches a broadcast: what was accepted arrives, once in each log.
import { describe, expect, it } from 'vitest';
import { outboxLimits } from '../../shared/protocol/limits.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { sweepOutbox } from '../../shared/usecases/sweep-outbox.ts';
import { aBroadcast, aCommand } from '../builders/broadcast.ts';
import type { Recipient, Scene } from './crash.ts';
import { everyCrashPoint, expectSound } from './crash.ts';
import type { World } from './world.ts';
import { accept, aWorld, connectUser, drain, toEveryone, toUsers } from './world.ts';

async function connectAll(world: World, users: readonly string[]): Promise<readonly Recipient[]> {
  const recipients: Recipient[] = [];
  for (const user of users) recipients.push({ user, connectionId: await connectUser(world, user) });
  return recipients;
}

async function sweepAndDrain(world: World): Promise<void> {
  world.clock.advance(outboxLimits.afterMs + 1);
  await sweepOutbox(world);
  await drain(world);
}

describe.each([
  ['named users', toUsers('a', 'b', 'away')],
  ['everyone', toEveryone],
] as const)('accepting a broadcast to %s', (_, audience) => {
  /** @param storedOf how many broadcasts there may be in the end, given whether the first request was answered */
  async function play(
    idempotencyKey: string | undefined,
    repeats: boolean,
    storedOf: (wasAnswered: boolean) => readonly number[],
  ): Promise<number> {
    return everyCrashPoint(async (): Promise<Scene> => {
      const world = aWorld();
      const recipients = await connectAll(world, ['a', 'b']);
      const request = { tenant: 'default', command: aCommand({ audience }), idempotencyKey, requestText: 'POST /b {}' };
      const answered: string[] = [];
      return {
        world,
        act: async (ports) => answered.push((await createBroadcast(ports, request)).broadcast.id),
        repeat: async () => {
          if (repeats) answered.push((await createBroadcast(world, request)).broadcast.id);
          await sweepAndDrain(world);
        },
        check: async () => {
          const stored = world.broadcasts.all().map(({ id }) => id);
          for (const id of answered) expect(stored).toContain(id);
          expect(storedOf(answered.length > (repeats ? 1 : 0))).toContain(stored.length);
          for (const { dispatchedAtMs } of world.broadcasts.all()) expect(dispatchedAtMs).toBeDefined();
          await expectSound(world, recipients);
        },
      };
    });
  }

  it('with a key, and the client repeats the request: one broadcast', async () => {
    expect(await play('order-7', true, () => [1])).toBe(8);
  });

  it('with a key, and the client never comes back: what was stored is sent', async () => {
    expect(await play('order-7', false, (wasAnswered) => (wasAnswered ? [1] : [0, 1]))).toBe(8);
  });

  it('without a key, and the client repeats the request: each that was stored is sent', async () => {
    expect(await play(undefined, true, (wasAnswered) => (wasAnswered ? [2] : [1, 2]))).toBe(6);
  });

  it('without a key, and the client never comes back: what was stored is sent', async () => {
    expect(await play(undefined, false, (wasAnswered) => (wasAnswered ? [1] : [0, 1]))).toBe(6);
  });
});

describe('sweeping the outbox', () => {
  it('sends everything that was left behind, whatever died in between', async () => {
    const deaths = await everyCrashPoint(async () => {
      const world = aWorld();
      const recipients = await connectAll(world, ['a', 'b']);
      const acceptedAtMs = world.clock.nowMs();
      for (const audience of [toUsers('a'), toUsers('b', 'a'), toEveryone]) {
        await world.broadcasts.put(aBroadcast({ tenant: 'default', audience, acceptedAtMs }));
      }
      await accept(world, { audience: toUsers('b') });
      world.clock.advance(outboxLimits.afterMs + 1);
      return {
        world,
        act: async (ports) => sweepOutbox(ports),
        repeat: async () => {
          await sweepOutbox(world);
          await drain(world);
        },
        check: async () => {
          expect(await sweepOutbox(world)).toBe(0);
          await expectSound(world, recipients);
        },
      };
    });
    // One read of the outbox, and for each of three a read, a message and a mark.
    expect(deaths).toBe(2 * (1 + 3 * 3));
  });
});
