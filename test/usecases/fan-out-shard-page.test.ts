// Broadcasts to everyone: kept once, told shard by shard, in one call or by page messages.
import { describe, expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, shardOf } from '../../shared/domain/topic.ts';
import { fanOutLimits } from '../../shared/protocol/limits.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { joinTopics } from '../../shared/usecases/standing-cursors.ts';
import { failing, intercepted, watched } from './calls.ts';
import { crowd, crowdShard, postsTo } from './crowd.ts';
import { deviceOf } from './device.ts';
import {
  accept,
  always,
  aWorld,
  broadcastMessage,
  connectUser,
  drain,
  everyFrameOf,
  framesOf,
  notificationsOf,
  openQuietly,
  publish,
  toEveryone,
} from './world.ts';

describe('a broadcast to everyone', () => {
  it('is one entry in one log, and reaches who is connected', async () => {
    const world = aWorld();
    const devices = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((user) => connectUser(world, user)));
    const { id } = await publish(world, { audience: toEveryone });
    for (const device of devices) expect(notificationsOf(world, device)).toEqual([['all', 1, id]]);
    expect(world.logs.entries('default', everyone)).toHaveLength(1);
    expect(world.logs.entries('default', 'user:a')).toEqual([]);
  });

  it('is in the log, and its place noted, before anybody is looked up', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    const { id } = await accept(world, { audience: toEveryone });
    const { ports, calls } = watched(world);
    await fanOut(ports, broadcastMessage(id), always);
    const steps = ['logs.append', 'broadcasts.setPosition', 'subscriptions.page', 'gateway.post'];
    expect(steps.map((step) => calls.indexOf(step))).toEqual(
      steps.map((step) => calls.indexOf(step)).sort((a, b) => a - b),
    );
    expect(calls).toEqual(expect.arrayContaining(steps));
  });

  it('up to five hundred connections is told in the first call', async () => {
    const world = aWorld();
    const connectionIds = [...(await crowd(world, 300)), ...(await crowd(world, 200, 'other'))];
    const { id } = await accept(world, { audience: toEveryone });
    await fanOut(world, broadcastMessage(id), always);
    expect(world.queue.waiting()).toHaveLength(1);
    expect(postsTo(world, connectionIds)).toEqual(new Set([1]));
  });

  it('beyond that becomes a message for each shard, and a further one for each further page', async () => {
    const world = aWorld();
    const connectionIds = [...(await crowd(world, 1_001)), await connectUser(world, 'somebody-else')];
    const greetings = world.gateway.posts.length;
    const { id } = await accept(world, { audience: toEveryone });
    expect(world.queue.take()).toEqual(broadcastMessage(id));
    await fanOut(world, broadcastMessage(id), always);
    expect(world.gateway.posts).toHaveLength(greetings);
    expect(world.queue.waiting()).toEqual(
      Array.from({ length: fanOutLimits.wideTopicShards }, (_, shard) => ({
        kind: 'page',
        broadcastId: id,
        page: { kind: 'shard', shard, after: null, number: 0 },
      })),
    );
    await drain(world);
    for (const connectionId of connectionIds) expect(notificationsOf(world, connectionId)).toHaveLength(1);
    expect(await world.broadcasts.getShardReceipts(id, crowdShard)).toHaveLength(1_001);
  });

  it('that is ephemeral is dropped by pages that come too late', async () => {
    const world = aWorld();
    await crowd(world, 501);
    const { id } = await accept(world, { audience: toEveryone, durability: 'ephemeral' });
    expect(world.queue.take()).toEqual(broadcastMessage(id));
    await fanOut(world, broadcastMessage(id), always);
    expect(world.queue.waiting()).not.toEqual([]);
    world.clock.advance(5_001);
    await drain(world);
    expect(world.gateway.posts).toEqual([]);
  });

  it('that is ephemeral is dropped for whoever has not been told when its five seconds end', async () => {
    const world = aWorld();
    await crowd(world, 300);
    await accept(world, { audience: toEveryone, durability: 'ephemeral' });
    const slow = intercepted(world, async (call, run) => {
      if (call === 'gateway.post' && world.gateway.posts.length === 100) world.clock.advance(5_001);
      return run();
    });
    // Nobody shall see it any more, so that no further try is asked for either.
    await drain(slow);
    expect(world.gateway.posts.length).toBeLessThan(100 + fanOutLimits.postsAtOnce);
  });

  it('that has expired is posted to nobody, be it in the queue or in the middle of a page', async () => {
    const world = aWorld();
    await crowd(world, 300);
    const expiresAtMs = world.clock.nowMs() + 1_000;
    const [early] = [await accept(world, { audience: toEveryone, expiresAtMs })];
    const slow = intercepted(world, async (call, run) => {
      if (call === 'gateway.post' && world.gateway.posts.length === 100) world.clock.advance(1_000);
      return run();
    });
    await drain(slow);
    expect(world.gateway.posts.length).toBeLessThan(100 + fanOutLimits.postsAtOnce);
    const posts = world.gateway.posts.length;
    const page = { kind: 'shard', shard: crowdShard, after: null, number: 0 } as const;
    for (const message of [broadcastMessage(early.id), { kind: 'page', broadcastId: early.id, page } as const]) {
      const { ports, calls } = watched(world);
      await fanOut(ports, message, always);
      expect(calls).toEqual(['broadcasts.get']);
    }
    expect(world.gateway.posts).toHaveLength(posts);
  });

  it('does not show itself to who is excepted, and tells them that their log goes on behind it', async () => {
    const world = aWorld();
    const [told, excepted] = [await connectUser(world, 'a'), await connectUser(world, 'b')];
    const { id } = await publish(world, { audience: toEveryone, except: ['b'] });
    const next = await publish(world, { audience: toEveryone });
    const { epoch } = await world.logs.head('default', everyone);
    expect(notificationsOf(world, told).map(([, , got]) => got)).toEqual([id, next.id]);
    expect(notificationsOf(world, excepted).map(([, , got]) => got)).toEqual([next.id]);
    expect(framesOf(world, excepted, 'skipped')).toEqual([
      { type: 'skipped', topic: everyone, epoch, fromSeq: 1, toSeq: 1, reason: 'suppressed' },
    ]);
    const { shown, faults } = deviceOf(everyFrameOf(world, excepted));
    expect([shown.map((each) => each.id), faults]).toEqual([[next.id], []]);
    expect(await world.broadcasts.getShardReceipts(id, shardOf(everyone, 'b'))).toEqual([]);
  });

  it('that is ephemeral sends nothing at all to who is excepted', async () => {
    const world = aWorld();
    const { connectionId } = await openQuietly(world, { user: 'b' });
    await publish(world, { audience: toEveryone, except: ['b'], durability: 'ephemeral' });
    expect(world.gateway.frames(connectionId)).toEqual([]);
  });

  it('leaves expired connections out', async () => {
    const world = aWorld();
    await openQuietly(world, { user: 'a', expiresAtMs: world.clock.nowMs() });
    await publish(world, { audience: toEveryone });
    expect(world.gateway.posts).toEqual([]);
  });
});

