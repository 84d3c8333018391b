// Looking after connections: heartbeats, leases, what could not be sent, and the end when a token, the silence or two hours say so.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import { presenceEvents } from '../../shared/domain/presence.ts';
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import { dialectNames } from '../../shared/protocol/dialect-names.ts';
import { attendLimits, connectionLimits, gatewayLimits, presenceLimits } from '../../shared/protocol/limits.ts';
import { attend, beginAttending, whyExpired } from '../../shared/usecases/attend.ts';
import { enforceDeadline } from '../../shared/usecases/enforce-deadline.ts';
import { checkPresence } from '../../shared/usecases/presence.ts';
import { aConnection, anAnonymousConnection } from '../builders/connection.ts';
import { connectAs, heardBy, heardOf, say, subscribe } from './dialect-clients.ts';
import { agenda, timetable } from './timetable.ts';
import type { World } from './world.ts';
import { always, aWorld, openQuietly, publish, toUsers } from './world.ts';

const minute = 60_000;
const { everyMs } = attendLimits;
const { leaseMs } = connectionLimits;
const { connectionMs } = gatewayLimits;
const otherDialects = ['hotel', 'leads', 'socketio'] as const;

/** As when it was attended to last `agoMs` ago. */
async function attendTo(world: World, connectionId: string, user = 'a', agoMs = everyMs): Promise<void> {
  const sinceMs = world.clock.nowMs() - agoMs;
  await attend(world, { kind: 'attend', connectionId, tenant: 'default', user, sinceMs }, always);
}

/** A world with one quiet connection, of the user `a`, that has just opened. */
async function withOne(dialect: DialectName, given: Partial<KnownConnection> = {}) {
  const world = aWorld();
  const connectedAtMs = world.clock.nowMs();
  const times = { connectedAtMs, expiresAtMs: connectedAtMs + connectionMs, leaseUntilMs: connectedAtMs + leaseMs };
  const connection = await openQuietly(world, { dialect, user: 'a', ...times, ...given });
  return { world, connection, connectionId: connection.connectionId };
}

/** When each message of this kind arrives, from now. */
function delaysOf(world: World, kind: string): readonly number[] {
  return world.deadlines.scheduled.flatMap(({ message, delayMs }) => (message.kind === kind ? [delayMs] : []));
}

describe('looking after a connection begins', () => {
  it.each([
    ['bellhop', connectionMs, []],
    ['bellhop', connectionMs - 1, [everyMs]],
    ['bellhop', minute, [minute]],
    ['bellhop', -minute, [0]],
    ['hotel', connectionMs, [everyMs]],
    ['leads', connectionMs, [everyMs]],
    ['socketio', connectionMs, [everyMs]],
    ['socketio', minute, [minute]],
  ] as const)('for %s, with %i ms to go: %j', async (dialect, leftMs, delays) => {
    const { world, connection } = await withOne(dialect);
    await beginAttending(world, { ...connection, expiresAtMs: connection.connectedAtMs + leftMs });
    expect(delaysOf(world, 'attend')).toEqual(delays);
  });
});

describe('the heartbeat', () => {
  it.each([
    ['bellhop', []],
    ['hotel', ['ping']],
    ['leads', ['ping']],
    ['socketio', ['2']],
  ] as const)('of %s is %j', async (dialect, events) => {
    const { world, connectionId } = await withOne(dialect, { expiresAtMs: Date.UTC(2026, 10, 21, 9, 30) });
    await attendTo(world, connectionId);
    expect(heardBy(world, connectionId).map(({ event }) => event)).toEqual(events);
  });

  it.each(['hotel', 'leads'] as const)('that the gateway takes renews the lease of %s', async (dialect) => {
    const { world, connectionId } = await withOne(dialect);
    world.clock.advance(everyMs);
    await attendTo(world, connectionId);
    expect(await world.connections.get(connectionId)).toMatchObject({ leaseUntilMs: world.clock.nowMs() + leaseMs });
  });

  it.each(['throttled', 'unavailable'] as const)('that ends %s renews nothing, and ends nothing', async (outcome) => {
    const { world, connection, connectionId } = await withOne('hotel');
    world.clock.advance(everyMs);
    world.gateway.answer(connectionId, outcome);
    await attendTo(world, connectionId);
    expect(await world.connections.get(connectionId)).toEqual(connection);
    expect(delaysOf(world, 'attend')).toEqual([everyMs]);
  });

  it('renews the lease of a Socket.IO client when it is answered, and not before', async () => {
    const { world, connection, connectionId } = await withOne('socketio');
    world.clock.advance(everyMs);
    await attendTo(world, connectionId);
    expect(await world.connections.get(connectionId)).toEqual(connection);
    await say(world, connectionId, '3');
    expect(await world.connections.get(connectionId)).toMatchObject({ leaseUntilMs: world.clock.nowMs() + leaseMs });
  });
});

