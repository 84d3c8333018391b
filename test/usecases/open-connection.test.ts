// The opener: greets when the gateway lets it, sends what was missed, and says where the client then stands.
import { describe, expect, it } from 'vitest';
import { openFrame } from '../../shared/domain/frames.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { connectionLimits } from '../../shared/protocol/limits.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { anAnonymousConnection } from '../builders/connection.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import {
  always,
  aWorld,
  beginConnecting,
  connectUser,
  framesOf,
  notificationsOf,
  openQuietly,
  publish,
  toEveryone,
  toUsers,
} from './world.ts';

function typesOf(world: World, connectionId: string): readonly unknown[] {
  return world.gateway.frames(connectionId).map((frame) => (frame as { readonly type: unknown }).type);
}

describe('the greeting', () => {
  it('says who the client is, until when, and how far this user has come', async () => {
    const world = aWorld();
    await publish(world, { audience: toUsers('a') });
    const connectionId = await beginConnecting(world, 'a');
    await openConnection(world, connectionId, always);
    const own = await world.logs.head('default', userTopic('a'));
    const wide = await world.logs.head('default', everyone);
    expect(framesOf(world, connectionId, 'connected')).toEqual([
      {
        type: 'connected',
        connectionId,
        user: 'a',
        tenant: 'default',
        roles: [],
        positions: [
          { topic: userTopic('a'), epoch: own.epoch, seq: 0 },
          { topic: everyone, epoch: wide.epoch, seq: 0 },
        ],
        unread: [
          { topic: userTopic('a'), epoch: own.epoch, count: 1, asOfSeq: 1, version: 0 },
          { topic: everyone, epoch: wide.epoch, count: 0, asOfSeq: 0, version: 0 },
        ],
        heartbeatEveryMs: connectionLimits.heartbeatEveryMs,
        time: '2026-11-21T08:30:00.000Z',
        expiresAt: '2026-11-21T10:30:00.000Z',
      },
    ]);
  });

  it('comes first, then what was missed in order, then where the client stands', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    const { id: one } = await publish(world, { audience: toUsers('a') });
    const { id: two } = await publish(world, { audience: toUsers('a') });
    const { id: wide } = await publish(world, { audience: toEveryone });
    const connectionId = await beginConnecting(world, 'a');
    await openConnection(world, connectionId, always);
    expect(typesOf(world, connectionId)).toEqual([
      'connected',
      'notification',
      'notification',
      'notification',
      'resumed',
    ]);
    expect(notificationsOf(world, connectionId)).toEqual([
      ['user:a', 1, one],
      ['user:a', 2, two],
      ['all', 1, wide],
    ]);
    expect(framesOf(world, connectionId, 'resumed')).toMatchObject([
      {
        positions: [
          { topic: 'user:a', seq: 2 },
          { topic: 'all', seq: 1 },
        ],
        complete: true,
      },
    ]);
  });

  it('leaves out what a client of this user has acknowledged', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    await publish(world, { audience: toUsers('a') });
    const { id } = await publish(world, { audience: toUsers('a') });
    const { epoch } = await world.logs.head('default', userTopic('a'));
    await world.cursors.acknowledge('default', { topic: userTopic('a'), user: 'a' }, { epoch, seq: 1 }, 0);
    const connectionId = await beginConnecting(world, 'a');
    await openConnection(world, connectionId, always);
    expect(notificationsOf(world, connectionId)).toEqual([['user:a', 2, id]]);
  });

  it('twice is harmless: the same frames in the same order, and nothing moves', async () => {
    const world = aWorld();
    await publish(world, { audience: toUsers('a') });
    const connectionId = await beginConnecting(world, 'a');
    await openConnection(world, connectionId, always);
    const frames = world.gateway.frames(connectionId);
    const cursors = world.cursors.all();
    await openConnection(world, connectionId, always);
    expect(world.gateway.frames(connectionId)).toEqual([...frames, ...frames]);
    expect(world.cursors.all()).toEqual(cursors);
  });
});

