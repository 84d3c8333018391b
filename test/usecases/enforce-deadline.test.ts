// Deadlines: who is still anonymous when the time to authenticate is over is told and closed, and stays so after any failure.
import { describe, expect, it } from 'vitest';
import { attendLimits, gatewayLimits } from '../../shared/protocol/limits.ts';
import { enforceDeadline } from '../../shared/usecases/enforce-deadline.ts';
import { anAnonymousConnection } from '../builders/connection.ts';
import { anIdentity } from '../builders/identity.ts';
import { killedAt, watched } from './calls.ts';
import type { World } from './world.ts';
import { always, aWorld, connectUser, framesOf, openQuietly, send } from './world.ts';

const message = { kind: 'authenticate', connectionId: 'silent' } as const;

async function anAnonymousOne(): Promise<World> {
  const world = aWorld();
  await world.connections.open(anAnonymousConnection({ connectionId: 'silent' }));
  return world;
}

describe('when the time is over', () => {
  it('an anonymous connection is told why, and closed', async () => {
    const world = await anAnonymousOne();
    await enforceDeadline(world, message, always);
    expect(framesOf(world, 'silent', 'error')).toMatchObject([{ code: 'unauthenticated', closing: true }]);
    expect(world.gateway.closed).toEqual(['silent']);
    expect(world.stores.open()).toEqual([]);
  });

  it('a known connection is left alone', async () => {
    const world = await anAnonymousOne();
    const token = world.tokens.issue(anIdentity());
    await send(world, 'silent', { type: 'authenticate', token });
    await enforceDeadline(world, message, always);
    expect(world.gateway.closed).toEqual([]);
    expect(world.stores.open()).toHaveLength(1);
  });

  it('nothing is done for a connection that has closed, or that nobody knows', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    const { ports, calls } = watched(world);
    await enforceDeadline(ports, message, always);
    expect(calls).toEqual(['connections.get']);
  });

  it('a connection that is gone already is closed all the same', async () => {
    const world = await anAnonymousOne();
    world.gateway.answer('silent', 'gone');
    await enforceDeadline(world, message, always);
    expect(world.stores.open()).toEqual([]);
  });
});

describe('when it is killed', () => {
  it.each([0, 1, 2, 3].flatMap((call) => [[call, 'before'] as const, [call, 'after'] as const]))(
    'at call %i, %s it was made, the next receive leaves no open socket and no row',
    async (call, moment) => {
      const world = await anAnonymousOne();
      await expect(enforceDeadline(killedAt(world, call, moment), message, always)).rejects.toThrow();
      await enforceDeadline(world, message, always);
      expect(new Set(world.gateway.closed)).toEqual(new Set(['silent']));
      expect(world.stores.open()).toEqual([]);
    },
  );

  it('these are all its calls', async () => {
    const { ports, calls } = watched(await anAnonymousOne());
    await enforceDeadline(ports, message, always);
    expect(calls).toHaveLength(4);
  });
});

describe('each other deadline leads to a look of its own', () => {
  const who = { tenant: 'default', user: 'a' };

  it('at a connection that is attended to, which is looked at again later', async () => {
    const world = aWorld();
    await openQuietly(world, { connectionId: 'c1', user: 'a', dialect: 'hotel', connectedAtMs: world.clock.nowMs() });
    const attend = { kind: 'attend', connectionId: 'c1', ...who, sinceMs: world.clock.nowMs() } as const;
    await enforceDeadline(world, attend, always);
    expect(world.gateway.posts.map(({ connectionId }) => connectionId)).toEqual(['c1']);
    expect(world.deadlines.scheduled).toEqual([{ message: attend, delayMs: attendLimits.everyMs }]);
    world.clock.advance(gatewayLimits.connectionMs);
    await enforceDeadline(world, attend, always);
    expect(world.gateway.closed).toEqual(['c1']);
    expect(world.stores.open()).toEqual([]);
  });

  it('at a user of whom nobody is there any more: the others are told', async () => {
    const world = aWorld();
    await world.presence.arrive('default', 'a', world.clock.nowMs());
    await enforceDeadline(world, { kind: 'presence', ...who }, always);
    expect(await world.presence.get('default', 'a')).toMatchObject({ state: 'offline' });
    expect(world.broadcasts.all()).toMatchObject([{ event: 'presence:offline', except: ['a'] }]);
  });

  it('at a user who was typing: the others in the room are told that it is over', async () => {
    const world = aWorld();
    await openQuietly(world, { connectionId: 'c2', user: 'b', topics: ['room:lobby'] });
    const atMs = world.clock.nowMs();
    await world.typing.start('default', 'lobby', 'a', atMs);
    world.clock.advance(60_000);
    await enforceDeadline(world, { kind: 'typing', room: 'lobby', ...who, atMs }, always);
    expect(framesOf(world, 'c2', 'notification')).toMatchObject([
      { event: 'typing', data: { userId: 'a', room: 'lobby', active: false } },
    ]);
    expect(await world.typing.lastMs('default', 'lobby', 'a')).toBeNull();
  });
});
