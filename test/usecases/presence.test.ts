// Who comes and goes: told once each time, to others and not to oneself, in every order of what happens at the same time.
import { describe, expect, it } from 'vitest';
import { presenceEvents } from '../../shared/domain/presence.ts';
import { presenceTopic } from '../../shared/domain/room.ts';
import { presenceLimits } from '../../shared/protocol/limits.ts';
import { arrive, checkPresence, lookLater, setStatus } from '../../shared/usecases/presence.ts';
import { aConnection, anAnonymousConnection } from '../builders/connection.ts';
import { failing, intercepted } from './calls.ts';
import { connectAs, heardOf } from './dialect-clients.ts';
import { everyInterleaving } from './interleavings.ts';
import type { World } from './world.ts';
import { aWorld, drain, openQuietly } from './world.ts';

const person = { tenant: 'default', user: 'a' };
const { came, left } = presenceEvents;

function told(world: World): readonly string[] {
  return world.broadcasts.all().map(({ event }) => event);
}

describe('coming', () => {
  it('is told with the first connection, and with none beside it', async () => {
    const world = aWorld();
    const first = await openQuietly(world, { dialect: 'socketio', user: 'a' });
    await arrive(world, first);
    await arrive(world, await openQuietly(world, { dialect: 'socketio', user: 'a' }));
    await arrive(world, first);
    expect(world.broadcasts.all()).toMatchObject([
      {
        event: came,
        data: { userId: 'a' },
        audience: { kind: 'topic', topic: presenceTopic },
        durability: 'ephemeral',
        except: ['a'],
      },
    ]);
    expect(await world.presence.get('default', 'a')).toMatchObject({ state: 'online', arrivals: 3 });
  });

  it.each(['bellhop', 'hotel', 'leads'] as const)('of a client of %s is nobody’s business', async (dialect) => {
    const world = aWorld();
    await arrive(world, await openQuietly(world, { dialect, user: 'a' }));
    expect(told(world)).toEqual([]);
    expect(await world.presence.get('default', 'a')).toBeNull();
  });

  it('is heard by the others of the team and by no other window of one’s own', async () => {
    const world = { ...aWorld(), teams: ['default', 'elsewhere'] };
    const other = await connectAs(world, 'socketio', 'b');
    const elsewhere = await connectAs(world, 'socketio', 'c', { tenant: 'elsewhere' });
    const own = [await connectAs(world, 'socketio', 'a'), await connectAs(world, 'socketio', 'a')];
    await drain(world);
    expect(heardOf(world, other, 'user_online')).toMatchObject([{ userId: 'a' }]);
    expect(heardOf(world, other, 'clientJoined')).toMatchObject([{ clientId: 'a' }]);
    expect(heardOf(world, elsewhere, 'user_online')).toEqual([]);
    for (const connectionId of own) {
      expect(heardOf(world, connectionId, 'user_online').map(({ userId }) => userId)).not.toContain('a');
    }
  });

  it('lets nobody wait for the greeting, or for what was missed, because it cannot be told', async () => {
    const world = aWorld();
    world.queue.refuse(true);
    const connectionId = await connectAs(world, 'socketio', 'a');
    expect(heardOf(world, connectionId, 'connected')).toHaveLength(1);
    expect(world.gateway.posts.map(({ frame }) => frame).join()).not.toContain('unavailable');
    expect(world.telemetry.lines).toMatchObject([{ level: 'error', event: 'presence_not_told' }]);
  });
});

describe('looking later', () => {
  const connection = aConnection({ ...person, dialect: 'socketio' });

  it.each([
    ['of a connection that others see', connection, 1],
    ['of a connection that nobody sees', { ...connection, dialect: 'hotel' as const }, 0],
    ['of one that never said who it is', anAnonymousConnection({ dialect: 'socketio' }), 0],
    ['of one that never was', null, 0],
  ])('%s', async (_, ended, count) => {
    const world = aWorld();
    await lookLater(world, ended);
    const message = { kind: 'presence', ...person };
    expect(world.deadlines.scheduled).toEqual(Array(count).fill({ message, delayMs: presenceLimits.graceMs }));
  });
});

