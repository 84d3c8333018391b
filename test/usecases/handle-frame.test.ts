// Frames of clients: what each does.
import { describe, expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, shardOf, userTopic } from '../../shared/domain/topic.ts';
import { connectionLimits } from '../../shared/protocol/limits.ts';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import { joinTopics } from '../../shared/usecases/standing-cursors.ts';
import { anAnonymousConnection } from '../builders/connection.ts';
import { failing, intercepted, watched } from './calls.ts';
import type { World } from './world.ts';
import { always, aWorld, notificationsOf, openQuietly, publish, toEveryone, toUsers, wholeRange } from './world.ts';

const connectionId = 'c1';
const topic = userTopic('a');

/** A world with one open connection of one user, who is a member of their topics. */
async function withConnection(given: { readonly expiresAtMs?: number } = {}): Promise<World> {
  const world = aWorld();
  await openQuietly(world, { connectionId, user: 'a', ...given });
  await joinTopics(world, 'default', 'a', [topic, everyone]);
  return world;
}

async function withAnonymous(): Promise<World> {
  const world = aWorld();
  await world.connections.open(anAnonymousConnection({ connectionId, connectedAtMs: world.clock.nowMs() }));
  return world;
}

async function send(world: World, frame: unknown): Promise<void> {
  const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
  await handleFrame(world, { connectionId, text, atMs: world.clock.nowMs() }, always);
}

async function headsOf(world: World, topics: readonly Topic[]) {
  return Promise.all(
    topics.map(async (of) => {
      const { epoch, seq } = await world.logs.head('default', of);
      return { topic: of, epoch, seq };
    }),
  );
}

async function ownCursor(world: World) {
  return (await world.cursors.get('default', [{ topic, user: 'a' }]))[0];
}

/** The last frame that came back. */
function answer(world: World): unknown {
  return world.gateway.frames(connectionId).at(-1);
}

describe('ping', () => {
  it.each(['known', 'anonymous'])('of a connection that is %s is answered with the time and its id', async (state) => {
    const world = await (state === 'known' ? withConnection() : withAnonymous());
    await send(world, { type: 'ping', id: 'beat-1' });
    expect(world.gateway.frames(connectionId)).toMatchObject([
      { type: 'pong', time: '2026-11-21T08:30:00.000Z', replyTo: 'beat-1' },
    ]);
  });

  it('of an anonymous connection says nothing of any topic', async () => {
    const world = await withAnonymous();
    await send(world, { type: 'ping' });
    expect(answer(world)).toMatchObject({ heads: [], unread: [] });
  });

  it('is answered with where each topic ends, so that a lost last frame is noticed, and what is unread', async () => {
    const world = await withConnection();
    await send(world, { type: 'ping' });
    await publish(
      failing(world, (call) => call === 'gateway.post'),
      { audience: toUsers('a') },
    ).catch(() => undefined);
    expect(notificationsOf(world, connectionId)).toEqual([]);
    await send(world, { type: 'ping' });
    const heads = await headsOf(world, [topic, everyone]);
    expect(heads.map(({ seq }) => seq)).toEqual([1, 0]);
    expect(answer(world)).toMatchObject({
      type: 'pong',
      heads,
      unread: [
        { topic, epoch: heads[0]?.epoch, count: 1, asOfSeq: 1, version: 0 },
        { topic: everyone, epoch: heads[1]?.epoch, count: 0, asOfSeq: 0, version: 0 },
      ],
    });
  });

  it('tells of a log that was made anew: its epoch is another one', async () => {
    const world = await withConnection();
    await publish(world, { audience: toUsers('a') });
    const [before] = await headsOf(world, [topic]);
    world.logs.restore('default', topic, 0);
    await send(world, { type: 'ping' });
    const [now] = await headsOf(world, [topic]);
    expect(now?.epoch).not.toBe(before?.epoch);
    expect(answer(world)).toMatchObject({ heads: [now, { topic: everyone }], unread: [{ count: 0 }, {}] });
  });

  it('without an id is answered without one', async () => {
    const world = await withConnection();
    await send(world, { type: 'ping' });
    expect(answer(world)).not.toHaveProperty('replyTo');
  });
});

