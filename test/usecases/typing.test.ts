// Typing: told when it begins and when it ends, to the others in the room alone, in whatever order the frames come.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presenceLimits, retention } from '../../shared/protocol/limits.ts';
import { enforceDeadline } from '../../shared/usecases/enforce-deadline.ts';
import { changeTyping, endTyping } from '../../shared/usecases/typing.ts';
import { intercepted } from './calls.ts';
import { connectAs, emit, heardBy } from './dialect-clients.ts';
import { everyInterleaving } from './interleavings.ts';
import { agenda, timetable } from './timetable.ts';
import type { World } from './world.ts';
import { always, aWorld, openQuietly } from './world.ts';

const { typingMs } = presenceLimits;
const start = 'user_typing_start';
const stop = 'user_typing_stop';
/** What arrives some time after `a` said at `atMs` to be typing. */
const due = (atMs: number) => ({ kind: 'typing', tenant: 'default', user: 'a', room: 'lobby', atMs }) as const;

async function inLobby(world: World, user: string, given: { readonly tenant?: string } = {}): Promise<string> {
  const connectionId = await connectAs(world, 'socketio', user, given);
  await emit(world, connectionId, 'join_room', 'lobby');
  return connectionId;
}

/** What a connection heard of who types. */
function typingHeard(world: World, connectionId: string): readonly string[] {
  return heardBy(world, connectionId)
    .map(({ event }) => event)
    .filter((event) => event === start || event === stop);
}

async function type(world: World, connectionId: string, active: boolean, atMs = world.clock.nowMs()): Promise<void> {
  const connection = await world.connections.get(connectionId);
  if (connection?.state !== 'known') throw new Error('the connection is not known');
  await changeTyping(world, connection, { room: 'lobby', active, atMs }, always);
}

/** Two in a room, of whom `a` types and `b` listens; deadlines come in their time. */
async function twoInLobby() {
  const plain = aWorld();
  const days = agenda(plain.clock);
  const deadlines = timetable(plain.clock, ({ atMs, message: due }) => {
    days.add(atMs, async () => enforceDeadline(world, due, always));
  });
  const world: World = { ...plain, deadlines };
  return { world, a: await inLobby(world, 'a'), b: await inLobby(world, 'b'), days };
}

describe('typing', () => {
  it('is told once, however often it is repeated, and ends when it is stopped', async () => {
    const { world, a, b } = await twoInLobby();
    for (let time = 0; time < 3; time += 1) await emit(world, a, 'typing_start', 'lobby');
    expect(typingHeard(world, b)).toEqual([start]);
    for (let time = 0; time < 2; time += 1) await emit(world, a, 'typing_stop', 'lobby');
    expect(typingHeard(world, b)).toEqual([start, stop]);
    expect(heardBy(world, b).at(-1)).toMatchObject({ event: stop, data: { userId: 'a', room: 'lobby' } });
  });

  it('ends by itself, at its time and not before', async () => {
    const { world, a, b, days } = await twoInLobby();
    await type(world, a, true);
    await days.run(world.clock.nowMs() + typingMs - 1);
    expect(typingHeard(world, b)).toEqual([start]);
    await days.run(world.clock.nowMs() + 1);
    expect(typingHeard(world, b)).toEqual([start, stop]);
  });

  it('goes on as long as it is repeated, and then ends by itself once', async () => {
    const { world, a, b, days } = await twoInLobby();
    for (let time = 0; time < 5; time += 1) {
      await type(world, a, true);
      await days.run(world.clock.nowMs() + typingMs - 1);
    }
    expect(typingHeard(world, b)).toEqual([start]);
    await days.run(world.clock.nowMs() + 10 * typingMs);
    expect(typingHeard(world, b)).toEqual([start, stop]);
  });

  it('ends by itself when the one who types is gone', async () => {
    const { world, a, b, days } = await twoInLobby();
    await type(world, a, true);
    await world.connections.close(a, world.clock.nowMs());
    await days.run(world.clock.nowMs() + 2 * typingMs);
    expect(typingHeard(world, b)).toEqual([start, stop]);
  });

  it('that was left behind by a call that died is new again after a while', async () => {
    const { world, a, b } = await twoInLobby();
    await world.typing.start('default', 'lobby', 'a', world.clock.nowMs());
    await type(world, a, true);
    expect(typingHeard(world, b)).toEqual([]);
    world.clock.advance(5 * typingMs);
    await type(world, a, true);
    expect(typingHeard(world, b)).toEqual([start]);
  });

  it('that ends twice is told once, and a late deadline says nothing of what never was', async () => {
    const { world, a, b } = await twoInLobby();
    const saidMs = world.clock.nowMs();
    await type(world, a, true);
    world.clock.advance(typingMs);
    for (let time = 0; time < 2; time += 1) await endTyping(world, due(saidMs), always);
    expect(typingHeard(world, b)).toEqual([start, stop]);
  });
});

it('that is repeated while it is being ended goes on', async () => {
  const { world, a, b } = await twoInLobby();
  const saidMs = world.clock.nowMs();
  await type(world, a, true);
  world.clock.advance(typingMs);
  const ports = intercepted(world, async (call, run) => {
    if (call === 'typing.stop') await type(world, a, true);
    return run();
  });
  await endTyping(ports, due(saidMs), always);
  expect(typingHeard(world, b)).toEqual([start]);
  expect(await world.typing.lastMs('default', 'lobby', 'a')).toBe(world.clock.nowMs());
});