describe('the look', () => {
  it.each([
    ['finds nobody: told once, however often it is repeated', [], [came, left]],
    ['finds another window', [{ dialect: 'socketio' as const }], [came]],
    ['finds a window whose lease has run out', [{ dialect: 'socketio' as const, leaseUntilMs: 0 }], [came, left]],
    ['finds a window whose time is over', [{ dialect: 'socketio' as const, expiresAtMs: 0 }], [came, left]],
    ['finds a client that nobody sees', [{ dialect: 'bellhop' as const }], [came, left]],
    ['finds another user', [{ dialect: 'socketio' as const, user: 'b' }], [came, left]],
    ['finds the same name in another tenant', [{ dialect: 'socketio' as const, tenant: 'elsewhere' }], [came, left]],
  ])('%s', async (_, there, events) => {
    const world = aWorld();
    const first = await openQuietly(world, { dialect: 'socketio', user: 'a' });
    await arrive(world, first);
    for (const given of there) await openQuietly(world, { user: 'a', ...given });
    await world.connections.close(first.connectionId, world.clock.nowMs());
    for (let time = 0; time < 3; time += 1) await checkPresence(world, person);
    expect(told(world)).toEqual(events);
  });

  it('tells nothing of somebody who has never been there', async () => {
    const world = aWorld();
    await checkPresence(world, person);
    expect(told(world)).toEqual([]);
  });

  it('that cannot be told is not repeated for ever, and the user is not there', async () => {
    const world = aWorld();
    await arrive(world, aConnection({ ...person, dialect: 'socketio' }));
    world.queue.refuse(true);
    await checkPresence(world, person);
    expect(await world.presence.get('default', 'a')).toMatchObject({ state: 'offline' });
  });

  it('fails when it cannot see, and says nothing then', async () => {
    const world = aWorld();
    await arrive(world, aConnection({ ...person, dialect: 'socketio' }));
    await expect(
      checkPresence(
        failing(world, (call) => call === 'subscriptions.page'),
        person,
      ),
    ).rejects.toThrow();
    expect(told(world)).toEqual([came]);
  });

  it('while somebody comes, in every order: the last word is true', async () => {
    const played = await everyInterleaving(async (turns) => {
      const world = aWorld();
      const gated = ['presence.arrive', 'presence.get', 'presence.depart', 'connections.open', 'subscriptions.page'];
      const ports = intercepted(world, async (call, run) => (gated.includes(call) ? turns.take(run) : run()));
      await arrive(world, aConnection({ ...person, dialect: 'socketio' }));
      const comes = async (): Promise<void> =>
        arrive(ports, await openQuietly(ports, { user: 'a', dialect: 'socketio' }));
      await turns.finish(comes(), checkPresence(ports, person), checkPresence(ports, person));
      expect(await world.presence.get('default', 'a')).toMatchObject({ state: 'online' });
      expect([[came], [came, left, came]]).toContainEqual(told(world));
    });
    expect(played).toBeGreaterThan(20);
  });
});

describe('a status', () => {
  it('is told to the others of the team, and kept over coming and going', async () => {
    const world = { ...aWorld(), teams: ['default'] };
    const other = await connectAs(world, 'socketio', 'b');
    await connectAs(world, 'socketio', 'a');
    await setStatus(world, aConnection({ ...person, roles: ['technician'] }), 'busy');
    await drain(world);
    expect(heardOf(world, other, 'user_presence_update')).toMatchObject([{ userId: 'a', status: 'busy' }]);
    await arrive(world, aConnection({ ...person, dialect: 'socketio' }));
    expect(await world.presence.get('default', 'a')).toMatchObject({ state: 'online', status: 'busy' });
  });

  it('is told once, however often it is said', async () => {
    const world = { ...aWorld(), teams: ['default'] };
    const other = await connectAs(world, 'socketio', 'b');
    for (let time = 0; time < 3; time += 1) await setStatus(world, aConnection(person), 'busy');
    await drain(world);
    expect(heardOf(world, other, 'user_presence_update')).toHaveLength(1);
  });

  it('of a guest is refused, and no guest hears of another one: they are no team', async () => {
    const world = aWorld();
    const other = await connectAs(world, 'socketio', 'b', { roles: ['guest'] });
    await connectAs(world, 'socketio', 'a', { roles: ['guest'] });
    await expect(setStatus(world, aConnection({ ...person, roles: ['guest'] }), 'x')).rejects.toMatchObject({
      code: 'forbidden',
    });
    await drain(world);
    expect(heardOf(world, other, 'user_online')).toEqual([]);
    expect(await world.presence.get('default', 'a')).toMatchObject({ state: 'online' });
  });

  it('that cannot be told is refused, for somebody asked for it', async () => {
    const world = aWorld();
    world.queue.refuse(true);
    await expect(setStatus(world, aConnection({ ...person, roles: ['technician'] }), 'busy')).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
