// The count of what is unread: told to the clients that show one, true at the time, and never a reason to repeat anything.
import { describe, expect, it } from 'vitest';
import { userTopic } from '../../shared/domain/topic.ts';
import { subscribersOf } from '../../shared/usecases/subscribers-of.ts';
import { tellUnread } from '../../shared/usecases/tell-unread.ts';
import { failing, watched } from './calls.ts';
import { connectAs, heardOf } from './dialect-clients.ts';
import type { World } from './world.ts';
import { accept, always, aWorld, drain, publish, toEveryone, toUsers } from './world.ts';

/** The counts that a connection was told, without the one of its greeting. */
function countsOf(world: World, connectionId: string): readonly unknown[] {
  const [, ...counts] = heardOf(world, connectionId, 'notification_count_updated');
  return counts.map(({ count, unreadCount }) => (count === unreadCount ? count : [count, unreadCount]));
}

const key = { topic: userTopic('a'), user: 'a' };

async function tell(world: World, ports: World = world): Promise<void> {
  await tellUnread(ports, 'default', key, await subscribersOf(world, 'default', 'a'), always);
}

describe('the count', () => {
  it('follows every notification to a person, with what is unread then', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'socketio', 'a');
    for (let time = 0; time < 3; time += 1) await publish(world, { audience: toUsers('a') });
    expect(countsOf(world, connectionId)).toEqual([1, 2, 3]);
  });

  it('does not count what has expired', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'socketio', 'a');
    await publish(world, { audience: toUsers('a'), expiresAtMs: world.clock.nowMs() + 1_000 });
    world.clock.advance(1_000);
    await publish(world, { audience: toUsers('a') });
    expect(countsOf(world, connectionId)).toEqual([1, 1]);
  });

  it.each(['bellhop', 'hotel', 'leads'] as const)('is not told to %s, and costs nothing there', async (dialect) => {
    const world = aWorld();
    await connectAs(world, dialect, 'a');
    const { ports, calls } = watched(world);
    await tell(world, ports);
    expect(calls).toEqual([]);
  });

  it('is told of no ephemeral notification, and of no wide one', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'socketio', 'a');
    await publish(world, { audience: toUsers('a'), durability: 'ephemeral' });
    await publish(world, { audience: toEveryone });
    expect(countsOf(world, connectionId)).toEqual([]);
  });

  it('is left out when the log has begun anew: it is told at the next connection', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'socketio', 'a');
    world.logs.restart('default', userTopic('a'));
    await tell(world);
    expect(countsOf(world, connectionId)).toEqual([]);
  });
});

describe('when it cannot be found out', () => {
  it.each(['logs.head', 'logs.read'])('because of %s, the notification is posted once all the same', async (broken) => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'socketio', 'a');
    await accept(world, { event: 'news', audience: toUsers('a') });
    await drain(failing(world, (call) => call === broken));
    expect(heardOf(world, connectionId, 'news')).toHaveLength(1);
    expect(countsOf(world, connectionId)).toEqual([]);
  });

  it('or posted, nothing is thrown', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'socketio', 'a');
    world.gateway.answer(connectionId, 'unavailable');
    await expect(tell(world)).resolves.toBeUndefined();
  });
});