describe('connections of one shard', () => {
  it('that are slow or gone harm nobody else', async () => {
    const world = aWorld();
    const connectionIds = await crowd(world, 40);
    world.gateway.answer('crowd-00003', 'throttled');
    world.gateway.answer('crowd-00004', 'gone');
    world.gateway.answer('crowd-00005', 'too_large');
    const { id } = await publish(world, { audience: toEveryone });
    const receipts = await world.broadcasts.getShardReceipts(id, crowdShard);
    expect(receipts.filter(({ outcome }) => outcome === 'sent')).toHaveLength(37);
    expect(receipts.flatMap(({ reason }) => reason ?? []).sort()).toEqual([
      'connection_slow',
      'not_connected',
      'too_large',
    ]);
    expect(world.stores.open().map(({ connectionId }) => connectionId)).toEqual(
      connectionIds.filter((connectionId) => connectionId !== 'crowd-00004'),
    );
  });

  it('that throw leave the others recorded; the next receive is for those that threw', async () => {
    const world = aWorld();
    const connectionIds = await crowd(world, 40);
    const { id } = await accept(world, { audience: toEveryone });
    const broken = failing(world, (call, [connectionId]) => call === 'gateway.post' && connectionId === 'crowd-00007');
    await expect(fanOut(broken, broadcastMessage(id), always)).rejects.toThrow('planted');
    expect(await world.broadcasts.getShardReceipts(id, crowdShard)).toHaveLength(39);
    await fanOut(world, broadcastMessage(id), always);
    expect(postsTo(world, connectionIds)).toEqual(new Set([1]));
  });

  it('in another shard are told and recorded before the call ends, though one shard throws at once', async () => {
    const world = aWorld();
    const [first, second] = ['a', 'b'].map((user) => ({ user, shard: shardOf(everyone, user) }));
    if (first === undefined || second === undefined || first.shard === second.shard) throw new Error('choose others');
    const failingOne = await openQuietly(world, { user: first.user });
    await openQuietly(world, { user: second.user });
    const { id } = await accept(world, { audience: toEveryone });
    const ports = intercepted(world, async (call, run, [connectionId]) => {
      if (call !== 'gateway.post') return run();
      if (connectionId === failingOne.connectionId) throw new Error('planted');
      await new Promise((resolve) => setImmediate(resolve));
      return run();
    });
    await expect(fanOut(ports, broadcastMessage(id), always)).rejects.toThrow('planted');
    expect(await world.broadcasts.getShardReceipts(id, second.shard)).toMatchObject([{ outcome: 'sent' }]);
  });
});

