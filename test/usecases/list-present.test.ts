// Who is there: told from leases, over all shards and pages, in order of the names.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionLimits } from '../../shared/protocol/limits.ts';
import { listPresent, presentConnections } from '../../shared/usecases/list-present.ts';
import { crowd } from './crowd.ts';
import { aWorld, openQuietly } from './world.ts';

const { leaseMs } = connectionLimits;

/** What can be wrong with a connection: nothing, its lease or its time is over, or it is another tenant's. */
const states = ['there', 'silent', 'expired', 'elsewhere'] as const;
const someConnections = fc.array(
  fc.record({ user: fc.constantFrom('a', 'b', 'c', 'Ä', 'user-1', ''), state: fc.constantFrom(...states) }),
  { maxLength: 20 },
);

describe('everybody who is there', () => {
  it('is listed once, with all connections that are there, and nobody else is', async () => {
    await fc.assert(
      fc.asyncProperty(someConnections, async (connections) => {
        const world = aWorld();
        const nowMs = world.clock.nowMs();
        const there = new Map<string, string[]>();
        for (const { user, state } of connections) {
          const { connectionId } = await openQuietly(world, {
            user,
            tenant: state === 'elsewhere' ? 'elsewhere' : 'default',
            leaseUntilMs: state === 'silent' ? nowMs : nowMs + 1,
            expiresAtMs: state === 'expired' ? nowMs : nowMs + 1,
          });
          if (state === 'there') there.set(user, [...(there.get(user) ?? []), connectionId]);
        }
        const listed = await listPresent(world, 'default');
        expect(listed.map(({ user }) => user)).toEqual([...there.keys()].sort());
        for (const { user, connections: listedConnections } of listed) {
          const ids = listedConnections.map(({ connectionId }) => connectionId);
          expect(ids).toEqual([...(there.get(user) ?? [])].sort());
          const present = await presentConnections(world, 'default', user);
          expect(present.map(({ connectionId }) => connectionId)).toEqual(ids);
        }
      }),
    );
  });

  it('is found on every page of a shard', async () => {
    const world = aWorld();
    const connectionIds = await crowd(world, 1_101);
    expect(await listPresent(world, 'default')).toHaveLength(connectionIds.length);
  });

  it('is nobody where nobody is', async () => {
    expect(await listPresent(aWorld(), 'default')).toEqual([]);
    expect(await presentConnections(aWorld(), 'default', 'a')).toEqual([]);
  });
});

describe('a connection', () => {
  it('is there from its beginning until its lease runs out, to the millisecond', async () => {
    const world = aWorld();
    await openQuietly(world, { user: 'a', connectedAtMs: world.clock.nowMs() });
    world.clock.advance(leaseMs - 1);
    expect(await listPresent(world, 'default')).toHaveLength(1);
    world.clock.advance(1);
    expect(await listPresent(world, 'default')).toEqual([]);
    expect(await presentConnections(world, 'default', 'a')).toEqual([]);
  });

  it('whose subscriptions a crash left behind is nobody’s', async () => {
    const world = aWorld();
    const { connectionId } = await openQuietly(world, { user: 'a' });
    const connections = {
      ...world.connections,
      get: async (id: string) => (id === connectionId ? Promise.resolve(null) : world.connections.get(id)),
    };
    expect(await presentConnections({ ...world, connections }, 'default', 'a')).toEqual([]);
  });
});