describe('while the gateway does not know the connection yet', () => {
  it('the greeting is tried again until it is taken, and sent once', async () => {
    const world = aWorld();
    const connectionId = await beginConnecting(world, 'a');
    world.gateway.answer(connectionId, 'gone', 'gone', 'unavailable', 'throttled', 'gone', 'posted');
    await openConnection(world, connectionId, always);
    expect(typesOf(world, connectionId)).toEqual(['connected', 'resumed']);
    expect(world.clock.waits).toHaveLength(5);
    expect(await world.connections.get(connectionId)).not.toBeNull();
  });

  it('it is given up after ten seconds, and the connection closed', async () => {
    const world = aWorld();
    const connectionId = await beginConnecting(world, 'a');
    const startedMs = world.clock.nowMs();
    world.gateway.answer(connectionId, 'gone');
    await openConnection(world, connectionId, always);
    expect(world.clock.nowMs() - startedMs).toBeGreaterThanOrEqual(connectionLimits.greetWithinMs);
    expect(world.clock.nowMs() - startedMs).toBeLessThan(connectionLimits.greetWithinMs + 1_000);
    expect(world.stores.open()).toEqual([]);
    expect(world.gateway.closed).toEqual([connectionId]);
    expect(new Set(world.gateway.posts.map(({ frame }) => frame)).size).toBe(1);
  });

  it('a greeting that is too large is a bug', async () => {
    const world = aWorld();
    const connectionId = await beginConnecting(world, 'a');
    world.gateway.answer(connectionId, 'too_large');
    await expect(openConnection(world, connectionId, always)).rejects.toThrow('larger than the gateway takes');
  });
});

describe('nothing is posted to', () => {
  it('a connection that has closed', async () => {
    const world = aWorld();
    const connectionId = await beginConnecting(world, 'a');
    await world.connections.close(connectionId, world.clock.nowMs());
    const { ports, calls } = watched(world);
    await openConnection(ports, connectionId, always);
    expect(calls).toEqual(['connections.get']);
  });

  it('an anonymous one of our own dialect, whose client speaks first', async () => {
    const world = aWorld();
    await world.connections.open(anAnonymousConnection({ connectionId: 'anonymous' }));
    await openConnection(world, 'anonymous', always);
    expect(world.gateway.posts).toEqual([]);
  });

  it('one whose token has expired before the opener came to it', async () => {
    const world = aWorld();
    await publish(world, { audience: toUsers('a') });
    const connectionId = await beginConnecting(world, 'a', { tokenExpiresAtMs: world.clock.nowMs() + 1_000 });
    world.clock.advance(1_000);
    await openConnection(world, connectionId, always);
    expect(world.gateway.posts).toEqual([]);
  });
});

describe('clients of other dialects', () => {
  it('a client of Socket.IO that is nobody yet is told that the socket is open, and nothing else', async () => {
    const world = aWorld();
    const connectedAtMs = world.clock.nowMs();
    await world.connections.open(anAnonymousConnection({ connectionId: 'c1', connectedAtMs, dialect: 'socketio' }));
    world.gateway.answer('c1', 'gone', 'gone', 'posted');
    await openConnection(world, 'c1', always);
    const [text = ''] = world.dialects.write('socketio', openFrame('c1'));
    expect(text).toMatch(/^0\{"sid":"c1"/);
    expect(world.gateway.posts.map(({ frame }) => frame)).toEqual([text, text, text]);
    expect(world.stores.open()).toMatchObject([{ state: 'anonymous' }]);
  });

  it('a guest of a hotel gets what no client of theirs was posted before, once, and no positions', async () => {
    const world = aWorld();
    await publish(world, { audience: toUsers('42'), data: { number: 1 } });
    for (const [connectionId, expected] of [
      ['c1', ['connection', 'task:new']],
      ['c2', ['connection']],
    ] as const) {
      await openQuietly(world, { connectionId, user: '42', dialect: 'hotel' });
      await openConnection(world, connectionId, always);
      expect([connectionId, ...typesOf(world, connectionId)]).toEqual([connectionId, ...expected]);
    }
  });

  it.each([
    ['bellhop', 0],
    ['hotel', 1],
    ['leads', 1],
    // Those say so by a frame, and are greeted then.
    ['socketio', 0],
  ] as const)('are looked after from then on, unless they do so themselves: %s', async (dialect, count) => {
    const world = aWorld();
    const connectedAtMs = world.clock.nowMs();
    await openQuietly(world, { connectionId: 'c1', user: 'a', dialect, connectedAtMs });
    await openConnection(world, 'c1', always);
    expect(world.deadlines.scheduled.map(({ message }) => message)).toEqual(
      Array(count).fill({ kind: 'attend', connectionId: 'c1', tenant: 'default', user: 'a', sinceMs: connectedAtMs }),
    );
  });
});
