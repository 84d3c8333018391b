// A test notification: down the whole path, and nothing of it left behind.
import { expect, it } from 'vitest';
import { topicsOf } from '../../shared/domain/topic.ts';
import { sendTest } from '../../shared/usecases/send-test.ts';
import { aCommand } from '../builders/broadcast.ts';
import { failing } from './calls.ts';
import { aWorld, connectUser, drain, framesOf, toUsers } from './world.ts';

const request = {
  tenant: 'default',
  command: aCommand({
    event: 'notification:test',
    data: { message: 'hi' },
    audience: toUsers('a'),
    durability: 'ephemeral',
  }),
  idempotencyKey: undefined,
  requestText: 'POST /test {}',
} as const;

it('reaches who is connected, and says how the service is', async () => {
  const world = aWorld();
  const connectionId = await connectUser(world, 'a');
  const { broadcast, status } = await sendTest(world, request);
  expect(status).toMatchObject({ connections: 1, users: 1, queue: { waiting: 1 } });
  await drain(world);
  expect(framesOf(world, connectionId, 'notification')).toMatchObject([{ id: broadcast.id, data: { message: 'hi' } }]);
  for (const topic of topicsOf({ user: 'a', roles: [] })) expect(world.logs.entries('default', topic)).toEqual([]);
});

it('is one test when it is repeated with its key', async () => {
  const world = aWorld();
  const keyed = { ...request, idempotencyKey: 'test-1' };
  const [first, second] = [await sendTest(world, keyed), await sendTest(world, keyed)];
  expect(second.broadcast).toEqual(first.broadcast);
  expect(world.queue.waiting()).toHaveLength(1);
});

it('is refused like any broadcast when the queue is', async () => {
  const world = failing(aWorld(), (call) => call === 'queue.send');
  await expect(sendTest(world, request)).rejects.toMatchObject({ code: 'unavailable' });
});
