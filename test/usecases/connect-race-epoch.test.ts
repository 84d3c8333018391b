// Connecting while something is published and the log is made anew: in every order the client ends with what is there.
import { expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { acknowledge } from '../../shared/usecases/acknowledge.ts';
import { deviceOf, resume } from './device.ts';
import type { Turns } from './interleavings.ts';
import { everyInterleaving } from './interleavings.ts';
import { connectInTurn, publishInTurn } from './race.ts';
import type { World } from './world.ts';
import { accept, aWorld, connectUser, everyFrameOf, publish, toEveryone, topicOf, toUsers } from './world.ts';

async function restoreInTurn(world: World, turns: Turns, topic: Topic, how: 'cut back' | 'lost'): Promise<void> {
  await turns.take(async () => {
    if (how === 'cut back') world.logs.restore('default', topic, 2);
    else world.logs.restart('default', topic);
    return Promise.resolve();
  });
}

it.each([
  ['named users', 'cut back', toUsers('a')],
  ['named users', 'lost', toUsers('a')],
  ['everyone', 'cut back', toEveryone],
  ['everyone', 'lost', toEveryone],
] as const)('a broadcast to %s, and a log that is %s', async (_, how, audience) => {
  const topic = topicOf(audience, 'a');
  /** The calls of a connection that read or write what the log and the cursor say of this topic. */
  const isGated = (call: string, [, first]: readonly unknown[]): boolean =>
    call === 'connections.open' || (['logs.head', 'logs.read'].includes(call) && first === topic);
  let told = 0;
  const played = await everyInterleaving(async (turns) => {
    const world = aWorld();
    const other = await connectUser(world, 'a');
    for (let seq = 1; seq <= 3; seq += 1) await publish(world, { audience });
    const { epoch } = await world.logs.head('default', topic);
    await acknowledge(world, { tenant: 'default', user: 'a' }, { topic, epoch, seq: 2 });
    const broadcast = await accept(world, { audience });
    const restoring = restoreInTurn(world, turns, topic, how);
    await turns.finish(connectInTurn(world, turns, isGated), publishInTurn(world, turns, broadcast), restoring);
    const ids = world.logs.entries('default', topic).map(({ notification }) => notification.id);
    for (const connectionId of ['c1', other]) {
      const before = deviceOf(everyFrameOf(world, connectionId));
      // A client that was shown something out of order, or of another epoch, asks; so does one that a pong tells.
      const { shown, positions } = await resume(world, connectionId);
      const shownIds = new Set(shown.map(({ id }) => id));
      // The first two were acknowledged; of a log that was lost nothing is left of that.
      const due = ids.slice(how === 'lost' ? 0 : 2);
      expect(due.filter((id) => !shownIds.has(id))).toEqual([]);
      expect(positions.get(topic)).toMatchObject({ seq: ids.length });
      if (before.shown.some(({ id }) => id === broadcast.id)) told += 1;
    }
  });
  expect(played).toBeGreaterThan(200);
  expect(told).toBeGreaterThan(0);
});