describe('near the deadline', () => {
  it('begins nothing more, keeps what is done, and throws; the next receive does only the rest', async () => {
    const world = aWorld();
    const connectionIds = await crowd(world, 300);
    const { id } = await accept(world, { audience: toEveryone });
    const goOn = (): boolean => world.gateway.posts.length < 100;
    await expect(fanOut(world, broadcastMessage(id), goOn)).rejects.toThrow('not begun before the deadline');
    const done = await world.broadcasts.getShardReceipts(id, crowdShard);
    expect(done).toHaveLength(world.gateway.posts.length);
    expect(done.length).toBeLessThan(100 + fanOutLimits.postsAtOnce);
    await fanOut(world, broadcastMessage(id), always);
    expect(postsTo(world, connectionIds)).toEqual(new Set([1]));
  });

  it('a user whose second device is not reached is not settled by the first one', async () => {
    const world = aWorld();
    const devices = [await openQuietly(world, { user: 'a' }), await openQuietly(world, { user: 'a' })];
    const { id } = await accept(world, { audience: toEveryone });
    await expect(fanOut(world, broadcastMessage(id), () => world.gateway.posts.length === 0)).rejects.toThrow(
      'not begun',
    );
    await fanOut(world, broadcastMessage(id), always);
    for (const { connectionId } of devices) {
      expect(new Set(notificationsOf(world, connectionId).map(String))).toEqual(new Set([`all,1,${id}`]));
    }
  });

  it('a user whose second device throws is not settled by the first one', async () => {
    const world = aWorld();
    const devices = [await openQuietly(world, { user: 'a' }), await openQuietly(world, { user: 'a' })];
    const { id } = await accept(world, { audience: toEveryone });
    const [broken] = devices;
    const ports = failing(world, (call, [to]) => call === 'gateway.post' && to === broken?.connectionId);
    await expect(fanOut(ports, broadcastMessage(id), always)).rejects.toThrow('planted');
    await fanOut(world, broadcastMessage(id), always);
    for (const { connectionId } of devices) expect(notificationsOf(world, connectionId)).not.toEqual([]);
  });
});

describe('a broadcast to a room', () => {
  it('is one page, reaches those in the room, and is noted for those who do not acknowledge', async () => {
    const world = aWorld();
    const topics: readonly Topic[] = ['room:lobby'];
    await joinTopics(world, 'default', 'a', topics);
    await joinTopics(world, 'default', 'b', topics);
    await openQuietly(world, { connectionId: 'c1', user: 'a', topics });
    await openQuietly(world, { connectionId: 'c2', user: 'b', topics, dialect: 'socketio' });
    await openQuietly(world, { connectionId: 'c3', user: 'c' });
    const { id } = await publish(world, { audience: { kind: 'topic', topic: 'room:lobby' } });
    expect(notificationsOf(world, 'c1')).toEqual([['room:lobby', 1, id]]);
    expect(world.gateway.posts.map(({ connectionId }) => connectionId).sort()).toEqual(['c1', 'c2']);
    const cursors = await world.cursors.get('default', [
      { topic: 'room:lobby', user: 'a' },
      { topic: 'room:lobby', user: 'b' },
    ]);
    expect(cursors.map((cursor) => cursor?.pushed)).toEqual([[], [{ fromSeq: 1, toSeq: 1 }]]);
  });
});
