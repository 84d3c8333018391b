// Connecting while something is published: in every order of their calls the notification reaches the client.
import { expect, it } from 'vitest';
import type { Audience, Broadcast } from '../../shared/domain/broadcast.ts';
import { everyone, shardOf, userTopic } from '../../shared/domain/topic.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { anIdentity } from '../builders/identity.ts';
import type { Around } from './calls.ts';
import { intercepted } from './calls.ts';
import type { Turns } from './interleavings.ts';
import { everyInterleaving } from './interleavings.ts';
import type { World } from './world.ts';
import {
  accept,
  always,
  aWorld,
  broadcastMessage,
  connectUser,
  notificationsOf,
  toEveryone,
  toUsers,
} from './world.ts';

interface Flows {
  readonly connecting: (world: World, turns: Turns) => Promise<void>;
  readonly publishing: (world: World, turns: Turns, broadcast: Broadcast) => Promise<void>;
}

/** Gives each of these calls a turn; the others are made at once, for their place makes no difference. */
function inTurn(turns: Turns, isGated: (call: string, parameters: readonly unknown[]) => boolean): Around {
  return async (call, run, parameters) => (isGated(call, parameters) ? turns.take(run) : run());
}

/** As the gateway does it: nothing can be posted before `$connect` has returned, and then the opener runs. */
async function connectAndOpen(world: World, turns: Turns): Promise<void> {
  const gated = ['cursors.join', 'connections.open', 'logs.read'];
  const ports = intercepted(
    world,
    inTurn(turns, (call) => gated.includes(call)),
  );
  const token = world.tokens.issue(anIdentity({ tenant: 'default', user: 'a' }));
  world.gateway.answer('c1', 'gone');
  await connect(ports, { connectionId: 'c1', connectedAtMs: world.clock.nowMs(), token, origin: undefined });
  await turns.take(async () => {
    world.gateway.answer('c1', 'posted');
    return Promise.resolve();
  });
  await openConnection(ports, 'c1', always);
}

async function publishInTurn(world: World, turns: Turns, broadcast: Broadcast): Promise<void> {
  const ports = intercepted(
    world,
    inTurn(turns, (call, [first, topic, shard]) => {
      if (call === 'gateway.post') return first === 'c1';
      // Of everyone's shards the others are empty.
      if (call === 'subscriptions.page') return shard === (topic === everyone ? shardOf(everyone, 'a') : 0);
      return call === 'logs.append';
    }),
  );
  await fanOut(ports, broadcastMessage(broadcast.id), always);
}

/** Broken on purpose: what the client lacks is read before its subscription is there. */
async function connectAfterReading(world: World, turns: Turns): Promise<void> {
  const early = await turns.take(async () =>
    Promise.all([world.logs.read('default', userTopic('a'), 0, 100), world.logs.read('default', everyone, 0, 100)]),
  );
  const stale = intercepted(world, async (call, run, [, topic]) =>
    call === 'logs.read' ? early[topic === everyone ? 1 : 0] : run(),
  );
  await connectAndOpen(stale, turns);
}

/** Broken on purpose: who is connected is read before the notification is in the log. */
async function publishAfterReading(world: World, turns: Turns, broadcast: Broadcast): Promise<void> {
  const topic = broadcast.audience.kind === 'users' ? userTopic('a') : everyone;
  const shard = shardOf(topic, 'a');
  const early = await turns.take(async () => world.subscriptions.page('default', topic, shard, null, 100));
  const stale = intercepted(world, async (call, run, [, , of]) =>
    call === 'subscriptions.page' && of === shard ? early : run(),
  );
  await publishInTurn(stale, turns, broadcast);
}

/** Plays every order; in how many of them the client was meant to get the notification, and in how many it did not. */
async function playAll(
  { connecting, publishing }: Flows,
  audience: Audience,
  isMember: boolean,
): Promise<{ readonly meant: number; readonly missed: number }> {
  let meant = 0;
  let missed = 0;
  await everyInterleaving(async (turns) => {
    const world = aWorld();
    if (isMember) await connectUser(world, 'a');
    const broadcast = await accept(world, { audience });
    await turns.finish(connecting(world, turns), publishing(world, turns, broadcast));
    const wide = world.cursors.all().find(({ topic }) => topic === everyone);
    // Who became a member of everyone only after the broadcast was appended is not in its audience.
    if (audience.kind === 'everyone' && wide?.joinedSeq !== 0) return;
    meant += 1;
    if (!notificationsOf(world, 'c1').some(([, , id]) => id === broadcast.id)) missed += 1;
  });
  return { meant, missed };
}

const sound: Flows = { connecting: connectAndOpen, publishing: publishInTurn };
const situations = [
  ['a newcomer named by a broadcast', toUsers('a'), false],
  ['a user with another device named by a broadcast', toUsers('a'), true],
  ['a newcomer among everyone', toEveryone, false],
  ['a user with another device among everyone', toEveryone, true],
] as const;

it.each(situations)('%s gets it in every order', async (_, audience, isMember) => {
  const { meant, missed } = await playAll(sound, audience, isMember);
  expect(meant).toBeGreaterThan(20);
  expect(missed).toBe(0);
});

it.each(situations)('%s: this test catches a log that is read before the subscription is made', async (...given) => {
  const { missed } = await playAll({ ...sound, connecting: connectAfterReading }, given[1], given[2]);
  expect(missed).toBeGreaterThan(0);
});

it.each(situations)('%s: this test catches subscriptions that are read before the append', async (...given) => {
  const { missed } = await playAll({ ...sound, publishing: publishAfterReading }, given[1], given[2]);
  expect(missed).toBeGreaterThan(0);
});