it('on and off a thousand times gathers no more deadlines than frames, and none that comes again', async () => {
  const { world: quiet, a, days } = await twoInLobby();
  let scheduled = 0;
  const world = intercepted(quiet, async (call, run) => {
    if (call === 'deadlines.schedule') scheduled += 1;
    return run();
  });
  for (let time = 0; time < 1_000; time += 1) await type(world, a, time % 2 === 0, world.clock.nowMs() + time);
  await type(world, a, true, world.clock.nowMs() + 1_000);
  await days.run(world.clock.nowMs() + 20 * typingMs);
  expect(scheduled).toBe(501);
});

describe('who hears it', () => {
  it('is everybody else in the room: no window of one’s own, nobody outside, nobody of another tenant', async () => {
    const world = aWorld();
    const [a, twin, b] = [await inLobby(world, 'a'), await inLobby(world, 'a'), await inLobby(world, 'b')];
    const outside = [await connectAs(world, 'socketio', 'c'), await inLobby(world, 'd', { tenant: 'elsewhere' })];
    await type(world, a, true);
    await type(world, a, false);
    expect(typingHeard(world, b)).toEqual([start, stop]);
    for (const connectionId of [a, twin, ...outside]) expect(typingHeard(world, connectionId)).toEqual([]);
  });

  it('is a client of our own, too, as an event without a place in any log', async () => {
    const { world, a } = await twoInLobby();
    const own = await connectAs(world, 'bellhop', 'c');
    await world.connections.follow(await openQuietly(world, { connectionId: own }), 'room:lobby', 1);
    await type(world, a, true);
    const frame = world.gateway.frames(own).at(-1);
    expect(frame).toMatchObject({
      type: 'notification',
      event: 'typing',
      data: { userId: 'a', room: 'lobby', active: true },
    });
    expect(frame).not.toHaveProperty('seq');
    expect(world.logs.entries('default', 'room:lobby')).toEqual([]);
  });

  it('is nobody, when the one who types is not in the room', async () => {
    const world = aWorld();
    const b = await inLobby(world, 'b');
    const a = await connectAs(world, 'socketio', 'a');
    await expect(type(world, a, true)).rejects.toMatchObject({ code: 'forbidden', detail: { field: 'room' } });
    expect(typingHeard(world, b)).toEqual([]);
  });

  it('is nobody of a role, of which all guests may be, unless the operator lets members speak', async () => {
    const world = aWorld();
    const [a, b] = [
      await connectAs(world, 'socketio', 'a', { roles: ['guest'] }),
      await connectAs(world, 'socketio', 'b', { roles: ['guest'] }),
    ];
    await emit(world, a, 'typing_start', 'role_guest');
    expect(typingHeard(world, b)).toEqual([]);
    await emit({ ...world, teams: ['default'] }, a, 'typing_start', 'role_guest');
    expect(typingHeard(world, b)).toEqual([start]);
  });

  it('is nobody any more when posting takes longer than it is true', async () => {
    const { world, a, b } = await twoInLobby();
    world.gateway.answer(b, 'throttled', 'posted');
    const wait = async (): Promise<void> => {
      world.clock.advance(retention.ephemeralMs);
      return Promise.resolve();
    };
    const connection = await world.connections.get(a);
    if (connection?.state !== 'known') throw new Error('the connection is not known');
    const ports = { ...world, clock: { ...world.clock, wait } };
    await changeTyping(ports, connection, { room: 'lobby', active: true, atMs: world.clock.nowMs() }, always);
    expect(typingHeard(world, b)).toEqual([]);
  });
});

const steps = fc.array(fc.record({ active: fc.boolean(), afterMs: fc.nat(2 * typingMs), lateMs: fc.nat(3_000) }), {
  maxLength: 12,
});

it('frames that overtake each other: beginnings and ends alternate, and in the end nobody types', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (frames) => {
      const { world, a, b, days } = await twoInLobby();
      let saidMs = world.clock.nowMs();
      for (const { active, afterMs, lateMs } of frames) {
        saidMs += afterMs;
        const atMs = saidMs;
        days.add(atMs + lateMs, async () => type(world, a, active, atMs));
      }
      await days.run(saidMs + 20 * typingMs);
      const heard = typingHeard(world, b);
      expect(heard).toEqual(heard.map((_, index) => (index % 2 === 0 ? start : stop)));
      expect(heard.length % 2).toBe(0);
      expect(await world.typing.lastMs('default', 'lobby', 'a')).toBeNull();
    }),
    { numRuns: 200 },
  );
});

it('a beginning and its end that are told at the same time, in every order: the last word is the end', async () => {
  const played = await everyInterleaving(async (turns) => {
    const { world, a, b } = await twoInLobby();
    const nowMs = world.clock.nowMs();
    const gated = ['typing.start', 'typing.stop', 'gateway.post'];
    const ports = intercepted(world, async (call, run) => (gated.includes(call) ? turns.take(run) : run()));
    await turns.finish(type(ports, a, true, nowMs), type(ports, a, false, nowMs + 1));
    world.clock.advance(typingMs);
    await endTyping(world, due(nowMs), always);
    expect([undefined, stop]).toContain(typingHeard(world, b).at(-1));
  });
  expect(played).toBeGreaterThan(4);
});
