// Connecting and publishing as two processes whose calls take turns.
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import { shardOf } from '../../shared/domain/topic.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { anIdentity } from '../builders/identity.ts';
import type { Around } from './calls.ts';
import { intercepted } from './calls.ts';
import type { Turns } from './interleavings.ts';
import type { World } from './world.ts';
import { aConnectRequest, always, broadcastMessage, topicOf } from './world.ts';

type IsGated = (call: string, parameters: readonly unknown[]) => boolean;

/** Gives each of these calls a turn; the others are made at once. */
function inTurn(turns: Turns, isGated: IsGated): Around {
  return async (call, run, parameters) => (isGated(call, parameters) ? turns.take(run) : run());
}

/** As the gateway does it: nothing can be posted to `c1` before `$connect` has returned, and then the opener runs. */
export async function connectInTurn(world: World, turns: Turns, isGated: IsGated): Promise<void> {
  const ports = intercepted(world, inTurn(turns, isGated));
  const token = world.tokens.issue(anIdentity({ tenant: 'default', user: 'a', roles: [] }));
  world.gateway.answer('c1', 'gone');
  await connect(ports, aConnectRequest({ connectionId: 'c1', connectedAtMs: world.clock.nowMs(), token }));
  await turns.take(async () => {
    world.gateway.answer('c1', 'posted');
    return Promise.resolve();
  });
  await openConnection(ports, 'c1', always);
}

/** Fan-out, of which the calls that concern the user `a` and the connection `c1` have a turn. */
export async function publishInTurn(world: World, turns: Turns, broadcast: Broadcast): Promise<void> {
  const own = shardOf(topicOf(broadcast.audience, 'a'), 'a');
  const ports = intercepted(
    world,
    inTurn(turns, (call, [first, , shard]) => {
      if (call === 'gateway.post') return first === 'c1';
      return call === 'logs.append' || (call === 'subscriptions.page' && shard === own);
    }),
  );
  await fanOut(ports, broadcastMessage(broadcast.id), always);
}
