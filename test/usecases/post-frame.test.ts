// One post: tried again when that may help, and no trace left of a connection that is gone.
import { describe, expect, it } from 'vitest';
import { heartbeatFrame, pongFrame } from '../../shared/domain/frames.ts';
import { connectionLimits, fanOutLimits } from '../../shared/protocol/limits.ts';
import { postFrame, postTexts } from '../../shared/usecases/post-frame.ts';
import { aWorld, always, openQuietly } from './world.ts';

const never = (): boolean => false;
const frame = pongFrame(0, [], [], undefined);
const text = JSON.stringify(frame);

describe('a frame', () => {
  it('is posted once when the gateway takes it', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    expect(await postFrame(world, connection, frame, always)).toBe('posted');
    expect(world.gateway.posts).toEqual([{ connectionId: connection.connectionId, frame: text, outcome: 'posted' }]);
  });

  it.each(['throttled', 'unavailable'] as const)('is tried again when the gateway says %s', async (outcome) => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    world.gateway.answer(connection.connectionId, outcome, outcome, 'posted');
    expect(await postFrame(world, connection, frame, always)).toBe('posted');
    expect(world.gateway.posts).toHaveLength(3);
    expect(world.clock.waits).toEqual([100, 400]);
  });

  it('is given up after a few tries, and the connection stays', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    world.gateway.answer(connection.connectionId, 'throttled');
    expect(await postFrame(world, connection, frame, always)).toBe('slow');
    expect(world.gateway.posts).toHaveLength(fanOutLimits.postAttemptsMax);
    expect(await world.connections.get(connection.connectionId)).toEqual(connection);
  });

  it('that is too large is not tried again', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    world.gateway.answer(connection.connectionId, 'too_large');
    expect(await postFrame(world, connection, frame, always)).toBe('too_large');
    expect(world.gateway.posts).toHaveLength(1);
    expect(await world.connections.get(connection.connectionId)).toEqual(connection);
  });

  it('is posted once more at the most when the deadline is near: a wait could outlast it', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    world.gateway.answer(connection.connectionId, 'unavailable');
    expect(await postFrame(world, connection, frame, never)).toBe('slow');
    expect(world.gateway.posts).toHaveLength(1);
    expect(world.clock.waits).toEqual([]);
  });
});

describe('a connection that is gone', () => {
  it.each([
    ['younger than half a minute may only be opening', connectionLimits.openingMs, false],
    ['older is closed', connectionLimits.openingMs + 1, true],
  ])('%s', async (_, ageMs, isClosed) => {
    const world = aWorld();
    const connection = await openQuietly(world, { connectedAtMs: world.clock.nowMs() - ageMs });
    world.gateway.answer(connection.connectionId, 'gone');
    expect(await postFrame(world, connection, frame, always)).toBe('gone');
    expect(await world.connections.get(connection.connectionId)).toEqual(isClosed ? null : connection);
    expect(world.gateway.posts).toHaveLength(1);
  });

  it('is closed when it goes between two tries', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    world.gateway.answer(connection.connectionId, 'throttled', 'gone');
    expect(await postFrame(world, connection, frame, always)).toBe('gone');
    expect(world.stores.open()).toEqual([]);
  });
});

describe('several texts', () => {
  it('are posted in order, each of them tried again on its own', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    world.gateway.answer(connection.connectionId, 'throttled', 'posted', 'unavailable', 'posted');
    expect(await postTexts(world, connection, ['1', '2'], always)).toBe('posted');
    expect(world.gateway.posts.map(({ frame: posted }) => posted)).toEqual(['1', '1', '2', '2']);
    expect(world.gateway.frames(connection.connectionId)).toEqual([1, 2]);
  });

  it.each(['gone', 'too_large', 'slow'] as const)('end with the first that is %s', async (result) => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    world.gateway.answer(connection.connectionId, 'posted', result === 'slow' ? 'throttled' : result);
    expect(await postTexts(world, connection, ['1', '2', '3'], never)).toBe(result);
    expect(world.gateway.posts.map(({ frame: posted }) => posted)).toEqual(['1', '2']);
  });

  it('that are none are posted without a post', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    world.gateway.answer(connection.connectionId, 'gone');
    expect(await postFrame(world, connection, heartbeatFrame(0), always)).toBe('posted');
    expect(await postTexts(world, connection, [], always)).toBe('posted');
    expect(world.gateway.posts).toEqual([]);
  });

  it('are those of the dialect of the connection', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, { dialect: 'socketio' });
    await postFrame(world, connection, heartbeatFrame(0), always);
    expect(world.gateway.posts.map(({ frame: posted }) => posted)).toEqual(
      world.dialects.write('socketio', heartbeatFrame(0)),
    );
    expect(world.gateway.posts).toHaveLength(1);
  });
});
