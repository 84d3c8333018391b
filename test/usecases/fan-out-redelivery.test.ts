// The same queue message again: after the first time, during it, and after a death at any call.
import { describe, expect, it } from 'vitest';
import type { Audience, Page } from '../../shared/domain/broadcast.ts';
import { everyone, shardOf, userTopic } from '../../shared/domain/topic.ts';
import { fanOutLimits } from '../../shared/protocol/limits.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { killedAt, intercepted, watched } from './calls.ts';
import { everyInterleaving } from './interleavings.ts';
import type { World } from './world.ts';
import {
  accept,
  always,
  aWorld,
  broadcastMessage,
  connectUser,
  drain,
  notificationsOf,
  openQuietly,
  toEveryone,
  toUsers,
} from './world.ts';

const audiences = [
  ['named users', toUsers('a', 'b'), 'user:a'],
  ['everyone', toEveryone, 'all'],
] as const;

function pageOf(audience: Audience, shard: number): Page {
  return audience.kind === 'users' ? { kind: 'users', number: 0 } : { kind: 'shard', shard, after: null, number: 0 };
}

async function connectBoth(world: World): Promise<readonly string[]> {
  return [await connectUser(world, 'a'), await connectUser(world, 'b')];
}

describe.each(audiences)('a message for %s that comes twice', (_, audience, topic) => {
  it('one after the other appends once and posts once', async () => {
    const world = aWorld();
    const devices = await connectBoth(world);
    const { id } = await accept(world, { audience });
    await fanOut(world, broadcastMessage(id), always);
    const again = watched(world);
    await fanOut(again.ports, broadcastMessage(id), always);
    expect(world.logs.entries('default', topic)).toHaveLength(1);
    for (const device of devices) expect(notificationsOf(world, device)).toHaveLength(1);
    expect(again.calls).not.toContain('gateway.post');
  });

  it('in every order of the calls of both appends once, and everybody gets that one place', async () => {
    const gated = ['logs.append', 'subscriptions.page', 'gateway.post', 'broadcasts.addReceipts'];
    const played = await everyInterleaving(async (turns) => {
      const world = aWorld();
      const device = await connectUser(world, 'a');
      const { id } = await accept(world, { audience: audience.kind === 'users' ? toUsers('a') : audience });
      // Of the sixteen shards of everyone only the first is given a turn: the others are empty or wait with it.
      const ports = intercepted(world, async (call, run, [, , shard]) =>
        gated.includes(call) && (call !== 'subscriptions.page' || shard === 0) ? turns.take(run) : run(),
      );
      await turns.finish(fanOut(ports, broadcastMessage(id), always), fanOut(ports, broadcastMessage(id), always));
      expect(world.logs.entries('default', topic)).toHaveLength(1);
      const got = notificationsOf(world, device);
      expect(got.length).toBeGreaterThanOrEqual(1);
      expect(got.length).toBeLessThanOrEqual(2);
      expect(new Set(got.map(String))).toEqual(new Set([`${topic},1,${id}`]));
    });
    expect(played).toBeGreaterThan(20);
  });

  it('in every order of the calls of both keeps the receipt that went further', async () => {
    const gated = ['subscriptions.page', 'gateway.post', 'broadcasts.addReceipts'];
    const user = 'a';
    const shard = shardOf(topic, user);
    const played = await everyInterleaving(async (turns) => {
      const world = aWorld();
      const { connectionId } = await openQuietly(world, { user });
      const { id } = await accept(world, { audience: audience.kind === 'users' ? toUsers(user) : audience });
      // Slow for just as many posts as one of the two makes before it gives up: the other one gets through.
      const slow = Array.from({ length: fanOutLimits.postAttemptsMax }, () => 'throttled' as const);
      world.gateway.answer(connectionId, ...slow, 'posted');
      const ports = intercepted(world, async (call, run, [, , of]) =>
        gated.includes(call) && (call !== 'subscriptions.page' || of === shard) ? turns.take(run) : run(),
      );
      await turns.finish(fanOut(ports, broadcastMessage(id), always), fanOut(ports, broadcastMessage(id), always));
      const noted = await world.broadcasts.getPage(id, pageOf(audience, shard));
      expect(noted?.receipts.map(({ outcome }) => outcome)).toEqual(['sent']);
    });
    expect(played).toBeGreaterThan(20);
  });

  it('after a death at any of its calls ends with one entry and everybody told', async () => {
    const rehearsal = aWorld();
    await connectBoth(rehearsal);
    const rehearsed = await accept(rehearsal, { audience });
    const { ports, calls } = watched(rehearsal);
    await fanOut(ports, broadcastMessage(rehearsed.id), always);
    for (const [number] of calls.entries()) {
      for (const moment of ['before', 'after'] as const) {
        const world = aWorld();
        const devices = await connectBoth(world);
        const { id } = await accept(world, { audience });
        await fanOut(killedAt(world, number, moment), broadcastMessage(id), always).catch(() => undefined);
        await drain(world);
        expect(world.logs.entries('default', topic)).toHaveLength(1);
        for (const device of devices) {
          const places = new Set(notificationsOf(world, device).map(String));
          expect([number, moment, places.size]).toEqual([number, moment, 1]);
        }
      }
    }
  });
});

describe('somebody who was away at the first receive', () => {
  it('is told by the connection; what the second receive posts has the same place', async () => {
    const world = aWorld();
    const { id } = await accept(world, { audience: toUsers('a') });
    await fanOut(world, broadcastMessage(id), always);
    const device = await connectUser(world, 'a');
    expect(notificationsOf(world, device)).toEqual([['user:a', 1, id]]);
    await fanOut(world, broadcastMessage(id), always);
    expect(new Set(notificationsOf(world, device).map(String))).toEqual(new Set([`user:a,1,${id}`]));
    expect(await world.logs.head('default', userTopic('a'))).toMatchObject({ seq: 1 });
  });

  it('stays settled once sent: a third receive posts nothing', async () => {
    const world = aWorld();
    const { id } = await accept(world, { audience: toUsers('a') });
    await fanOut(world, broadcastMessage(id), always);
    await connectUser(world, 'a');
    await fanOut(world, broadcastMessage(id), always);
    const posts = world.gateway.posts.length;
    await fanOut(world, broadcastMessage(id), always);
    expect(world.gateway.posts).toHaveLength(posts);
  });
});

describe('the place of a broadcast to everyone', () => {
  it('is noted once, and kept when the note of it was lost', async () => {
    const world = aWorld();
    const { id } = await accept(world, { audience: toEveryone });
    const unnoted = intercepted(world, async (call, run) => (call === 'broadcasts.setPosition' ? undefined : run()));
    await fanOut(unnoted, broadcastMessage(id), always);
    await accept(world, { audience: toEveryone });
    await drain(world);
    expect((await world.broadcasts.get(id))?.position).toMatchObject({ seq: 1 });
    expect(world.logs.entries('default', everyone)).toHaveLength(2);
  });
});
