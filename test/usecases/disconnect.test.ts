// A socket that closed: nothing of it stays, in whatever order its events come.
import { expect, it } from 'vitest';
import { userTopic } from '../../shared/domain/topic.ts';
import { dialectNames } from '../../shared/protocol/dialect-names.ts';
import { presenceLimits } from '../../shared/protocol/limits.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { anIdentity } from '../builders/identity.ts';
import { killedAt } from './calls.ts';
import { aConnectRequest, aWorld, connectUser, openQuietly, publish, toUsers, wholeRange } from './world.ts';

it('a connection that closed has no subscriptions, and its user’s other one stays', async () => {
  const world = aWorld();
  const [closed, open] = [await connectUser(world, 'a'), await connectUser(world, 'a')];
  await disconnect(world, closed);
  const { subscribers } = await world.subscriptions.page('default', userTopic('a'), 0, wholeRange, 10);
  expect(subscribers.map(({ connectionId }) => connectionId)).toEqual([open]);
});

it('a disconnect that comes before its connect leaves nothing open, and nobody is greeted', async () => {
  const world = aWorld();
  await disconnect(world, 'early');
  const token = world.tokens.issue(anIdentity());
  await connect(world, aConnectRequest({ connectionId: 'early', connectedAtMs: world.clock.nowMs(), token }));
  expect(world.stores.open()).toEqual([]);
  expect(world.opener.started).toEqual([]);
});

it('twice is no error, and neither is one for a socket that nobody knows', async () => {
  const world = aWorld();
  const connectionId = await connectUser(world, 'a');
  for (const id of [connectionId, connectionId, 'unknown']) await disconnect(world, id);
  expect(world.stores.open()).toEqual([]);
});

it('does not touch the log: what comes later waits for the next connection', async () => {
  const world = aWorld();
  await disconnect(world, await connectUser(world, 'a'));
  await publish(world, { audience: toUsers('a') });
  expect(world.logs.entries('default', userTopic('a'))).toHaveLength(1);
});

it.each(dialectNames)('has somebody look whether the user is still there, where that is told: %s', async (dialect) => {
  const world = aWorld();
  const { connectionId } = await openQuietly(world, { user: 'a', dialect });
  await disconnect(world, connectionId);
  const look = { message: { kind: 'presence', tenant: 'default', user: 'a' }, delayMs: presenceLimits.graceMs };
  expect(world.deadlines.scheduled).toEqual(dialect === 'socketio' ? [look] : []);
});

it('that died before it asked for that look asks for it when it is repeated', async () => {
  const world = aWorld();
  const { connectionId } = await openQuietly(world, { user: 'a', dialect: 'socketio' });
  await expect(disconnect(killedAt(world, 0, 'after'), connectionId)).rejects.toThrow();
  await disconnect(world, connectionId);
  expect(world.deadlines.scheduled).toHaveLength(1);
});
