// The decision whether a socket may open: its origin, its token, and what is left behind in each case.
import { describe, expect, it } from 'vitest';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { connectionLimits, gatewayLimits } from '../../shared/protocol/limits.ts';
import type { ConnectRequest } from '../../shared/usecases/connect.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { anIdentity } from '../builders/identity.ts';
import { failing, killedAt, watched } from './calls.ts';
import type { World } from './world.ts';
import { aConnectRequest, aWorld, connectUser, publish, toEveryone, toUsers } from './world.ts';

function aRequest(world: World, given: Partial<ConnectRequest> = {}): ConnectRequest {
  return aConnectRequest({ connectionId: 'c1', connectedAtMs: world.clock.nowMs(), ...given });
}

async function refusalOf(world: World, request: ConnectRequest): Promise<Failure> {
  const refusal: unknown = await connect(world, request).catch((error: unknown) => error);
  if (refusal instanceof Failure) return refusal;
  throw new Error('it was not refused');
}

/** Nothing was stored, nobody will be greeted, nothing is to be closed later. */
function expectNoTrace(world: World): void {
  expect(world.stores.open()).toEqual([]);
  expect(world.cursors.all()).toEqual([]);
  expect(world.opener.started).toEqual([]);
  expect(world.deadlines.scheduled).toEqual([]);
}

describe('with a valid token', () => {
  it('the connection is stored as what the token says, and greeted later', async () => {
    const world = aWorld();
    const identity = anIdentity({ tenant: 'hotel', user: 'a', roles: ['guest'] });
    await connect(world, aRequest(world, { token: world.tokens.issue(identity) }));
    expect(world.stores.open()).toEqual([
      {
        state: 'known',
        connectionId: 'c1',
        connectedAtMs: world.clock.nowMs(),
        expiresAtMs: world.clock.nowMs() + gatewayLimits.connectionMs,
        dialect: 'bellhop',
        tenant: 'hotel',
        user: 'a',
        roles: ['guest'],
        topics: ['user:a', 'all', 'role:guest'],
        leaseUntilMs: world.clock.nowMs() + connectionLimits.leaseMs,
      },
    ]);
    expect(world.opener.started).toEqual(['c1']);
    expect(world.gateway.posts).toEqual([]);
    expect(world.deadlines.scheduled).toEqual([]);
  });

  it('the connection ends with its token, when that is sooner than the gateway’s two hours', async () => {
    const world = aWorld();
    const tokenExpiresAtMs = world.clock.nowMs() + 60_000;
    await connect(world, aRequest(world, { token: world.tokens.issue(anIdentity({ tokenExpiresAtMs })) }));
    expect(world.stores.open()).toMatchObject([{ expiresAtMs: tokenExpiresAtMs }]);
  });

  it('the user is a member before there is a subscription, and greeted after', async () => {
    const world = aWorld();
    const { ports, calls } = watched(world);
    await connect(ports, aRequest(world, { token: world.tokens.issue(anIdentity()) }));
    expect(calls.lastIndexOf('cursors.join')).toBeGreaterThan(-1);
    expect(calls.lastIndexOf('cursors.join')).toBeLessThan(calls.indexOf('connections.open'));
    expect(calls.at(-1)).toBe('opener.start');
  });

  it('the opener is not started for a socket that is gone already', async () => {
    const world = aWorld();
    await world.connections.close('c1', world.clock.nowMs());
    await connect(world, aRequest(world, { token: world.tokens.issue(anIdentity()) }));
    expect(world.opener.started).toEqual([]);
  });

  it('a death at any call opens nothing that a repetition would not find', async () => {
    const { ports, calls } = watched(aWorld());
    await connect(ports, aRequest(ports, { token: ports.tokens.issue(anIdentity()) }));
    expect(calls.length).toBeGreaterThan(0);
    for (const number of calls.keys()) {
      const world = aWorld();
      const token = world.tokens.issue(anIdentity({ tenant: 'default', user: 'a' }));
      await expect(connect(killedAt(world, number, 'before'), aRequest(world, { token }))).rejects.toThrow();
      // The gateway refuses the socket then; the client comes again with another one.
      await connect(world, aRequest(world, { connectionId: 'c2', token }));
      expect(world.opener.started).toEqual(['c2']);
      expect(world.cursors.all()).toHaveLength(3);
    }
  });

  it('an opener that cannot be started refuses the socket: it would never be greeted', async () => {
    const world = aWorld();
    const broken = failing(world, (name) => name === 'opener.start');
    const token = world.tokens.issue(anIdentity());
    await expect(connect(broken, aRequest(world, { token }))).rejects.toThrow('planted');
  });
});

