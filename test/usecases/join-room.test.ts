// Rooms: who gets in, what is told there, what follows a lost connection and what follows a leave, in every order of frames.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { roomLimits } from '../../shared/protocol/limits.ts';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { joinRoom, leaveRoom } from '../../shared/usecases/join-room.ts';
import { intercepted } from './calls.ts';
import { connectAs, heardOf } from './dialect-clients.ts';
import { everyInterleaving } from './interleavings.ts';
import type { World } from './world.ts';
import { always, aWorld, framesOf, notificationsOf, openQuietly, publish, send } from './world.ts';

const lobby: Topic = 'room:lobby';

async function known(world: World, connectionId: string): Promise<KnownConnection> {
  const connection = await world.connections.get(connectionId);
  if (connection?.state !== 'known') throw new Error('the connection is not known');
  return connection;
}

interface Asked {
  readonly what: 'join' | 'leave';
  readonly atMs: number;
  readonly room?: string;
}

async function ask(world: World, connectionId: string, { what, atMs, room = 'lobby' }: Asked): Promise<void> {
  const request = { room, atMs, replyTo: 'x' };
  const connection = await known(world, connectionId);
  await (what === 'join' ? joinRoom : leaveRoom)(world, connection, request, always);
}

async function tell(world: World, event: string, topic = lobby): Promise<void> {
  if (topic.startsWith('user:')) throw new Error('this is no room');
  await publish(world, { event, audience: { kind: 'topic', topic: topic as 'room:lobby' } });
}

/** Whether the user is a member of the room, whom what is told there waits for. */
async function isMember(world: World, user = 'a', topic = lobby): Promise<boolean> {
  const [cursor] = await world.cursors.get('default', [{ topic, user }]);
  return cursor !== null;
}

async function isIn(world: World, connectionId: string, topic = lobby): Promise<boolean> {
  return (await known(world, connectionId)).topics.includes(topic);
}

describe('who gets in', () => {
  const [guest, staff, admin] = [['guest'], ['technician'], ['admin']];
  it.each([
    ['lobby', guest, true],
    ['lobby', [], true],
    ['user_a', guest, true],
    ['user_b', guest, false],
    ['user_b', admin, false],
    ['role_guest', guest, true],
    ['role_guest', admin, false],
    ['role_admin', guest, false],
    ['admin_room', admin, true],
    ['admin_room', ['manager'], false],
    ['work_order_7', guest, false],
    ['work_order_7', staff, true],
    ['work_order_7', ['manager'], true],
    ['ticket_7', [], false],
    ['ticket_7', admin, true],
    ['ticket_7', ['Admin'], false],
  ] as const)('of %s, with the roles %j: %s', async (room, roles, isAllowed) => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'bellhop', 'a', { roles });
    await send(world, connectionId, { type: 'join', id: 'x', room });
    const answer = { replyTo: 'x', ...(isAllowed ? { type: 'joined', room } : { code: 'forbidden', field: 'room' }) };
    const answers = world.gateway
      .frames(connectionId)
      .filter((frame) => (frame as { replyTo?: string }).replyTo === 'x');
    expect(answers).toMatchObject([answer]);
  });

  it('is in no more rooms than a connection may be, and one that it is in already is none more', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'bellhop', 'a', { roles: ['guest'] });
    const rooms = Array.from({ length: roomLimits.roomsMax }, (_, number) => `room-${String(number)}`);
    for (const [index, room] of rooms.entries()) await ask(world, connectionId, { what: 'join', atMs: index, room });
    const more = { what: 'join', atMs: 1_000, room: 'one more' } as const;
    await expect(ask(world, connectionId, more)).rejects.toMatchObject({
      code: 'rate_limited',
      detail: { field: 'room' },
    });
    await ask(world, connectionId, { ...more, room: 'room-0' });
    await ask(world, connectionId, { ...more, room: 'role_guest' });
    await ask(world, connectionId, { what: 'leave', atMs: 1_001, room: 'room-1' });
    await ask(world, connectionId, more);
    expect(await isIn(world, connectionId, 'room:one more')).toBe(true);
  });

  it.each(['user_a', 'role_guest'])('is in %s for good', async (room) => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'bellhop', 'a', { roles: ['guest'] });
    await expect(ask(world, connectionId, { what: 'leave', atMs: 1, room })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('a client of our own', () => {
  it('is told its place, and everything that follows has the next number', async () => {
    const world = aWorld();
    await tell(world, 'before');
    const connectionId = await connectAs(world, 'bellhop', 'a');
    await send(world, connectionId, { type: 'join', room: 'lobby' });
    const { epoch } = await world.logs.head('default', lobby);
    expect(framesOf(world, connectionId, 'joined')).toMatchObject([{ position: { topic: lobby, epoch, seq: 1 } }]);
    await tell(world, 'after');
    expect(notificationsOf(world, connectionId).map(([topic, seq]) => [topic, seq])).toEqual([[lobby, 2]]);
  });

  it('gets what was missed while the connection was lost, after the place from which it is missed', async () => {
    const world = aWorld();
    const lost = await connectAs(world, 'bellhop', 'a');
    await send(world, lost, { type: 'join', room: 'lobby' });
    await disconnect(world, lost);
    await tell(world, 'missed');
    const connectionId = await connectAs(world, 'bellhop', 'a');
    expect(notificationsOf(world, connectionId)).toEqual([]);
    await send(world, connectionId, { type: 'join', room: 'lobby' });
    expect(framesOf(world, connectionId, 'joined')).toMatchObject([{ position: { seq: 0 } }]);
    expect(framesOf(world, connectionId, 'notification')).toMatchObject([{ event: 'missed', topic: lobby, seq: 1 }]);
  });
});

describe.each(['bellhop', 'socketio'] as const)('a client of %s', (dialect) => {
  it('gets nothing of what was told before it came, or after it left, and everything between', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, dialect, 'a');
    await tell(world, 'before');
    await ask(world, connectionId, { what: 'join', atMs: 1 });
    await tell(world, 'between');
    await ask(world, connectionId, { what: 'leave', atMs: 2 });
    await tell(world, 'while away');
    await ask(world, connectionId, { what: 'join', atMs: 3 });
    await tell(world, 'again');
    const counts = ['before', 'between', 'while away', 'again'].map(
      (event) => heardOf(world, connectionId, event).length,
    );
    expect(counts).toEqual([0, 1, 0, 1]);
  });

  it('whose other window leaves stays in the room, and loses nothing', async () => {
    const world = aWorld();
    const [one, other] = [await connectAs(world, dialect, 'a'), await connectAs(world, dialect, 'a')];
    for (const connectionId of [one, other]) await ask(world, connectionId, { what: 'join', atMs: 1 });
    await tell(world, 'before');
    const cursors = world.cursors.all();
    await ask(world, one, { what: 'leave', atMs: 2 });
    expect(world.cursors.all()).toEqual(cursors);
    await tell(world, 'news');
    expect([heardOf(world, one, 'news').length, heardOf(world, other, 'news').length]).toEqual([0, 1]);
    expect(await isMember(world)).toBe(true);
    await ask(world, other, { what: 'leave', atMs: 2 });
    expect(await isMember(world)).toBe(false);
  });

  it('that only lost the connection gets what was missed, with its next join and once', async () => {
    const world = aWorld();
    const lost = await connectAs(world, dialect, 'a');
    await ask(world, lost, { what: 'join', atMs: 1 });
    await disconnect(world, lost);
    await tell(world, 'missed');
    const connectionId = await connectAs(world, dialect, 'a');
    expect(heardOf(world, connectionId, 'missed')).toEqual([]);
    await ask(world, connectionId, { what: 'join', atMs: 2 });
    expect(heardOf(world, connectionId, 'missed')).toHaveLength(1);
  });

  it('gets what is told while it is coming in', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, dialect, 'a');
    const ports = intercepted(world, async (call, run) => {
      if (call === 'connections.follow') await tell(world, 'just now');
      return run();
    });
    await ask(ports, connectionId, { what: 'join', atMs: 1 });
    expect(heardOf(world, connectionId, 'just now')).toHaveLength(1);
  });

  it('that is gone before it is in is told nothing', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, dialect, 'a');
    const posts = world.gateway.posts.length;
    const connection = await known(world, connectionId);
    await disconnect(world, connectionId);
    await joinRoom(world, connection, { room: 'lobby', atMs: 1, replyTo: 'x' }, always);
    expect(world.gateway.posts).toHaveLength(posts);
  });
});

