// The authenticate frame: in time, with a good token, and then like a connection that came with one; again, to stay longer.
import { describe, expect, it } from 'vitest';
import type { Identity } from '../../shared/domain/connection.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { connectionLimits } from '../../shared/protocol/limits.ts';
import { anAnonymousConnection } from '../builders/connection.ts';
import { anIdentity } from '../builders/identity.ts';
import { intercepted } from './calls.ts';
import { everyInterleaving } from './interleavings.ts';
import type { World } from './world.ts';
import { aWorld, framesOf, notificationsOf, publish, send, toEveryone, toUsers, wholeRange } from './world.ts';

const connectionId = 'c1';

async function anonymous(): Promise<World> {
  const world = aWorld();
  await world.connections.open(anAnonymousConnection({ connectionId, connectedAtMs: world.clock.nowMs() }));
  return world;
}

function tokenFor(world: World, given: Partial<Identity> = {}): string {
  return world.tokens.issue(anIdentity({ tenant: 'default', user: 'a', roles: [], ...given }));
}

async function authenticate(world: World, token: string, id = 'hello'): Promise<void> {
  await send(world, connectionId, { type: 'authenticate', id, token });
}

describe('a good token', () => {
  it('makes the connection known, and what was missed follows the greeting', async () => {
    const world = await anonymous();
    const { id } = await publish(world, { audience: toUsers('a') });
    await authenticate(world, tokenFor(world));
    expect(await world.connections.get(connectionId)).toMatchObject({ state: 'known', user: 'a', tenant: 'default' });
    const frames = world.gateway.frames(connectionId) as readonly { readonly type: string }[];
    expect(frames.map(({ type }) => type)).toEqual(['connected', 'notification', 'resumed']);
    expect(frames[0]).toMatchObject({ user: 'a', replyTo: 'hello' });
    expect(notificationsOf(world, connectionId)).toEqual([['user:a', 1, id]]);
  });

  it('is what makes it reachable: before, no broadcast came', async () => {
    const world = await anonymous();
    await publish(world, { audience: toEveryone, durability: 'ephemeral' });
    expect(world.gateway.posts).toEqual([]);
    await authenticate(world, tokenFor(world));
    const { id } = await publish(world, { audience: toEveryone, durability: 'ephemeral' });
    expect(notificationsOf(world, connectionId)).toEqual([[undefined, undefined, id]]);
  });

  it('counts two hours from the connection, not from the frame', async () => {
    const world = await anonymous();
    const connectedAtMs = world.clock.nowMs();
    world.clock.advance(9_000);
    await authenticate(world, tokenFor(world));
    expect(world.stores.open()).toMatchObject([{ connectedAtMs, expiresAtMs: connectedAtMs + 2 * 60 * 60_000 }]);
  });

  it('at the last moment is in time, and at ten seconds is too late', async () => {
    const inTime = await anonymous();
    inTime.clock.advance(connectionLimits.authenticateWithinMs - 1);
    await authenticate(inTime, tokenFor(inTime));
    expect(framesOf(inTime, connectionId, 'connected')).toHaveLength(1);
    const late = await anonymous();
    late.clock.advance(connectionLimits.authenticateWithinMs);
    await authenticate(late, tokenFor(late));
    expect(late.gateway.frames(connectionId)).toMatchObject([{ code: 'unauthenticated', replyTo: 'hello' }]);
    expect(late.stores.open()).toMatchObject([{ state: 'anonymous' }]);
    expect(late.cursors.all()).toEqual([]);
  });
});