describe('the place of a user', () => {
  it('who is new is the beginning of their own log, and the end of the wide one', async () => {
    const world = aWorld();
    await publish(world, { audience: toUsers('a') });
    await publish(world, { audience: toEveryone });
    await connect(
      world,
      aRequest(world, { token: world.tokens.issue(anIdentity({ tenant: 'default', user: 'a', roles: [] })) }),
    );
    const places = world.cursors.all().map(({ topic, joinedSeq, deliveredSeq }) => [topic, joinedSeq, deliveredSeq]);
    expect(places).toEqual([
      [userTopic('a'), 0, 0],
      [everyone, 1, 1],
    ]);
  });

  it('who comes again is where they were', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    const before = world.cursors.all();
    await publish(world, { audience: toEveryone });
    await connectUser(world, 'a');
    expect(world.cursors.all()).toEqual(before);
  });
});

describe('without a token', () => {
  it('the connection is anonymous, and has ten seconds', async () => {
    const world = aWorld();
    await connect(world, aRequest(world));
    expect(world.stores.open()).toEqual([
      {
        state: 'anonymous',
        connectionId: 'c1',
        connectedAtMs: world.clock.nowMs(),
        expiresAtMs: world.clock.nowMs() + connectionLimits.authenticateWithinMs,
        dialect: 'bellhop',
        identity: null,
      },
    ]);
    expect(world.deadlines.scheduled).toEqual([
      { message: { kind: 'authenticate', connectionId: 'c1' }, delayMs: connectionLimits.authenticateWithinMs },
    ]);
    expect(world.opener.started).toEqual([]);
    expect(world.cursors.all()).toEqual([]);
  });

  it('a deadline that cannot be set refuses the socket: it would stay open unauthenticated', async () => {
    const world = aWorld();
    const broken = failing(world, (name) => name === 'deadlines.schedule');
    await expect(connect(broken, aRequest(world))).rejects.toThrow('planted');
  });
});

describe('a token that is not good', () => {
  it.each(['', 'forged-token-text', 'eyJhbGciOiJub25lIn0.e30.'])('is refused without a trace: %j', async (token) => {
    const world = aWorld();
    const refusal = await refusalOf(world, aRequest(world, { token }));
    expect(refusal.code).toBe('token_invalid');
    if (token !== '') expect(refusal.message + JSON.stringify(refusal.detail)).not.toContain(token);
    expectNoTrace(world);
  });

  it('because it has expired is refused as that, at the very moment of its end', async () => {
    const world = aWorld();
    const token = world.tokens.issue(anIdentity({ tokenExpiresAtMs: world.clock.nowMs() }));
    const refusal = await refusalOf(world, aRequest(world, { token }));
    expect(refusal.code).toBe('token_expired');
    expect(refusal.message + JSON.stringify(refusal.detail)).not.toContain(token);
    expectNoTrace(world);
  });
});

describe('an origin', () => {
  const allowedOrigins = ['https://app.example.com', 'https://admin.example.com:8443'];

  it.each([...allowedOrigins, undefined])(
    'that is allowed, or that no browser sent, may connect: %s',
    async (origin) => {
      const world = { ...aWorld(), allowedOrigins };
      await connect(world, aRequest(world, { origin }));
      expect(world.stores.open()).toHaveLength(1);
    },
  );

  it('may be any when none is listed', async () => {
    const world = aWorld();
    await connect(world, aRequest(world, { origin: 'https://anything.example' }));
    expect(world.stores.open()).toHaveLength(1);
  });

  it.each([
    '',
    'null',
    'http://app.example.com',
    'https://app.example.com:444',
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://sub.app.example.com',
    'https://APP.example.com',
    'https://app.example.com/',
    'https://admin.example.com',
  ])('that only looks like an allowed one may not: %j', async (origin) => {
    const world = { ...aWorld(), allowedOrigins };
    const token = world.tokens.issue(anIdentity());
    const refusal = await refusalOf(world, aRequest(world, { origin, token }));
    expect(refusal.code).toBe('forbidden');
    expectNoTrace(world);
  });
});

