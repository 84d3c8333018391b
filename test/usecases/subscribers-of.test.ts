// Who is connected as one user: every live connection, however many there are.
import { describe, expect, it } from 'vitest';
import { fanOutLimits } from '../../shared/protocol/limits.ts';
import { subscribersOf } from '../../shared/usecases/subscribers-of.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import { aWorld, openQuietly } from './world.ts';

async function connectionsOf(world: World, user: string, tenant = 'default'): Promise<readonly string[]> {
  return (await subscribersOf(world, tenant, user)).map(({ connectionId }) => connectionId);
}

describe('the subscribers of a user', () => {
  it('are the user’s own connections, of the tenant, that have not expired or closed', async () => {
    const world = aWorld();
    const { connectionId } = await openQuietly(world, { user: 'a' });
    await openQuietly(world, { user: 'b' });
    await openQuietly(world, { user: 'a', tenant: 'other' });
    await openQuietly(world, { user: 'a', expiresAtMs: world.clock.nowMs() });
    const closed = await openQuietly(world, { user: 'a' });
    await world.connections.close(closed.connectionId, world.clock.nowMs());
    expect(await connectionsOf(world, 'a')).toEqual([connectionId]);
    expect(await connectionsOf(world, 'nobody')).toEqual([]);
  });

  it('may have let their lease run out: the gateway knows better whether they are there', async () => {
    const world = aWorld();
    const { connectionId } = await openQuietly(world, { user: 'a', leaseUntilMs: world.clock.nowMs() - 1 });
    expect(await connectionsOf(world, 'a')).toEqual([connectionId]);
  });

  it.each([0, 1, 2])('are all found, over so many full pages and one connection: %i', async (pages) => {
    const world = aWorld();
    const count = pages * fanOutLimits.connectionsPerPage + 1;
    const opened: string[] = [];
    for (let device = 0; device < count; device += 1)
      opened.push((await openQuietly(world, { user: 'a' })).connectionId);
    const { ports, calls } = watched(world);
    expect([...(await connectionsOf(ports, 'a'))].sort()).toEqual(opened.sort());
    expect(calls).toHaveLength(pages + 1);
  });
});