describe('a second authenticate', () => {
  it('with the same token is answered and changes nothing: nobody is greeted twice', async () => {
    const world = await anonymous();
    const token = tokenFor(world);
    await authenticate(world, token);
    const connection = await world.connections.get(connectionId);
    const cursors = world.cursors.all();
    await authenticate(world, token, 'again');
    expect(world.gateway.frames(connectionId).at(-1)).toMatchObject({ type: 'refreshed', replyTo: 'again' });
    expect(framesOf(world, connectionId, 'connected')).toHaveLength(1);
    expect(await world.connections.get(connectionId)).toEqual(connection);
    expect(world.cursors.all()).toEqual(cursors);
  });

  it('with a newer token prolongs the connection, and changes nothing of who it is and since when', async () => {
    const world = await anonymous();
    const connectedAtMs = world.clock.nowMs();
    await authenticate(world, tokenFor(world, { tokenExpiresAtMs: connectedAtMs + 60_000 }));
    world.clock.advance(30_000);
    await authenticate(world, tokenFor(world, { tokenExpiresAtMs: connectedAtMs + 90_000 }), 'again');
    const expiresAtMs = connectedAtMs + 90_000;
    const same = { state: 'known', user: 'a', tenant: 'default', topics: ['user:a', 'all'] };
    expect(world.stores.open()).toMatchObject([{ ...same, connectedAtMs, expiresAtMs }]);
    expect(world.gateway.frames(connectionId).at(-1)).toMatchObject({
      type: 'refreshed',
      roles: [],
      expiresAt: '2026-11-21T08:31:30.000Z',
      time: '2026-11-21T08:30:30.000Z',
    });
  });

  it('makes a connection whose token has expired live again', async () => {
    const world = await anonymous();
    await authenticate(world, tokenFor(world, { tokenExpiresAtMs: world.clock.nowMs() + 1_000 }));
    world.clock.advance(1_000);
    await send(world, connectionId, { type: 'ping' });
    expect(world.gateway.frames(connectionId).at(-1)).toMatchObject({ code: 'token_expired' });
    await authenticate(world, tokenFor(world), 'again');
    await send(world, connectionId, { type: 'ping' });
    expect(world.gateway.frames(connectionId).at(-1)).toMatchObject({ type: 'pong' });
    const { id } = await publish(world, { audience: toEveryone });
    expect(notificationsOf(world, connectionId)).toEqual([['all', 1, id]]);
  });

  it.each([
    ['of another user', { user: 'b' }],
    ['of another tenant', { tenant: 'elsewhere' }],
  ])('with a token %s is refused and changes nothing', async (_, given) => {
    const world = await anonymous();
    await authenticate(world, tokenFor(world));
    const connection = await world.connections.get(connectionId);
    await authenticate(world, tokenFor(world, given), 'again');
    expect(world.gateway.frames(connectionId).at(-1)).toMatchObject({
      type: 'error',
      code: 'forbidden',
      field: 'token',
      replyTo: 'again',
    });
    expect(await world.connections.get(connectionId)).toEqual(connection);
    expect(world.cursors.all().map(({ user, tenant }) => [user, tenant])).toEqual([
      ['a', 'default'],
      ['a', 'default'],
    ]);
  });

  it('at the same time, in every order, leaves one identity, which alone is greeted', async () => {
    const played = await everyInterleaving(async (turns) => {
      const world = await anonymous();
      const gated = ['connections.get', 'cursors.get', 'connections.identify', 'connections.replace'];
      const ports = intercepted(world, async (call, run) => (gated.includes(call) ? turns.take(run) : run()));
      const tokens = ['a', 'b'].map((user) => tokenFor(world, { user }));
      await turns.finish(...tokens.map((token) => authenticate(ports, token)));
      const [connection] = world.stores.open();
      const greeted = framesOf(world, connectionId, 'connected').map(({ user }) => user);
      expect(greeted).toEqual([connection?.state === 'known' ? connection.user : null]);
    });
    expect(played).toBeGreaterThan(20);
  });
});

describe('a token that is not good', () => {
  it.each(['unknown-token-text', 'expired'])('is refused without any of it in the answer: %s', async (kind) => {
    const world = await anonymous();
    const token = kind === 'expired' ? tokenFor(world, { tokenExpiresAtMs: world.clock.nowMs() }) : kind;
    await authenticate(world, token);
    const code = kind === 'expired' ? 'token_expired' : 'token_invalid';
    expect(world.gateway.frames(connectionId)).toMatchObject([
      { type: 'error', code, field: 'token', replyTo: 'hello' },
    ]);
    expect(world.gateway.posts.map(({ frame }) => frame).join()).not.toContain(token);
    expect(world.stores.open()).toMatchObject([{ state: 'anonymous' }]);
    expect(world.cursors.all()).toEqual([]);
  });

  it('leaves the chance to send a good one within the ten seconds', async () => {
    const world = await anonymous();
    await authenticate(world, 'unknown-token-text');
    await authenticate(world, tokenFor(world));
    expect(framesOf(world, connectionId, 'connected')).toHaveLength(1);
  });

  it.each([
    ['empty', ''],
    ['longer than any address could carry', 't'.repeat(connectionLimits.tokenCharactersMax + 1)],
  ])('because it is %s is refused before it is verified', async (_, token) => {
    const world = await anonymous();
    await authenticate(world, token);
    expect(world.gateway.frames(connectionId)).toMatchObject([{ code: 'invalid_field', field: 'token' }]);
  });
});

it('a socket that closes while its token is verified stays closed, and nobody is greeted', async () => {
  const world = await anonymous();
  const ports = intercepted(world, async (call, run) => {
    if (call === 'connections.identify') await world.connections.close(connectionId, world.clock.nowMs());
    return run();
  });
  await authenticate(ports, tokenFor(world));
  expect(world.gateway.posts).toEqual([]);
  const { subscribers } = await world.subscriptions.page('default', userTopic('a'), 0, wholeRange, 10);
  expect(subscribers).toEqual([]);
});
