// Saying something: who may say it to whom, that nobody can speak as another, and what is kept of it.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import { messageEvent } from '../../shared/domain/presence.ts';
import { requestLimits } from '../../shared/protocol/limits.ts';
import type { Saying } from '../../shared/usecases/say.ts';
import { say } from '../../shared/usecases/say.ts';
import { aConnection } from '../builders/connection.ts';
import { connectAs, emit, heardOf } from './dialect-clients.ts';
import type { World } from './world.ts';
import { always, aWorld, drain, framesOf, send } from './world.ts';

function aMember(given: Partial<KnownConnection> = {}): KnownConnection {
  const member = aConnection({ tenant: 'default', user: 'a', roles: ['guest'], ...given });
  return { ...member, topics: [...member.topics, 'room:lobby'] };
}

async function saying(world: World, connection: KnownConnection, given: Partial<Saying> = {}): Promise<void> {
  await say(world, connection, { room: 'lobby', data: { text: 'hello' }, replyTo: undefined, ...given }, always);
}

const refused = { code: 'forbidden', detail: { field: 'room' } };

describe('who may say something', () => {
  it.each([
    ['to everybody', 'a guest', null, ['guest'], [], false],
    ['to everybody', 'somebody without roles', null, [], ['elsewhere'], false],
    ['to everybody', 'a member of a team', null, ['guest'], ['default'], true],
    ['to everybody', 'anybody where all are teams', null, [], ['*'], true],
    ['to everybody', 'an admin', null, ['admin'], [], true],
    ['to everybody', 'a manager', null, ['manager'], [], true],
    ['to everybody', 'a technician', null, ['technician'], [], true],
    ['in a room', 'a guest who is in it', 'lobby', ['guest'], [], true],
    ['in a room', 'a guest who is not in it', 'other', ['guest'], [], false],
    ['in a room', 'a member of a team who is not in it', 'other', [], ['*'], false],
    ['in a room', 'an admin who is not in it', 'other', ['admin'], ['*'], false],
    ['to a role', 'a guest who has it', 'role_guest', ['guest'], [], false],
    ['to a role', 'a member of a team who has it', 'role_guest', ['guest'], ['default'], true],
    ['to a role', 'a member of a team who has it not', 'role_admin', ['guest'], ['default'], false],
    ['to a role', 'staff who have it', 'role_technician', ['technician'], [], true],
    ['to admins', 'an admin', 'admin_room', ['admin'], [], true],
    ['to admins', 'a manager', 'admin_room', ['manager'], ['*'], false],
    ['to another person', 'an admin', 'user_b', ['admin'], ['*'], false],
    ['to everybody by a room of that name', 'a guest', 'all', ['guest'], [], false],
  ] as const)('%s: %s', async (_, __, room, roles, teams, isAllowed) => {
    const world = { ...aWorld(), teams };
    const said = saying(world, aMember({ roles }), { room });
    if (isAllowed) await said;
    else await expect(said).rejects.toMatchObject(refused);
    expect(world.broadcasts.all()).toHaveLength(isAllowed ? 1 : 0);
  });
});

describe('what is said', () => {
  it('is heard by the others in the room, from whom it is, and by no window of the one who says it', async () => {
    const world = aWorld();
    const [one, twin, other, outside] = [
      await connectAs(world, 'socketio', 'a'),
      await connectAs(world, 'socketio', 'a'),
      await connectAs(world, 'socketio', 'b'),
      await connectAs(world, 'socketio', 'c'),
    ];
    for (const connectionId of [one, twin, other]) await emit(world, connectionId, 'joinRoom', 'lobby');
    await emit(world, one, 'roomMessage', { room: 'lobby', text: 'hello' });
    await drain(world);
    expect(heardOf(world, other, 'roomMessage')).toMatchObject([{ text: 'hello', room: 'lobby', clientId: 'a' }]);
    for (const connectionId of [one, twin, outside]) expect(heardOf(world, connectionId, 'roomMessage')).toEqual([]);
  });

  it('waits for who is away, for a day', async () => {
    const world = { ...aWorld(), teams: ['default'] };
    await saying(world, aMember(), { room: null });
    const nowMs = world.clock.nowMs();
    expect(world.broadcasts.all()).toMatchObject([
      { durability: 'durable', event: messageEvent, expiresAtMs: nowMs + 24 * 60 * 60_000, except: ['a'] },
    ]);
  });

  it('is confirmed to its frame when it is stored, also when the queue takes nothing', async () => {
    const world = aWorld();
    const connection = aMember();
    world.queue.refuse(true);
    await saying(world, connection, { replyTo: 'x' });
    const [stored] = world.broadcasts.all();
    expect(world.gateway.frames(connection.connectionId)).toMatchObject([
      { type: 'sent', id: stored?.id, room: 'lobby', data: { text: 'hello' }, replyTo: 'x' },
    ]);
  });

  it('is kept and confirmed without the fields that the operator drops, at any depth', async () => {
    const world = { ...aWorld(), sensitiveFields: ['password'] };
    const connection = aMember();
    await saying(world, connection, { data: { text: 'x', Password: '1', more: [{ password: '2', kept: 3 }] } });
    const kept = { text: 'x', more: [{ kept: 3 }] };
    expect(world.broadcasts.all()).toMatchObject([{ data: kept }]);
    expect(world.broadcasts.all()[0]?.data).toEqual(kept);
    expect(framesOf(world, connection.connectionId, 'sent')[0]?.['data']).toEqual(kept);
  });

  it('is refused when it is too large, by an error that is bound to its frame', async () => {
    const world = { ...aWorld(), teams: ['*'] };
    const connectionId = await connectAs(world, 'bellhop', 'a');
    const data = { text: 'x'.repeat(requestLimits.notificationBytesMax) };
    await send(world, connectionId, { type: 'send', id: 'x', data });
    expect(framesOf(world, connectionId, 'error')).toMatchObject([{ code: 'payload_too_large', replyTo: 'x' }]);
    expect(framesOf(world, connectionId, 'sent')).toEqual([]);
    expect(world.broadcasts.all()).toEqual([]);
  });
});

it('nobody can speak as another, whatever the data claims', async () => {
  const claims = fc.constantFrom('from', 'clientId', 'user', 'userId', 'room', 'metadata', 'timestamp', 'id');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(claims, fc.constantFrom('b', { from: 'b', room: 'other' }, null)), async (data) => {
      const world = { ...aWorld(), teams: ['*'] };
      const other = await connectAs(world, 'socketio', 'c');
      await emit(world, other, 'joinRoom', 'lobby');
      const own = await connectAs(world, 'bellhop', 'a');
      await send(world, own, { type: 'join', room: 'lobby' });
      await send(world, own, { type: 'send', room: 'lobby', data });
      await send(world, own, { type: 'send', data });
      // Beside the data there is no place for a claim.
      await send(world, own, { type: 'send', data, metadata: { from: 'b' } });
      await drain(world);
      const messages = world.broadcasts.all().filter(({ event }) => event === messageEvent);
      expect(messages.map(({ metadata, except }) => ({ metadata, except }))).toEqual([
        { metadata: { from: 'a', room: 'lobby' }, except: ['a'] },
        { metadata: { from: 'a' }, except: ['a'] },
      ]);
      expect(heardOf(world, other, 'roomMessage')).toMatchObject([{ clientId: 'a', room: 'lobby' }]);
      expect(heardOf(world, other, 'messageBroadcast')).toMatchObject([{ clientId: 'a' }]);
    }),
    { numRuns: 50 },
  );
});
