// Too many frames of one connection: first refused one by one, then the socket is closed, and others go on undisturbed.
import { describe, expect, it } from 'vitest';
import { frameLimits } from '../../shared/protocol/limits.ts';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import { anAnonymousConnection } from '../builders/connection.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import { always, aWorld, framesOf, openQuietly, send } from './world.ts';

const { framesMax, framesBeforeClosing, windowMs } = frameLimits;

/** A world with one connection, `c1`, of which so many frames came a moment ago. */
async function after(frames: number): Promise<World> {
  const world = aWorld();
  await openQuietly(world, { connectionId: 'c1', user: 'a' });
  await countTo(world, frames);
  return world;
}

async function countTo(world: World, frames: number, connectionId = 'c1'): Promise<void> {
  for (let count = 0; count < frames; count += 1) await world.meter.count(connectionId, world.clock.nowMs());
}

describe('the frames of one connection', () => {
  it('are obeyed up to the limit', async () => {
    const world = await after(framesMax - 1);
    await send(world, 'c1', { type: 'ping' });
    expect(world.gateway.frames('c1')).toMatchObject([{ type: 'pong' }]);
  });

  it('are refused beyond it, each with its id and without being obeyed', async () => {
    const world = await after(framesMax);
    const { ports, calls } = watched(world);
    await send(ports, 'c1', { type: 'ping', id: 'x' });
    expect(world.gateway.frames('c1')).toMatchObject([{ type: 'error', code: 'rate_limited', replyTo: 'x' }]);
    expect(world.gateway.frames('c1')[0]).not.toHaveProperty('closing');
    expect(world.gateway.closed).toEqual([]);
    expect(calls).toEqual(['connections.get', 'meter.count', 'gateway.post']);
  });

  it('count when they cannot be read, too', async () => {
    const world = await after(framesMax - 1);
    const atMs = world.clock.nowMs();
    for (const text of ['{', '{']) await handleFrame(world, { connectionId: 'c1', text, atMs }, always);
    expect(framesOf(world, 'c1', 'error').map(({ code }) => code)).toEqual(['invalid_json', 'rate_limited']);
  });

  it('are still refused singly just before the socket is closed', async () => {
    const world = await after(framesBeforeClosing - 1);
    await send(world, 'c1', { type: 'ping' });
    expect(world.gateway.closed).toEqual([]);
    expect(world.stores.open()).toHaveLength(1);
  });

  it.each(['known', 'anonymous'])('close the socket when they go on and on: %s', async (state) => {
    const world = await after(0);
    if (state === 'anonymous') {
      await world.connections.open(anAnonymousConnection({ connectionId: 'c2', connectedAtMs: world.clock.nowMs() }));
    }
    const connectionId = state === 'known' ? 'c1' : 'c2';
    await countTo(world, framesBeforeClosing, connectionId);
    await send(world, connectionId, { type: 'ping', id: 'x' });
    expect(world.gateway.frames(connectionId)).toMatchObject([
      { type: 'error', code: 'rate_limited', closing: true, replyTo: 'x' },
    ]);
    expect(world.gateway.closed).toEqual([connectionId]);
    expect(world.stores.open().map(({ connectionId: open }) => open)).not.toContain(connectionId);
  });

  it('count anew in the next window, by when they came rather than by when they are handled', async () => {
    const world = await after(framesMax);
    const cameMs = world.clock.nowMs();
    world.clock.advance(windowMs);
    await handleFrame(world, { connectionId: 'c1', text: '{"type":"ping"}', atMs: cameMs }, always);
    await send(world, 'c1', { type: 'ping' });
    expect(world.gateway.frames('c1')).toMatchObject([{ code: 'rate_limited' }, { type: 'pong' }]);
  });

  it('are nothing to another connection of the same user', async () => {
    const world = await after(framesBeforeClosing);
    await openQuietly(world, { connectionId: 'c2', user: 'a' });
    await send(world, 'c2', { type: 'ping' });
    expect(world.gateway.frames('c2')).toMatchObject([{ type: 'pong' }]);
  });
});
