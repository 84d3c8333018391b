// A death at any call of fan-out, of every kind of its messages: the queue brings the message again, and everybody whom
// it concerns is told, everything stands in its log once, and no state goes back.
import { describe, expect, it } from 'vitest';
import type { BroadcastCommand } from '../../shared/domain/broadcast.ts';
import { fanOutLimits } from '../../shared/protocol/limits.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import type { Recipient, Scene } from './crash.ts';
import { everyCrashPoint, expectSound } from './crash.ts';
import { crowdShard, sparseCrowd } from './crowd.ts';
import type { World } from './world.ts';
import { accept, always, aWorld, connectUser, drain, framesOf, toEveryone, toUsers } from './world.ts';

const { usersPerPage, connectionsPerPage } = fanOutLimits;

/** Whether a message is the one that dies; those before it are worked on, and those behind it wait. */
type IsIt = (message: FanOutMessage) => boolean;

const isStart: IsIt = ({ kind }) => kind === 'broadcast';
const isPage =
  (number: number): IsIt =>
  (message) =>
    message.kind === 'page' &&
    message.page.number === number &&
    (message.page.kind === 'users' || message.page.shard === crowdShard);

async function aScene(
  arrange: (world: World) => Promise<readonly Recipient[]>,
  command: Partial<BroadcastCommand>,
  isIt: IsIt,
): Promise<Scene> {
  const world = aWorld();
  const recipients = await arrange(world);
  const { id } = await accept(world, command);
  let message = world.queue.take();
  for (; message !== undefined && !isIt(message); message = world.queue.take()) await fanOut(world, message, always);
  if (message === undefined) throw new Error('there is no such message');
  const it = message;
  return {
    world,
    act: async (ports) => fanOut(ports, it, always),
    repeat: async () => {
      await fanOut(world, it, always);
      await drain(world);
    },
    check: async () => {
      const told = recipients.filter(({ user }) => command.except?.includes(user) !== true);
      for (const { connectionId } of told) {
        const ids = new Set(framesOf(world, connectionId, 'notification').map((frame) => frame['id']));
        expect([connectionId, ...ids]).toEqual([connectionId, id]);
      }
      if (command.durability !== 'ephemeral') await expectSound(world, recipients);
    },
  };
}

async function connectAll(world: World, users: readonly string[]): Promise<readonly Recipient[]> {
  const recipients: Recipient[] = [];
  for (const user of users) recipients.push({ user, connectionId: await connectUser(world, user) });
  return recipients;
}

const few = async (world: World) => connectAll(world, ['a', 'a', 'b', 'c']);

describe('a small audience', () => {
  it.each([
    ['named users', { audience: toUsers('a', 'b', 'c', 'away') }],
    ['named users but one', { audience: toUsers('a', 'b', 'c', 'away'), except: ['c'] }],
    ['named users, ephemeral', { audience: toUsers('a', 'b', 'c', 'away'), durability: 'ephemeral' }],
    ['everyone', { audience: toEveryone }],
    ['everyone but one', { audience: toEveryone, except: ['c'] }],
    ['everyone, ephemeral', { audience: toEveryone, durability: 'ephemeral' }],
  ] as const)('of %s', async (_, command) => {
    const deaths = await everyCrashPoint(async () => aScene(few, command, isStart));
    expect(deaths).toBeGreaterThan(16);
  });
});

describe('several pages of users', () => {
  const users = Array.from({ length: usersPerPage + 3 }, (_, index) => `user-${String(index)}`);
  const arrange = async (world: World) => connectAll(world, ['user-0', 'user-99', 'user-100', 'user-102']);
  // All but a few are excepted, so that a full page costs no more than its few.
  const command = { audience: toUsers(...users), except: users.slice(1, usersPerPage - 1) };

  it.each([
    ['the message that starts it', isStart, 4],
    ['a full page', isPage(0), 2 * 3 * 2],
    ['the last page', isPage(1), 2 * 3 * 3],
  ] as const)('%s', async (_, isIt, deathsMin) => {
    const deaths = await everyCrashPoint(async () => aScene(arrange, command, isIt));
    expect(deaths).toBeGreaterThanOrEqual(deathsMin);
  });
});

describe('several pages of a shard', () => {
  const places = [0, 1, connectionsPerPage - 1, connectionsPerPage, 2 * connectionsPerPage];
  const arrange = async (world: World): Promise<readonly Recipient[]> => {
    const live = await sparseCrowd(world, 2 * connectionsPerPage + 1, places);
    for (const { connectionId } of live) await openConnection(world, connectionId, always);
    return live;
  };

  it.each([
    ['the message that starts it', isStart],
    ['the first page', isPage(0)],
    ['a page in the middle', isPage(1)],
    ['the last page', isPage(2)],
  ] as const)('%s', async (_, isIt) => {
    const deaths = await everyCrashPoint(async () => aScene(arrange, { audience: toEveryone }, isIt));
    expect(deaths).toBeGreaterThanOrEqual(2 * 4);
  });
});
