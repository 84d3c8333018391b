// A broadcast that was stored and never queued, because a function died in between: the schedule finds it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Audience, Broadcast } from '../../shared/domain/broadcast.ts';
import { acceptBroadcast } from '../../shared/domain/broadcast.ts';
import { broadcastStore } from '../../shared/dynamodb/broadcast-store.ts';
import type { BroadcastStore } from '../../shared/ports.ts';
import { outboxLimits } from '../../shared/protocol/limits.ts';
import { systemClock } from '../../shared/system/clock.ts';
import { randomIds } from '../../shared/system/ids.ts';
import { connectApp } from './app.ts';
import type { Stack } from './stack.ts';
import { broadcastIdOf, reportWhen, startStack } from './stack.ts';

const patience = { timeout: 20_000 };

let stack: Stack;
let store: BroadcastStore;

beforeAll(async () => {
  // The sweep that comes each minute comes each second.
  stack = await startStack({ timeScale: 60 });
  store = broadcastStore(stack.documents(), stack.tableName('BroadcastsTable'), systemClock());
});
afterAll(() => stack.stop());

async function storeUnqueued(audience: Audience): Promise<Broadcast> {
  const acceptedAtMs = Date.now() - outboxLimits.afterMs - 1_000;
  const command = { event: 'task:new', data: { taskData: {} }, audience, durability: 'durable' } as const;
  const broadcast = acceptBroadcast(randomIds().broadcastId(acceptedAtMs), 'default', command, acceptedAtMs);
  expect(await store.put(broadcast)).toBe('stored');
  return broadcast;
}

it.each<[string, Audience]>([
  ['one', { kind: 'users', users: ['waits'] }],
  ['everybody', { kind: 'topic', topic: 'all' }],
])('a broadcast to %s is delivered once, and is out of the outbox', async (_, audience) => {
  const app = await connectApp(stack, 'waits');
  const { id } = await storeUnqueued(audience);
  expect((await app.shows(1)).map((shown) => shown.id)).toEqual([id]);
  await reportWhen(stack, id, (counts) => counts['delivered'] === 1);
  await expect.poll(async () => (await store.get(id))?.dispatchedAtMs, patience).toBeGreaterThan(0);
  await expect.poll(() => store.undispatched(Date.now()), patience).toEqual([]);

  const next = { event: 'task:new', data: {}, audience: { users: ['waits'] } };
  const last = broadcastIdOf(await stack.call('POST', '/api/broadcasts', next));
  expect((await app.shows(2)).map((shown) => shown.id)).toEqual([id, last]);
  expect(app.frames.filter(({ type }) => type === 'notification')).toHaveLength(2);
  await app.close();
});