describe('resume', () => {
  it('sends what comes after the positions, and answers with resumed', async () => {
    const world = await withConnection();
    const { id } = await publish(world, { audience: toUsers('a') });
    const { id: wide } = await publish(world, { audience: toEveryone });
    const before = world.gateway.posts.length;
    const { epoch } = await world.logs.head('default', topic);
    const all = await world.logs.head('default', everyone);
    const positions = [
      { topic, epoch, seq: 0 },
      { topic: everyone, epoch: all.epoch, seq: 0 },
    ];
    await send(world, { type: 'resume', id: 'r-1', positions });
    expect(world.gateway.posts.slice(before)).toHaveLength(3);
    expect(
      notificationsOf(world, connectionId)
        .slice(-2)
        .map(([, , got]) => got),
    ).toEqual([id, wide]);
    expect(answer(world)).toMatchObject({ type: 'resumed', complete: true, replyTo: 'r-1' });
  });

  it('of the topic of somebody else is refused whole, with the id and the remedy', async () => {
    const world = await withConnection();
    await publish(world, { audience: toUsers('b') });
    const { epoch } = await world.logs.head('default', userTopic('b'));
    const positions = [{ topic: userTopic('b'), epoch, seq: 0 }];
    await send(world, { type: 'resume', id: 'r-1', positions });
    expect(world.gateway.frames(connectionId)).toEqual([
      {
        type: 'error',
        code: 'forbidden',
        message: 'you do not follow that topic',
        field: 'topic',
        remedy: 'Use one of user:a, all.',
        replyTo: 'r-1',
      },
    ]);
  });
});

describe('acknowledge and read', () => {
  it('acknowledge moves the cursor of the user, without an answer', async () => {
    const world = await withConnection();
    await publish(world, { audience: toUsers('a') });
    const { epoch } = await world.logs.head('default', topic);
    const posts = world.gateway.posts.length;
    await send(world, { type: 'acknowledge', topic, epoch, seq: 1 });
    expect(await ownCursor(world)).toMatchObject({ deliveredSeq: 1, readSeq: 0 });
    expect(world.gateway.posts).toHaveLength(posts);
  });

  it('read marks what was read, and is answered with what is unread', async () => {
    const world = await withConnection();
    await publish(world, { audience: toUsers('a') });
    await publish(world, { audience: toUsers('a') });
    const { epoch } = await world.logs.head('default', topic);
    await send(world, { type: 'read', id: 'r-1', topic, epoch, seqs: [2] });
    const read = { readSeq: 0, readBeyond: [{ fromSeq: 2, toSeq: 2 }] };
    expect(await ownCursor(world)).toMatchObject({ deliveredSeq: 0, ...read });
    expect(answer(world)).toMatchObject({ type: 'unread', topic, count: 1, version: 1, replyTo: 'r-1' });
  });

  it.each([
    ['acknowledge', { seq: 0 }],
    ['read', { upToSeq: 0 }],
  ])('%s: somebody else’s topic is forbidden', async (type, rest) => {
    const world = await withConnection();
    const { epoch } = await world.logs.head('default', userTopic('b'));
    await send(world, { type, id: 'x', topic: userTopic('b'), epoch, ...rest });
    expect(answer(world)).toMatchObject({ type: 'error', code: 'forbidden', replyTo: 'x' });
  });
});

describe('a frame', () => {
  const { heartbeatEveryMs, leaseMs } = connectionLimits;

  it('renews the lease half a heartbeat after the last time, and not before', async () => {
    const world = await withConnection();
    const leaseUntilMs = world.clock.nowMs() + leaseMs;
    await world.connections.renew(await known(world), leaseUntilMs);
    world.clock.advance(heartbeatEveryMs / 2 - 1);
    await send(world, { type: 'ping' });
    expect((await known(world)).leaseUntilMs).toBe(leaseUntilMs);
    world.clock.advance(1);
    await send(world, { type: 'ping' });
    expect((await known(world)).leaseUntilMs).toBe(leaseUntilMs + heartbeatEveryMs / 2);
  });

  it('does not bring back a connection that closed while it was answered', async () => {
    const world = await withConnection();
    world.clock.advance(leaseMs);
    const closing = intercepted(world, async (call, run) => {
      if (call === 'connections.renew') await world.connections.close(connectionId, world.clock.nowMs());
      return run();
    });
    await send(closing, { type: 'ping' });
    expect(world.stores.open()).toEqual([]);
    const { subscribers } = await world.subscriptions.page('default', everyone, shardOf(everyone, 'a'), wholeRange, 9);
    expect(subscribers).toEqual([]);
  });
});

async function known(world: World): Promise<KnownConnection> {
  const connection = await world.connections.get(connectionId);
  if (connection?.state !== 'known') throw new Error('nobody is connected');
  return connection;
}

describe('without anybody to answer', () => {
  it('a frame of a connection that is closed on our side closes the socket too', async () => {
    const world = await withConnection();
    await world.connections.close(connectionId, world.clock.nowMs());
    const { ports, calls } = watched(world);
    await send(ports, { type: 'ping' });
    expect(calls).toEqual(['connections.get', 'gateway.close']);
  });

  it('a bug is thrown, so that the gateway says so and the log knows', async () => {
    const world = failing(await withConnection(), (call) => call === 'connections.get');
    await expect(send(world, { type: 'ping' })).rejects.toThrow('planted');
  });
});
