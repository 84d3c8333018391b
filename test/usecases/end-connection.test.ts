// The end of a connection from our side: a last word if there is one, a closed socket, and nothing left, whatever fails.
import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/protocol/failures.ts';
import { presenceLimits } from '../../shared/protocol/limits.ts';
import { endConnection } from '../../shared/usecases/end-connection.ts';
import { anAnonymousConnection } from '../builders/connection.ts';
import { killedAt, watched } from './calls.ts';
import { connectAs, heardBy } from './dialect-clients.ts';
import { aWorld, openQuietly } from './world.ts';

const why = new Failure('token_expired', { message: 'it is over', remedy: 'Come again.' });

describe('the last word', () => {
  it('is the reason, bound to the frame that brought it about', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    await endConnection(world, connection, why, 'x');
    expect(world.gateway.frames(connection.connectionId)).toEqual([
      {
        type: 'error',
        code: 'token_expired',
        message: 'it is over',
        remedy: 'Come again.',
        closing: true,
        replyTo: 'x',
      },
    ]);
  });

  it('is none where there is nothing to say', async () => {
    const world = aWorld();
    await endConnection(world, await openQuietly(world, {}), null);
    expect(world.gateway.posts).toEqual([]);
  });

  it('is told in the client’s dialect: Socket.IO clients are told not to come back by themselves', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, { dialect: 'socketio' });
    await endConnection(world, connection, why);
    expect(heardBy(world, connection.connectionId).map(({ event }) => event)).toEqual(['error', '41']);
  });

  it.each(['gone', 'throttled', 'unavailable'] as const)('is tried once when the gateway says %s', async (outcome) => {
    const world = aWorld();
    const connection = await openQuietly(world, {});
    world.gateway.answer(connection.connectionId, outcome);
    await endConnection(world, connection, why);
    expect(world.gateway.posts).toHaveLength(1);
    expect(world.gateway.closed).toEqual([connection.connectionId]);
    expect(world.stores.open()).toEqual([]);
  });
});

describe('who is looked for later', () => {
  it('the user of a client that others see', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, { dialect: 'socketio', user: 'a' });
    await endConnection(world, connection, null);
    expect(world.deadlines.scheduled).toEqual([
      { message: { kind: 'presence', tenant: 'default', user: 'a' }, delayMs: presenceLimits.graceMs },
    ]);
  });

  it.each(['bellhop', 'hotel', 'leads'] as const)(
    'nobody for %s, whose users are not shown to others',
    async (dialect) => {
      const world = aWorld();
      await endConnection(world, await openQuietly(world, { dialect }), null);
      expect(world.deadlines.scheduled).toEqual([]);
    },
  );

  it('nobody for a connection that never said who it is', async () => {
    const world = aWorld();
    const connection = anAnonymousConnection({ dialect: 'socketio' });
    await world.connections.open(connection);
    await endConnection(world, connection, null);
    expect(world.deadlines.scheduled).toEqual([]);
    expect(world.stores.open()).toEqual([]);
  });
});

describe('when it is killed', () => {
  it.each([0, 1, 2, 3, 4].flatMap((call) => [[call, 'before'] as const, [call, 'after'] as const]))(
    'at call %i, %s it was made, a repetition leaves no open socket, no row, and somebody who looks',
    async (call, moment) => {
      const world = aWorld();
      const connectionId = await connectAs(world, 'socketio', 'a');
      const connection = { connectionId, connectedAtMs: world.clock.nowMs(), dialect: 'socketio' } as const;
      await expect(endConnection(killedAt(world, call, moment), connection, why)).rejects.toThrow();
      await endConnection(world, connection, why);
      expect(world.gateway.closed).toContain(connectionId);
      expect(world.stores.open()).toEqual([]);
      expect(world.deadlines.scheduled.map(({ message }) => message.kind)).toContain('presence');
    },
  );

  it('these are all its calls', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, { dialect: 'socketio' });
    const { ports, calls } = watched(world);
    await endConnection(ports, connection, new Failure('unauthenticated', { message: 'no', remedy: 'none' }));
    expect(calls.filter((call) => call !== 'gateway.post')).toEqual([
      'gateway.close',
      'connections.close',
      'deadlines.schedule',
    ]);
    expect(calls.filter((call) => call === 'gateway.post')).toHaveLength(2);
  });
});
