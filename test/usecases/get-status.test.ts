// The state of a tenant's service: live connections, users, queue, dead letters.
import { describe, expect, it } from 'vitest';
import { everyone, shardOf } from '../../shared/domain/topic.ts';
import { connectionLimits, fanOutLimits } from '../../shared/protocol/limits.ts';
import { getStatus } from '../../shared/usecases/get-status.ts';
import { accept, aWorld, connectUser, openQuietly, send, toUsers } from './world.ts';

describe('the status', () => {
  it('of a service that nobody uses is all zero', async () => {
    const world = aWorld();
    expect(await getStatus(world, 'default')).toEqual({
      connections: 0,
      users: 0,
      queue: { waiting: 0, inFlight: 0 },
      deadLetters: 0,
      atMs: world.clock.nowMs(),
    });
  });

  it('counts connections and users over all shards, once each', async () => {
    const world = aWorld();
    const users = Array.from({ length: 40 }, (_, index) => `user-${String(index)}`);
    expect(new Set(users.map((user) => shardOf(everyone, user))).size).toBeGreaterThan(5);
    for (const user of users) await openQuietly(world, { user });
    await openQuietly(world, { user: 'user-0' });
    expect(await getStatus(world, 'default')).toMatchObject({ connections: 41, users: 40 });
  });

  it('counts a user whose connections are on two pages of a shard once', async () => {
    const world = aWorld();
    const count = fanOutLimits.connectionsPerPage + 1;
    for (let device = 0; device < count; device += 1) await openQuietly(world, { user: 'a' });
    expect(await getStatus(world, 'default')).toMatchObject({ connections: count, users: 1 });
  });

  it('counts somebody as there until the lease has run out, whatever the connection’s own end', async () => {
    const world = aWorld();
    const nowMs = world.clock.nowMs();
    await openQuietly(world, { user: 'a', leaseUntilMs: nowMs });
    await openQuietly(world, { user: 'b', leaseUntilMs: nowMs + 1 });
    await openQuietly(world, { user: 'c', leaseUntilMs: nowMs + 1, expiresAtMs: nowMs });
    expect(await getStatus(world, 'default')).toMatchObject({ connections: 1, users: 1 });
    world.clock.advance(1);
    expect(await getStatus(world, 'default')).toMatchObject({ connections: 0, users: 0 });
  });

  it('counts who sends a sign of life, and after two and a half heartbeats of silence no more', async () => {
    const world = aWorld();
    const [speaking, silent] = [await connectUser(world, 'speaking'), await connectUser(world, 'silent')];
    const { heartbeatEveryMs, leaseMs } = connectionLimits;
    for (let beat = 1; beat * heartbeatEveryMs < leaseMs; beat += 1) {
      world.clock.advance(heartbeatEveryMs);
      expect(await getStatus(world, 'default')).toMatchObject({ connections: 2 });
      await send(world, speaking, { type: 'ping' });
    }
    world.clock.advance(heartbeatEveryMs);
    expect(await getStatus(world, 'default')).toMatchObject({ connections: 1, users: 1 });
    // Who let the lease run out is posted to all the same, and is there again with the next frame.
    await send(world, silent, { type: 'ping' });
    expect(await getStatus(world, 'default')).toMatchObject({ connections: 2, users: 2 });
  });

  it('leaves out expired connections, anonymous ones and other tenants', async () => {
    const world = aWorld();
    await openQuietly(world, { user: 'a', expiresAtMs: world.clock.nowMs() });
    await connectUser(world, 'b', { tenant: 'other' });
    await connectUser(world, 'c');
    expect(await getStatus(world, 'default')).toMatchObject({ connections: 1, users: 1 });
  });

  it('says what waits, what is under way, and what was given up', async () => {
    const world = aWorld();
    await accept(world, { audience: toUsers('a') });
    expect(await getStatus(world, 'default')).toMatchObject({ queue: { waiting: 1 } });
    const depths = { depths: async () => Promise.resolve({ waiting: 3, inFlight: 2, deadLetters: 1 }) };
    expect(await getStatus({ ...world, depths }, 'default')).toMatchObject({
      queue: { waiting: 3, inFlight: 2 },
      deadLetters: 1,
    });
  });
});