describe('what could not be sent', () => {
  it('is sent the next time, once', async () => {
    const { world, connectionId } = await withOne('hotel');
    world.gateway.answer(connectionId, 'throttled', 'throttled', 'throttled', 'posted');
    await publish(world, { event: 'late', data: { number: 1 }, audience: toUsers('a') });
    expect(heardOf(world, connectionId, 'late')).toEqual([]);
    world.clock.advance(attendLimits.settleMs);
    for (let time = 0; time < 2; time += 1) await attendTo(world, connectionId);
    expect(heardOf(world, connectionId, 'late')).toEqual([{ number: 1 }]);
  });

  it('is left alone while whoever tells the broadcast may still be at it', async () => {
    const { world, connectionId } = await withOne('hotel');
    world.gateway.answer(connectionId, 'throttled', 'throttled', 'throttled', 'posted');
    const { acceptedAtMs } = await publish(world, { event: 'late', audience: toUsers('a') });
    world.clock.advance(acceptedAtMs + attendLimits.settleMs - 1 - world.clock.nowMs());
    await attendTo(world, connectionId);
    expect(heardOf(world, connectionId, 'late')).toEqual([]);
  });

  it('waits for a client of the leads that has selected nothing', async () => {
    const { world, connectionId } = await withOne('leads');
    await publish(world, { event: 'late', data: { number: 1 }, audience: toUsers('a') });
    await attendTo(world, connectionId);
    expect(heardOf(world, connectionId, 'late')).toEqual([]);
    await subscribe(world, connectionId, 'late');
    expect(heardOf(world, connectionId, 'late')).toEqual([{ number: 1 }]);
  });
});

describe('a connection ends', () => {
  it.each(otherDialects)('of %s, without a word after two hours', async (dialect) => {
    const { world, connectionId } = await withOne(dialect);
    world.clock.advance(connectionMs);
    await attendTo(world, connectionId);
    expect(world.gateway.posts).toEqual([]);
    expect(world.gateway.closed).toEqual([connectionId]);
    expect(world.stores.open()).toEqual([]);
    expect(delaysOf(world, 'attend')).toEqual([]);
  });

  it('with its token: a client of our own is told so, and that it is the end', async () => {
    const { world, connection, connectionId } = await withOne('bellhop', { expiresAtMs: Date.UTC(2026, 10, 21, 9) });
    world.clock.advance(connection.expiresAtMs - connection.connectedAtMs - 1);
    await attendTo(world, connectionId);
    expect([world.gateway.posts, delaysOf(world, 'attend')]).toEqual([[], [1]]);
    world.clock.advance(1);
    await attendTo(world, connectionId);
    expect(world.gateway.frames(connectionId)).toMatchObject([{ type: 'error', code: 'token_expired', closing: true }]);
    expect(world.gateway.closed).toEqual([connectionId]);
    expect(delaysOf(world, 'attend')).toEqual([1]);
  });

  it.each([
    ['hotel', ['error']],
    ['leads', ['error']],
    ['socketio', ['error', '41']],
  ] as const)('with its token: %s is told %j', async (dialect, events) => {
    const { world, connectionId } = await withOne(dialect, { expiresAtMs: Date.UTC(2026, 10, 21, 8, 31) });
    world.clock.advance(minute);
    await attendTo(world, connectionId);
    expect(heardBy(world, connectionId).map(({ event }) => event)).toEqual(events);
    expect(heardOf(world, connectionId, 'error')).toMatchObject([{ code: 'token_expired' }]);
    expect(world.gateway.closed).toEqual([connectionId]);
  });

  it('when a Socket.IO client has been silent for its lease, and its user is looked for', async () => {
    const { world, connectionId } = await withOne('socketio');
    world.clock.advance(leaseMs - 1);
    await attendTo(world, connectionId);
    expect(world.gateway.closed).toEqual([]);
    world.clock.advance(1);
    await attendTo(world, connectionId);
    expect(world.gateway.closed).toEqual([connectionId]);
    expect([delaysOf(world, 'attend'), delaysOf(world, 'presence')]).toEqual([[everyMs], [presenceLimits.graceMs]]);
  });

  it('not when a Socket.IO client has answered all that it was sent, and it is the look that comes late', async () => {
    const { world, connectionId } = await withOne('socketio');
    world.clock.advance(2 * leaseMs);
    await attendTo(world, connectionId, 'a', 2 * leaseMs);
    expect(world.gateway.closed).toEqual([]);
    expect(world.gateway.posts.map(({ frame }) => frame)).toEqual(['2']);
    expect(delaysOf(world, 'attend')).toEqual([everyMs]);
  });

  it.each(['hotel', 'leads'] as const)(
    'never for the silence of %s, as long as the gateway takes posts',
    async (dialect) => {
      const { world, connectionId } = await withOne(dialect);
      world.clock.advance(leaseMs + minute);
      await attendTo(world, connectionId);
      expect(world.gateway.closed).toEqual([]);
      expect(delaysOf(world, 'attend')).toEqual([everyMs]);
    },
  );

  it.each(otherDialects)('of %s, when the gateway says that it is gone', async (dialect) => {
    const { world, connectionId } = await withOne(dialect);
    world.clock.advance(minute);
    world.gateway.answer(connectionId, 'gone');
    await attendTo(world, connectionId);
    expect(world.stores.open()).toEqual([]);
    expect(delaysOf(world, 'attend')).toEqual([]);
  });
});