const frames = fc.uniqueArray(
  fc.record({ what: fc.constantFrom('join' as const, 'leave' as const), atMs: fc.nat(50) }),
  {
    selector: ({ atMs }) => atMs,
    minLength: 1,
    maxLength: 8,
  },
);

it('frames that overtake each other end as the one that was said last wants it, and a leave ends the membership', async () => {
  await fc.assert(
    fc.asyncProperty(frames, fc.constantFrom('bellhop' as const, 'socketio' as const), async (asked, dialect) => {
      const world = aWorld();
      const { connectionId } = await openQuietly(world, { dialect, user: 'a' });
      for (const frame of asked) await ask(world, connectionId, frame);
      const last = [...asked].sort((one, other) => one.atMs - other.atMs).at(-1);
      const isJoined = last?.what === 'join';
      expect([await isIn(world, connectionId), await isMember(world)]).toEqual([isJoined, isJoined]);
      await tell(world, 'news');
      expect(heardOf(world, connectionId, 'news')).toHaveLength(isJoined ? 1 : 0);
    }),
    { numRuns: 300 },
  );
});

const gated = ['connections.follow', 'connections.unfollow', 'connections.get', 'cursors.join', 'cursors.leave'];

it.each([
  ['join', 'leave'],
  ['leave', 'join'],
] as const)('%s and then %s, obeyed at the same time in every order: the last stands', async (...said) => {
  const played = await everyInterleaving(async (turns) => {
    const world = aWorld();
    const { connectionId } = await openQuietly(world, { user: 'a' });
    if (said[0] === 'leave') await ask(world, connectionId, { what: 'join', atMs: 0 });
    const connection = await known(world, connectionId);
    const ports = intercepted(world, async (call, run) => (gated.includes(call) ? turns.take(run) : run()));
    const [first, second] = said.map(async (what, index) => {
      const request = { room: 'lobby', atMs: 1 + index, replyTo: undefined };
      return (what === 'join' ? joinRoom : leaveRoom)(ports, connection, request, always);
    });
    await turns.finish(first ?? Promise.resolve(), second ?? Promise.resolve());
    const isJoined = said[1] === 'join';
    expect([await isIn(world, connectionId), await isMember(world)]).toEqual([isJoined, isJoined]);
  });
  expect(played).toBeGreaterThan(10);
});
