// Saying who one is: the first time, and again with a newer token, which may last longer and change the roles but not the user.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity, KnownConnection } from '../../shared/domain/connection.ts';
import { gatewayLimits } from '../../shared/protocol/limits.ts';
import { authenticate } from '../../shared/usecases/authenticate.ts';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { anAnonymousConnection } from '../builders/connection.ts';
import { anIdentity } from '../builders/identity.ts';
import { intercepted, killedAt } from './calls.ts';
import { connectAs, emit, heardOf, say, subscribe, tokenOf } from './dialect-clients.ts';
import type { World } from './world.ts';
import { always, aWorld, framesOf, publish, send } from './world.ts';

const minute = 60_000;

async function known(world: World, connectionId: string): Promise<KnownConnection> {
  const connection = await world.connections.get(connectionId);
  if (connection?.state !== 'known') throw new Error('the connection is not known');
  return connection;
}

type Given = Partial<Pick<Identity, 'tenant' | 'user' | 'roles' | 'tokenExpiresAtMs'>>;

async function refresh(world: World, connectionId: string, { user = 'a', ...given }: Given = {}): Promise<void> {
  await send(world, connectionId, { type: 'authenticate', id: 'x', token: tokenOf(world, user, given) });
}

function attending(world: World): number {
  return world.deadlines.scheduled.filter(({ message }) => message.kind === 'attend').length;
}

describe('the first time', () => {
  it.each([
    ['the token of the frame', 'frame', 'a'],
    ['the token that came with the address', null, 'b'],
  ] as const)('it is who %s says', async (_, said, user) => {
    const world = aWorld();
    const identity = anIdentity({ tenant: 'default', user: 'b', roles: [] });
    const connection = anAnonymousConnection({ dialect: 'socketio', identity, connectedAtMs: world.clock.nowMs() });
    await world.connections.open(connection);
    const token = said === null ? null : tokenOf(world, 'a');
    await authenticate(world, connection, { dialect: 'socketio', token, replyTo: 'connect' }, always);
    expect(await known(world, connection.connectionId)).toMatchObject({ user, tenant: 'default' });
    expect(heardOf(world, connection.connectionId, 'connected')).toMatchObject([{ clientId: user }]);
  });

  it('without any token it is refused', async () => {
    const world = aWorld();
    const connection = anAnonymousConnection({ dialect: 'socketio' });
    await world.connections.open(connection);
    const refused = authenticate(world, connection, { dialect: 'socketio', token: null, replyTo: undefined }, always);
    await expect(refused).rejects.toMatchObject({ code: 'unauthenticated', detail: { field: 'token' } });
  });

  it('the first frame chooses the dialect', async () => {
    const world = aWorld();
    const connection = anAnonymousConnection({ connectedAtMs: world.clock.nowMs() });
    await world.connections.open(connection);
    const token = tokenOf(world, 'a');
    await say(world, connection.connectionId, JSON.stringify({ type: 'authenticate', data: { token } }));
    expect(await known(world, connection.connectionId)).toMatchObject({ dialect: 'leads' });
    expect(heardOf(world, connection.connectionId, 'authenticated')).toMatchObject([{ success: true, userId: 'a' }]);
  });
});