describe('a connection that is not there any more', () => {
  it('is looked after no longer, and its user is looked for when the grace is over', async () => {
    const world = aWorld();
    await attendTo(world, 'closed');
    expect(world.deadlines.scheduled).toEqual([
      { message: { kind: 'presence', tenant: 'default', user: 'a' }, delayMs: presenceLimits.graceMs },
    ]);
  });

  it('whose user was never told to have gone, for the close died half way: others hear it', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'socketio', 'a');
    await world.connections.close(connectionId, world.clock.nowMs());
    await attendTo(world, connectionId);
    const [last] = world.deadlines.scheduled.slice(-1);
    if (last === undefined) throw new Error('nothing is scheduled');
    await enforceDeadline(world, last.message, always);
    expect(world.broadcasts.all().map(({ event }) => event)).toEqual([presenceEvents.came, presenceEvents.left]);
  });
});

it('who wakes up after the lease has run out, and has been missed, is there again, and others hear it', async () => {
  const world = aWorld();
  const connectionId = await connectAs(world, 'socketio', 'a');
  world.clock.advance(leaseMs);
  await checkPresence(world, { tenant: 'default', user: 'a' });
  await say(world, connectionId, '3');
  expect(world.broadcasts.all().map(({ event }) => event)).toEqual([
    presenceEvents.came,
    presenceEvents.left,
    presenceEvents.came,
  ]);
  expect(await world.presence.get('default', 'a')).toMatchObject({ state: 'online' });
});

describe('why a connection is over', () => {
  it.each([
    ['its token', aConnection({ connectedAtMs: 0, expiresAtMs: connectionMs - 1 }), 'token_expired'],
    ['its two hours', aConnection({ connectedAtMs: 0, expiresAtMs: connectionMs }), undefined],
    ['its time to say who it is', anAnonymousConnection(), 'unauthenticated'],
  ])('%s', (_, connection, code) => {
    expect(whyExpired(connection)?.code).toBe(code);
  });
});

/** A whole life: every deadline in its time, and an answer to every heartbeat. */
async function live(
  dialect: DialectName,
  tokenMs: number,
): Promise<{ readonly world: World; readonly attended: number }> {
  const plain = aWorld();
  const { clock } = plain;
  const days = agenda(clock);
  const startMs = clock.nowMs();
  let attended = 0;
  let connectionId = '';
  const deadlines = timetable(clock, ({ atMs, message }) => {
    days.add(atMs, async () => {
      if (message.kind === 'attend') attended += 1;
      await enforceDeadline(world, message, always);
      const isOpen = world.stores.open().length > 0;
      if (isOpen && heardBy(world, connectionId).at(-1)?.event === '2') await say(world, connectionId, '3');
    });
  });
  const world: World = { ...plain, deadlines };
  connectionId = await connectAs(world, dialect, 'a', { tokenExpiresAtMs: startMs + tokenMs });
  await days.run(startMs + 2 * connectionMs);
  return { world, attended };
}

it('over a whole life: one chain of messages, until the token or two hours end it, and a word only for the token', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...dialectNames),
      fc.integer({ min: 1, max: 1.5 * connectionMs }),
      async (...given) => {
        const [dialect, tokenMs] = given;
        const { world, attended } = await live(dialect, tokenMs);
        const endsWithToken = tokenMs < connectionMs;
        const isAttended = dialect !== 'bellhop' || endsWithToken;
        const lifeMs = Math.min(tokenMs, connectionMs);
        expect(attended).toBe(isAttended ? Math.ceil(lifeMs / everyMs) : 0);
        expect(world.gateway.closed).toHaveLength(isAttended ? 1 : 0);
        const words = world.gateway.posts.filter(({ frame }) => frame.includes('token_expired'));
        expect(words).toHaveLength(endsWithToken ? 1 : 0);
      },
    ),
    { numRuns: 100 },
  );
});
