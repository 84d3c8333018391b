// Fan-out from the queue message to the socket: who is told, where it is kept, and what is recorded.
import { describe, expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { watched } from './calls.ts';
import {
  accept,
  always,
  aWorld,
  broadcastMessage,
  connectUser,
  drain,
  framesOf,
  notificationsOf,
  publish,
  toEveryone,
  topicOf,
  toUsers,
} from './world.ts';

const topics: readonly Topic[] = [everyone, userTopic('a')];

describe('a broadcast to named users', () => {
  it('reaches them and nobody else', async () => {
    const world = aWorld();
    const [one, two, three] = [
      await connectUser(world, 'a'),
      await connectUser(world, 'b'),
      await connectUser(world, 'c'),
    ];
    const { id } = await publish(world, { audience: toUsers('a', 'b') });
    expect(notificationsOf(world, one)).toEqual([['user:a', 1, id]]);
    expect(notificationsOf(world, two)).toEqual([['user:b', 1, id]]);
    expect(notificationsOf(world, three)).toEqual([]);
  });

  it('reaches every device of a user', async () => {
    const world = aWorld();
    const devices = [await connectUser(world, 'a'), await connectUser(world, 'a')];
    const { id } = await publish(world, { audience: toUsers('a') });
    for (const device of devices) expect(notificationsOf(world, device)).toEqual([['user:a', 1, id]]);
  });

  it('carries what was sent, and its place', async () => {
    const world = aWorld();
    const connectionId = await connectUser(world, 'a');
    const given = { event: 'task:new', data: { taskData: { id: 7 } }, metadata: { source: 'crm' } };
    const { id } = await publish(world, { ...given, audience: toUsers('a') });
    const { epoch } = await world.logs.head('default', userTopic('a'));
    expect(framesOf(world, connectionId, 'notification')).toEqual([
      {
        type: 'notification',
        topic: 'user:a',
        epoch,
        seq: 1,
        id,
        ...given,
        createdAt: '2026-11-21T08:30:00.000Z',
        expiresAt: '2026-12-21T08:30:00.000Z',
      },
    ]);
  });

  it('is in the log of who is away, and arrives once at the next connection', async () => {
    const world = aWorld();
    const { id } = await publish(world, { audience: toUsers('a') });
    const connectionId = await connectUser(world, 'a');
    expect(notificationsOf(world, connectionId)).toEqual([['user:a', 1, id]]);
    await drain(world);
    expect(notificationsOf(world, connectionId)).toHaveLength(1);
  });

  it('to 250 users is three pages on the queue, and one in the log of each', async () => {
    const world = aWorld();
    const users = Array.from({ length: 250 }, (_, index) => `user-${String(index)}`);
    const first = await connectUser(world, 'user-0');
    const last = await connectUser(world, 'user-249');
    const { id } = await accept(world, { audience: toUsers(...users) });
    await fanOut(world, broadcastMessage(id), always);
    expect(world.gateway.posts.filter(({ frame }) => frame.includes(id))).toEqual([]);
    expect(world.queue.waiting().slice(1)).toEqual(
      [0, 1, 2].map((number) => ({ kind: 'page', broadcastId: id, page: { kind: 'users', number } })),
    );
    await drain(world);
    for (const user of users) expect(world.logs.entries('default', userTopic(user))).toHaveLength(1);
    expect(notificationsOf(world, first)).toHaveLength(1);
    expect(notificationsOf(world, last)).toHaveLength(1);
  });

  it.each([1, 100])('to %i users is told in the first call', async (count) => {
    const world = aWorld();
    const users = Array.from({ length: count }, (_, index) => `user-${String(index)}`);
    const { id } = await accept(world, { audience: toUsers(...users) });
    await fanOut(world, broadcastMessage(id), always);
    expect(world.queue.waiting()).toHaveLength(1);
    expect(world.logs.entries('default', userTopic(`user-${String(count - 1)}`))).toHaveLength(1);
  });
});

describe('a tenant', () => {
  it.each([
    ['named users', toUsers('a')],
    ['everyone', toEveryone],
  ] as const)('does not see what another one tells %s with the same ids', async (_, audience) => {
    const world = aWorld();
    const mine = await connectUser(world, 'a', { tenant: 'mine' });
    const theirs = await connectUser(world, 'a', { tenant: 'theirs' });
    const { id } = await publish(world, { audience }, 'mine');
    expect(notificationsOf(world, mine).map(([, , got]) => got)).toEqual([id]);
    await openConnection(world, theirs, always);
    expect(notificationsOf(world, theirs)).toEqual([]);
    const topic = topicOf(audience, 'a');
    expect(world.logs.entries('mine', topic)).toHaveLength(1);
    for (const tenant of ['theirs', 'default']) {
      for (const foreign of topics) expect(world.logs.entries(tenant, foreign)).toEqual([]);
    }
  });
});

describe('what cannot be told', () => {
  it('a broadcast that is not stored is thrown, to end as a dead letter', async () => {
    const world = aWorld();
    const { ports, calls } = watched(world);
    await expect(fanOut(ports, broadcastMessage('nobody-knows-it'), always)).rejects.toThrow('nobody-knows-it');
    expect(calls).toEqual(['broadcasts.get']);
  });

  it('a page of users of a broadcast to everyone is thrown', async () => {
    const world = aWorld();
    const { id } = await accept(world, { audience: toEveryone });
    const page = { kind: 'page', broadcastId: id, page: { kind: 'users', number: 0 } } as const;
    await expect(fanOut(world, page, always)).rejects.toThrow('has no page of users');
  });
});

describe('an ephemeral broadcast', () => {
  const ephemeral = { durability: 'ephemeral' } as const;

  it.each([
    ['named users', toUsers('a')],
    ['everyone', toEveryone],
  ] as const)('to %s reaches who is connected, is in no log, and is not seen later', async (_, audience) => {
    const world = aWorld();
    const now = await connectUser(world, 'a');
    const { id } = await publish(world, { ...ephemeral, audience });
    const later = await connectUser(world, 'a');
    expect(notificationsOf(world, now)).toEqual([[undefined, undefined, id]]);
    expect(notificationsOf(world, later)).toEqual([]);
    for (const topic of topics) expect(world.logs.entries('default', topic)).toEqual([]);
  });

  it.each([
    ['named users', toUsers('a')],
    ['everyone', toEveryone],
  ] as const)('to %s is dropped after five seconds, and not before', async (_, audience) => {
    const world = aWorld();
    const connectionId = await connectUser(world, 'a');
    const fresh = await accept(world, { ...ephemeral, audience });
    world.clock.advance(5_000);
    await drain(world);
    await accept(world, { ...ephemeral, audience });
    world.clock.advance(5_001);
    await drain(world);
    expect(notificationsOf(world, connectionId)).toEqual([[undefined, undefined, fresh.id]]);
  });

  it('that came too late is recorded as failed for named users', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    const { id } = await accept(world, { ...ephemeral, audience: toUsers('a') });
    world.clock.advance(5_001);
    await drain(world);
    expect((await world.broadcasts.getPage(id, { kind: 'users', number: 0 }))?.receipts).toEqual([
      { user: 'a', position: null, outcome: 'failed', reason: 'too_late', atMs: world.clock.nowMs() },
    ]);
  });
});