describe('a newer token', () => {
  it('of another user or tenant is refused, and everything stays as it was', async () => {
    const given = fc.record({
      user: fc.constantFrom('a', 'b', 'A', 'a '),
      tenant: fc.constantFrom('default', 'other', ''),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ user, tenant }) => {
        const world = aWorld();
        const connectionId = await connectAs(world, 'bellhop', 'a', { tokenExpiresAtMs: world.clock.nowMs() + minute });
        const before = await known(world, connectionId);
        const [cursors, attended] = [world.cursors.all(), attending(world)];
        await refresh(world, connectionId, { user, tenant, roles: ['admin'] });
        const isSame = user === 'a' && tenant === 'default';
        expect(framesOf(world, connectionId, 'refreshed')).toHaveLength(isSame ? 1 : 0);
        if (isSame) return;
        expect(framesOf(world, connectionId, 'error')).toMatchObject([{ code: 'forbidden', replyTo: 'x' }]);
        expect(await known(world, connectionId)).toEqual(before);
        expect([world.cursors.all(), attending(world)]).toEqual([cursors, attended]);
        expect(world.gateway.closed).toEqual([]);
      }),
    );
  });

  it('prolongs the connection, at most to two hours after it began', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 59 }), async (minutes, later) => {
        const world = aWorld();
        const startMs = world.clock.nowMs();
        const connectionId = await connectAs(world, 'bellhop', 'a', { tokenExpiresAtMs: startMs + 60 * minute });
        world.clock.advance(later * minute);
        const tokenExpiresAtMs = world.clock.nowMs() + minutes * minute;
        await refresh(world, connectionId, { tokenExpiresAtMs });
        const expiresAtMs = Math.min(startMs + gatewayLimits.connectionMs, tokenExpiresAtMs);
        expect(await known(world, connectionId)).toMatchObject({ expiresAtMs, connectedAtMs: startMs });
      }),
      { numRuns: 30 },
    );
  });

  it('with other roles changes what the connection hears, and which rooms it may be in', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'bellhop', 'a', { roles: ['technician', 'guest'] });
    for (const room of ['work_order_7', 'lobby']) await send(world, connectionId, { type: 'join', room });
    await refresh(world, connectionId, { roles: ['guest', 'vip'] });
    const topics = ['user:a', 'all', 'role:guest', 'role:vip', 'room:lobby'];
    expect(await known(world, connectionId)).toMatchObject({ roles: ['guest', 'vip'], topics });
    const [frame] = framesOf(world, connectionId, 'refreshed');
    expect(frame).toMatchObject({ roles: ['guest', 'vip'], positions: topics.map((topic) => ({ topic })) });
    for (const topic of ['role:technician', 'role:guest', 'role:vip', 'room:work_order_7', 'room:lobby'] as const) {
      await publish(world, { event: topic, audience: { kind: 'topic', topic } });
    }
    const heard = framesOf(world, connectionId, 'notification').map(({ event }) => event);
    expect(heard).toEqual(['role:guest', 'role:vip', 'room:lobby']);
    await send(world, connectionId, { type: 'join', id: 'back', room: 'work_order_7' });
    expect(framesOf(world, connectionId, 'error')).toMatchObject([{ code: 'forbidden', replyTo: 'back' }]);
  });

  it('with another role loses nothing that is told while it is taken: the place before it is told', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'bellhop', 'a');
    const ports = intercepted(world, async (call, run) => {
      if (call === 'connections.replace') await publish(world, { audience: { kind: 'topic', topic: 'role:vip' } });
      return run();
    });
    await refresh(ports, connectionId, { roles: ['vip'] });
    const [frame] = framesOf(world, connectionId, 'refreshed');
    expect(frame?.['positions']).toContainEqual(expect.objectContaining({ topic: 'role:vip', seq: 0 }));
  });

  it('keeps what a client of the leads has selected', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'leads', 'a');
    await subscribe(world, connectionId, 'wanted');
    const token = tokenOf(world, 'a', { roles: ['sales'] });
    await say(world, connectionId, JSON.stringify({ type: 'authenticate', data: { token } }));
    expect(await known(world, connectionId)).toMatchObject({ events: ['wanted'], roles: ['sales'] });
    await publish(world, { event: 'wanted', audience: { kind: 'topic', topic: 'role:sales' } });
    expect(heardOf(world, connectionId, 'wanted')).toHaveLength(1);
  });

  it('is answered in the words of Socket.IO, and nobody comes or goes by it', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'socketio', 'a');
    const told = world.broadcasts.all().length;
    await emit(world, connectionId, 'authenticate', { token: tokenOf(world, 'a') });
    expect(heardOf(world, connectionId, 'authenticated')).toHaveLength(1);
    expect(world.broadcasts.all()).toHaveLength(told);
  });

  it('says nothing to a socket that closes meanwhile, and leaves nothing of it', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'bellhop', 'a');
    const connection = await known(world, connectionId);
    await disconnect(world, connectionId);
    const posts = world.gateway.posts.length;
    const said = { dialect: 'bellhop', token: tokenOf(world, 'a', { roles: ['vip'] }), replyTo: 'x' } as const;
    await authenticate(world, connection, said, always);
    expect(world.gateway.posts).toHaveLength(posts);
    expect(world.stores.open()).toEqual([]);
  });

  it('instead of which none is sent says nothing, and changes nothing', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'socketio', 'a');
    const before = await known(world, connectionId);
    const posts = world.gateway.posts.length;
    await say(world, connectionId, '40');
    expect(world.gateway.posts).toHaveLength(posts);
    expect(await known(world, connectionId)).toEqual(before);
  });
});

describe('looking after a connection', () => {
  it.each([
    ['hotel', 60, [60, 120], 1],
    ['leads', 60, [60, 120, 60], 1],
    ['socketio', 60, [120, 60], 1],
    ['bellhop', 60, [60, 60], 1],
    ['bellhop', 120, [120, 120], 0],
    ['bellhop', 120, [60], 1],
  ] as const)('is begun once for %s, however often it refreshes', async (dialect, minutes, newer, count) => {
    const world = aWorld();
    const ends = (after: number): number => world.clock.nowMs() + after * minute;
    const connectionId = await connectAs(world, dialect, 'a', { tokenExpiresAtMs: ends(minutes) });
    for (const after of newer) {
      const token = tokenOf(world, 'a', { tokenExpiresAtMs: ends(after) });
      const connection = await known(world, connectionId);
      await authenticate(world, connection, { dialect, token, replyTo: undefined }, always);
    }
    expect(attending(world)).toBe(count);
  });

  it('is begun, wherever the greeting dies', async () => {
    for (let call = 3; call < 12; call += 1) {
      const world = aWorld();
      const connectionId = `c${String(call)}`;
      await connectAs(killedAt(world, call, 'after'), 'leads', 'a', { connectionId }).catch(() => undefined);
      const connection = await world.connections.get(connectionId);
      const wasGreeted = world.gateway.posts.length > 0;
      if (connection?.state === 'known' && wasGreeted) expect([call, attending(world)]).toEqual([call, 1]);
    }
  });
});