describe('a door of another dialect', () => {
  const websocket = { version: '4', transport: 'websocket' };

  it('a client of Socket.IO is nobody until it says so; whom its token names is kept for then', async () => {
    const world = aWorld();
    const identity = anIdentity();
    const token = world.tokens.issue(identity);
    await connect(world, aRequest(world, { dialect: 'socketio', engine: websocket, token }));
    expect(world.stores.open()).toMatchObject([{ state: 'anonymous', dialect: 'socketio', identity }]);
    expect(world.opener.started).toEqual(['c1']);
    expect(world.deadlines.scheduled).toMatchObject([{ message: { kind: 'authenticate', connectionId: 'c1' } }]);
    expect(world.cursors.all()).toEqual([]);
  });

  it('a client of Socket.IO may bring its token later', async () => {
    const world = aWorld();
    await connect(world, aRequest(world, { dialect: 'socketio', engine: websocket }));
    expect(world.stores.open()).toMatchObject([{ state: 'anonymous', identity: null }]);
    expect(world.opener.started).toEqual(['c1']);
  });

  it.each([
    ['an older version of it', { version: '3', transport: 'websocket' }, 'query EIO'],
    ['no version', { version: undefined, transport: 'websocket' }, 'query EIO'],
    ['long polling', { version: '4', transport: 'polling' }, 'query transport'],
  ])('a client of Socket.IO that speaks %s is refused without a trace', async (_, engine, field) => {
    const world = aWorld();
    const token = world.tokens.issue(anIdentity());
    const refusal = await refusalOf(world, aRequest(world, { dialect: 'socketio', engine, token }));
    expect([refusal.code, refusal.detail.field]).toEqual(['bad_request', field]);
    expectNoTrace(world);
  });

  it('a guest of a hotel whose token names that guest is known at once, and greeted', async () => {
    const world = aWorld();
    const token = world.tokens.issue(anIdentity({ user: '42' }));
    await connect(world, aRequest(world, { dialect: 'hotel', token, guestId: '42' }));
    expect(world.stores.open()).toMatchObject([{ state: 'known', dialect: 'hotel', user: '42' }]);
    expect(world.opener.started).toEqual(['c1']);
  });

  it.each([
    ['without a token', false, '42', 'unauthenticated', 'query token'],
    ['that names nobody', true, undefined, 'missing_field', 'query guestId'],
    ['with the token of another guest', true, '43', 'forbidden', 'query guestId'],
    ['with a name that only begins alike', true, '4', 'forbidden', 'query guestId'],
  ])('a guest of a hotel %s is refused without a trace', async (_, hasToken, guestId, code, field) => {
    const world = aWorld();
    const token = hasToken ? world.tokens.issue(anIdentity({ user: '42' })) : undefined;
    const refusal = await refusalOf(world, aRequest(world, { dialect: 'hotel', token, guestId }));
    expect([refusal.code, refusal.detail.field]).toEqual([code, field]);
    expectNoTrace(world);
  });

  it.each(['hotel', 'socketio'] as const)('of %s is closed to origins that are not allowed', async (dialect) => {
    const world = { ...aWorld(), allowedOrigins: ['https://app.example.com'] };
    const token = world.tokens.issue(anIdentity({ user: '42' }));
    const given = { dialect, token, guestId: '42', engine: websocket, origin: 'https://evil.example' };
    expect((await refusalOf(world, aRequest(world, given))).code).toBe('forbidden');
    expectNoTrace(world);
  });
});
