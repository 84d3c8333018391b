// What a known client asks for: each frame does its own thing once, and is answered where its client waits for an answer.
import { describe, expect, it } from 'vitest';
import { connectionLimits, frameLimits } from '../../shared/protocol/limits.ts';
import type { KnownFrame } from '../../shared/usecases/obey-frame.ts';
import { obeyFrame } from '../../shared/usecases/obey-frame.ts';
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import { watched } from './calls.ts';
import { connectAs, heardBy, say } from './dialect-clients.ts';
import type { World } from './world.ts';
import { always, aWorld, framesOf, openQuietly, publish, toUsers } from './world.ts';

async function obey(world: World, frame: KnownFrame, dialect: DialectName = 'bellhop'): Promise<readonly unknown[]> {
  const quiet = await openQuietly(world, { dialect, user: 'a' });
  await world.connections.follow(quiet, 'room:lobby', 1);
  const connection = { ...quiet, topics: [...quiet.topics, 'room:lobby' as const] };
  const { ports, calls } = watched(world);
  await obeyFrame(ports, connection, frame, { atMs: world.clock.nowMs(), replyTo: 'event:7,/,x' }, always);
  const answers = heardBy(world, connection.connectionId).map(({ event }) => event);
  return [answers, calls.filter((call) => !/\.(?:get|head|read|page|post)$/.test(call))];
}

const position = { topic: 'all', epoch: 'epoch-2', seq: 0 };

describe('a frame of a client of our own', () => {
  it.each<readonly [KnownFrame, readonly string[], readonly string[]]>([
    [{ type: 'ping' }, ['pong'], ['cursors.join', 'cursors.join', 'cursors.join']],
    [{ type: 'join', room: 'user_a' }, ['joined'], []],
    [{ type: 'join', room: 'other' }, ['joined', 'resumed'], ['cursors.join', 'connections.follow']],
    [{ type: 'leave', room: 'lobby' }, ['left'], ['connections.unfollow', 'cursors.leave']],
    [
      { type: 'send', room: 'lobby', data: {} },
      ['sent'],
      ['broadcasts.put', 'queue.send', 'broadcasts.markDispatched'],
    ],
    [{ type: 'typing', room: 'lobby', active: true }, [], ['typing.start', 'deadlines.schedule', 'typing.lastMs']],
    [{ type: 'typing', room: 'lobby', active: false }, [], ['typing.stop']],
  ])('%j', async (frame, answers, calls) => {
    expect(await obey(aWorld(), frame)).toEqual([answers, calls]);
  });

  it('acknowledges and resumes in its own topics alone', async () => {
    const world = aWorld();
    await world.logs.head('default', 'user:a');
    await world.logs.head('default', 'all');
    expect((await obey(world, { type: 'acknowledge', ...position }))[0]).toEqual([]);
    expect((await obey(world, { type: 'resume', positions: [position] }))[0]).toEqual(['resumed']);
    for (const topic of ['user:b', 'role:admin', 'room:other', 'presence']) {
      const refused = { code: 'forbidden', detail: { field: 'topic' } };
      await expect(obey(world, { type: 'acknowledge', ...position, topic })).rejects.toMatchObject(refused);
      await expect(obey(world, { type: 'read', topic, epoch: 'e', upToSeq: 1 })).rejects.toMatchObject(refused);
      await expect(obey(world, { type: 'resume', positions: [{ ...position, topic }] })).rejects.toMatchObject(refused);
    }
  });

  it('that was read is told to every device, and answers the one that asked', async () => {
    const world = aWorld();
    const [asker, other] = [await connectAs(world, 'bellhop', 'a'), await connectAs(world, 'bellhop', 'a')];
    await publish(world, { audience: toUsers('a') });
    const { epoch } = await world.logs.head('default', 'user:a');
    const frame = { type: 'read', id: 'x', topic: 'user:a', epoch, upToSeq: 1 };
    await say(world, asker, JSON.stringify(frame));
    expect(framesOf(world, asker, 'unread')).toMatchObject([{ count: 0, replyTo: 'x' }]);
    expect(framesOf(world, other, 'unread')[0]).not.toHaveProperty('replyTo');
  });
});

describe('a frame of another client', () => {
  it.each<readonly [DialectName, KnownFrame, readonly string[], readonly string[]]>([
    ['hotel', { type: 'alive' }, [], []],
    ['socketio', { type: 'alive' }, [], []],
    ['socketio', { type: 'typing', room: 'lobby', active: false }, ['43'], ['typing.stop']],
    [
      'socketio',
      { type: 'presence', status: 'busy' },
      ['43'],
      ['presence.setStatus', 'broadcasts.put', 'queue.send', 'broadcasts.markDispatched'],
    ],
    [
      'leads',
      { type: 'subscribe', events: ['x'] },
      ['subscribed'],
      ['connections.selectEvents', 'cursors.join', 'cursors.join', 'cursors.join'],
    ],
    ['leads', { type: 'unsubscribe', events: ['x'] }, ['subscribed'], ['connections.selectEvents']],
  ])('%s: %j', async (dialect, frame, answers, calls) => {
    const [heard, called] = await obey({ ...aWorld(), teams: ['default'] }, frame, dialect);
    expect([
      (heard as readonly string[]).map((event) => event.slice(0, dialect === 'socketio' ? 2 : 99)),
      called,
    ]).toEqual([answers, calls]);
  });
});

it.each(['ping', 'alive'] as const)('%s is a sign of life, noted at most every other time', async (type) => {
  const world = aWorld();
  const { heartbeatEveryMs, leaseMs } = connectionLimits;
  const connectionId = await connectAs(world, 'bellhop', 'a');
  const leaseLeft = async (afterMs: number): Promise<number> => {
    world.clock.advance(afterMs);
    const connection = await world.connections.get(connectionId);
    if (connection?.state !== 'known') throw new Error('the connection is not known');
    await obeyFrame(world, connection, { type }, { atMs: world.clock.nowMs(), replyTo: undefined }, always);
    const after = await world.connections.get(connectionId);
    return after?.state === 'known' ? after.leaseUntilMs - world.clock.nowMs() : 0;
  };
  expect(await leaseLeft(heartbeatEveryMs / 2 - 1)).toBe(leaseMs - heartbeatEveryMs / 2 + 1);
  expect(await leaseLeft(1)).toBe(leaseMs);
});

it('a flood from its first frame to its last: taken, then refused one by one, then closed; the next window of another is its own', async () => {
  const world = aWorld();
  const [loud, quiet] = [await connectAs(world, 'hotel', 'a'), await connectAs(world, 'hotel', 'b')];
  const { framesMax, framesBeforeClosing } = frameLimits;
  for (let frame = 1; frame <= framesBeforeClosing + 2; frame += 1) {
    await say(world, loud, JSON.stringify({ type: 'ping', id: String(frame) }));
  }
  const answers = heardBy(world, loud).slice(1);
  expect(answers.slice(0, framesMax).map(({ event }) => event)).toEqual(Array(framesMax).fill('pong'));
  const refused = answers.slice(framesMax);
  expect(refused).toHaveLength(framesBeforeClosing - framesMax + 1);
  for (const [index, { event, data }] of refused.entries()) {
    expect([event, data['code'], data['replyTo']]).toEqual(['error', 'rate_limited', String(framesMax + 1 + index)]);
  }
  expect(new Set(world.gateway.closed)).toEqual(new Set([loud]));
  await say(world, quiet, JSON.stringify({ type: 'ping' }));
  expect(heardBy(world, quiet).at(-1)?.event).toBe('pong');
});
