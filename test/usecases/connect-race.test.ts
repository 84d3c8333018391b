// Connecting while something is published: in every order of their calls the notification reaches the client.
import { expect, it } from 'vitest';
import type { Audience, Broadcast } from '../../shared/domain/broadcast.ts';
import { everyone, shardOf, userTopic } from '../../shared/domain/topic.ts';
import { intercepted } from './calls.ts';
import type { Turns } from './interleavings.ts';
import { everyInterleaving } from './interleavings.ts';
import { connectInTurn, publishInTurn } from './race.ts';
import type { World } from './world.ts';
import { accept, aWorld, connectUser, notificationsOf, toEveryone, toUsers, wholeRange } from './world.ts';

interface Flows {
  readonly connecting: (world: World, turns: Turns) => Promise<void>;
  readonly publishing: (world: World, turns: Turns, broadcast: Broadcast) => Promise<void>;
}

/** Of a connection only these calls have a turn: the place of the others makes no difference. */
const isGated = (call: string): boolean => ['cursors.join', 'connections.open', 'logs.read'].includes(call);

/** Broken on purpose: what the client lacks is read before its subscription is there. */
async function connectAfterReading(world: World, turns: Turns): Promise<void> {
  const early = await turns.take(async () =>
    Promise.all([world.logs.read('default', userTopic('a'), 0, 100), world.logs.read('default', everyone, 0, 100)]),
  );
  const stale = intercepted(world, async (call, run, [, topic]) =>
    call === 'logs.read' ? early[topic === everyone ? 1 : 0] : run(),
  );
  await connectInTurn(stale, turns, isGated);
}

/** Broken on purpose: who is connected is read before the notification is in the log. */
async function publishAfterReading(world: World, turns: Turns, broadcast: Broadcast): Promise<void> {
  const topic = broadcast.audience.kind === 'users' ? userTopic('a') : everyone;
  const shard = shardOf(topic, 'a');
  const early = await turns.take(async () => world.subscriptions.page('default', topic, shard, wholeRange, 100));
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
    if (audience.kind === 'topic' && wide?.joinedSeq !== 0) return;
    meant += 1;
    if (!notificationsOf(world, 'c1').some(([, , id]) => id === broadcast.id)) missed += 1;
  });
  return { meant, missed };
}

const sound: Flows = {
  connecting: async (world, turns) => connectInTurn(world, turns, isGated),
  publishing: publishInTurn,
};
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
