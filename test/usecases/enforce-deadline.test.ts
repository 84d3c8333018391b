// The end of the time to authenticate: who is still anonymous is told and closed, and stays so after any failure.
import { describe, expect, it } from 'vitest';
import { enforceDeadline } from '../../shared/usecases/enforce-deadline.ts';
import { anAnonymousConnection } from '../builders/connection.ts';
import { anIdentity } from '../builders/identity.ts';
import { killedAt, watched } from './calls.ts';
import type { World } from './world.ts';
import { always, aWorld, connectUser, framesOf, send } from './world.ts';

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
    expect(framesOf(world, 'silent', 'error')).toMatchObject([{ code: 'unauthenticated' }]);
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
