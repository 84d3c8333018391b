// The state of each delivery over its life, with its times; and who counts as a recipient, and how often.
import { describe, expect, it } from 'vitest';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import { newCursor } from '../../shared/domain/cursor.ts';
import type { Delivery } from '../../shared/domain/delivery.ts';
import { everyone, shardOf, userTopic } from '../../shared/domain/topic.ts';
import { fanOutLimits, requestLimits } from '../../shared/protocol/limits.ts';
import { deliveriesOf } from '../../shared/usecases/deliveries-of.ts';
import type { World } from './world.ts';
import {
  accept,
  aWorld,
  beginConnecting,
  connectUser,
  drain,
  openQuietly,
  publish,
  send,
  toEveryone,
  toUsers,
  topicOf,
} from './world.ts';

async function all(
  world: World,
  { id }: Pick<Broadcast, 'id'>,
  after: string | null = null,
): Promise<readonly Delivery[]> {
  const broadcast = await world.broadcasts.get(id);
  if (broadcast === null) throw new Error('it is not stored');
  const deliveries: Delivery[] = [];
  for await (const delivery of deliveriesOf(world, broadcast, after)) deliveries.push(delivery);
  return deliveries;
}

async function only(world: World, broadcast: Pick<Broadcast, 'id'>): Promise<Delivery | undefined> {
  const [delivery, ...more] = await all(world, broadcast);
  expect(more).toEqual([]);
  return delivery;
}

const second = 1_000;
const durable = [
  ['a named user', toUsers('a')],
  ['everyone', toEveryone],
] as const;

describe.each(durable)('a durable broadcast to %s', (_, audience) => {
  const topic = topicOf(audience, 'a');

  async function sendAbout(world: World, connectionId: string, rest: object): Promise<void> {
    const { epoch } = await world.logs.head('default', topic);
    await send(world, connectionId, { topic, epoch, ...rest });
  }

  it('who is connected: accepted, sent, delivered, read, each with its time', async () => {
    const world = aWorld();
    const phone = await connectUser(world, 'a');
    const broadcast = await accept(world, { audience });
    const accepted = world.clock.nowMs();
    expect(await only(world, broadcast)).toEqual({ user: 'a', state: 'accepted', times: { accepted } });
    world.clock.advance(second);
    await drain(world);
    const sent = accepted + second;
    expect(await only(world, broadcast)).toEqual({ user: 'a', state: 'sent', times: { accepted, sent } });
    world.clock.advance(second);
    await sendAbout(world, phone, { type: 'acknowledge', seq: 1 });
    const delivered = sent + second;
    const times = { accepted, sent, delivered };
    expect(await only(world, broadcast)).toEqual({ user: 'a', state: 'delivered', times });
    world.clock.advance(second);
    await sendAbout(world, phone, { type: 'read', upToSeq: 1 });
    const read = delivered + second;
    expect(await only(world, broadcast)).toEqual({ user: 'a', state: 'read', times: { ...times, read } });
  });

  it('who is away: queued, then delivered by the next connection', async () => {
    const world = aWorld();
    await world.connections.close(await beginConnecting(world, 'a'), world.clock.nowMs());
    const broadcast = await publish(world, { audience });
    expect(await only(world, broadcast)).toMatchObject({ state: 'queued' });
    await sendAbout(world, await connectUser(world, 'a'), { type: 'acknowledge', seq: 1 });
    expect(await only(world, broadcast)).toMatchObject({ state: 'delivered' });
  });

  it('who did not acknowledge it in time: expired, and never delivered to who comes later', async () => {
    const world = aWorld();
    await world.connections.close(await beginConnecting(world, 'a'), world.clock.nowMs());
    const expiresAtMs = world.clock.nowMs() + second;
    const broadcast = await publish(world, { audience, expiresAtMs });
    world.clock.advance(second - 1);
    expect(await only(world, broadcast)).toMatchObject({ state: 'queued' });
    world.clock.advance(1);
    expect(await only(world, broadcast)).toMatchObject({ state: 'expired', times: { expired: expiresAtMs } });
    const phone = await connectUser(world, 'a');
    await sendAbout(world, phone, { type: 'acknowledge', seq: 1 });
    await sendAbout(world, phone, { type: 'read', upToSeq: 1 });
    expect(await only(world, broadcast)).toMatchObject({ state: 'expired' });
  });

  it('who had it before it expired stays as they were', async () => {
    const world = aWorld();
    const phone = await connectUser(world, 'a');
    const broadcast = await publish(world, { audience, expiresAtMs: world.clock.nowMs() + second });
    await sendAbout(world, phone, { type: 'acknowledge', seq: 1 });
    world.clock.advance(second);
    await connectUser(world, 'a');
    expect(await only(world, broadcast)).toMatchObject({ state: 'delivered' });
  });

  it('who read it before it expired, and had not acknowledged it yet, stays one who read it', async () => {
    const world = aWorld();
    const phone = await connectUser(world, 'a');
    const broadcast = await publish(world, { audience, expiresAtMs: world.clock.nowMs() + second });
    await sendAbout(world, phone, { type: 'read', seqs: [1] });
    expect(await only(world, broadcast)).toMatchObject({ state: 'read' });
    world.clock.advance(second);
    // A second device asks for everything that is not acknowledged, and is told that this has expired.
    await connectUser(world, 'a');
    expect(await only(world, broadcast)).toMatchObject({ state: 'read' });
  });

  it.each(['cut back behind it', 'cut back before it', 'lost whole'])(
    'who had it stays as they were when the log is made anew: %s',
    async (how) => {
      const world = aWorld();
      const phone = await connectUser(world, 'a');
      const [first, second] = [await publish(world, { audience }), await publish(world, { audience })];
      await sendAbout(world, phone, { type: 'acknowledge', seq: 2 });
      await sendAbout(world, phone, { type: 'read', upToSeq: 1 });
      if (how === 'lost whole') world.logs.restart('default', topic);
      else world.logs.restore('default', topic, how === 'cut back behind it' ? 2 : 0);
      for (let again = 1; again <= 2; again += 1) {
        expect(await only(world, first)).toMatchObject({ state: 'read' });
        expect(await only(world, second)).toMatchObject({ state: 'delivered' });
        // The next connection brings the cursor to the new epoch.
        await connectUser(world, 'a');
      }
    },
  );

  it('that came too late from the queue is expired, and nobody is told', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    const posts = world.gateway.posts.length;
    const broadcast = await accept(world, { audience, expiresAtMs: world.clock.nowMs() + second });
    world.clock.advance(second);
    await drain(world);
    expect(await only(world, broadcast)).toMatchObject({ state: 'expired' });
    expect(world.gateway.posts).toHaveLength(posts);
    // It has its place all the same: an earlier try may have told somebody, and only the place says so.
    expect(world.logs.entries('default', topic)).toHaveLength(1);
  });

  it('except this user is suppressed from the first moment, whatever the user does', async () => {
    const world = aWorld();
    const phone = await connectUser(world, 'a');
    const broadcast = await accept(world, { audience, except: ['a'] });
    expect(await only(world, broadcast)).toMatchObject({ state: 'suppressed' });
    await drain(world);
    await publish(world, { audience });
    const { seq } = await world.logs.head('default', topic);
    await sendAbout(world, phone, { type: 'acknowledge', seq });
    await sendAbout(world, phone, { type: 'read', upToSeq: seq });
    world.clock.advance(100 * 24 * 3600 * second);
    expect(await only(world, broadcast)).toMatchObject({ state: 'suppressed' });
  });

  it.each([
    ['too_large', 'failed', 'too_large'],
    ['throttled', 'queued', 'connection_slow'],
    ['gone', 'queued', 'not_connected'],
  ] as const)('whose connection is %s: %s, %s', async (answer, state, reason) => {
    const world = aWorld();
    await world.connections.close(await connectUser(world, 'a'), world.clock.nowMs());
    const { connectionId } = await openQuietly(world, { user: 'a' });
    world.gateway.answer(connectionId, answer);
    const broadcast = await publish(world, { audience });
    expect(await only(world, broadcast)).toMatchObject({ state, reason });
  });
});

describe('a wide topic', () => {
  it('of a role has its own members', async () => {
    const world = aWorld();
    await connectUser(world, 'a', { roles: ['chef'] });
    await connectUser(world, 'b');
    const broadcast = await publish(world, { audience: { kind: 'topic', topic: 'role:chef' } });
    expect(await only(world, broadcast)).toMatchObject({ user: 'a', state: 'sent' });
  });

  it('without any member has no deliveries', async () => {
    const world = aWorld();
    expect(await all(world, await publish(world, { audience: { kind: 'topic', topic: 'room:empty' } }))).toEqual([]);
  });

  it('with more members in one shard than a page holds has them all', async () => {
    const world = aWorld();
    const { epoch } = await world.logs.head('default', everyone);
    const shard = shardOf(everyone, 'a');
    const users: string[] = [];
    for (let number = 0; users.length <= requestLimits.recipientPageMax; number += 1) {
      const user = `user-${String(number)}`;
      if (shardOf(everyone, user) === shard) users.push(user);
    }
    for (const user of users) await world.cursors.join(newCursor('default', user, { topic: everyone, epoch, seq: 0 }));
    const broadcast = await publish(world, { audience: toEveryone });
    expect((await all(world, broadcast)).map(({ user }) => user).sort()).toEqual([...users].sort());
    const last = (await all(world, broadcast)).at(-1)?.user ?? '';
    expect(await all(world, broadcast, last)).toEqual([]);
  });

  it.each([
    ['durable', 1],
    ['ephemeral', 500],
  ] as const)(
    'counts a user once whose devices are on two pages of a shard, in the further state: %s',
    async (durability, sent) => {
      const world = aWorld();
      const user = 'two-devices';
      await world.connections.close(await connectUser(world, user), world.clock.nowMs());
      const crowd = Array.from({ length: 9_000 }, (_, index) => `user-${String(index)}`)
        .filter((other) => shardOf(everyone, other) === shardOf(everyone, user))
        .slice(0, fanOutLimits.connectionsPerPage - 1);
      await openQuietly(world, { user, connectionId: 'a-first' });
      for (const other of crowd) await openQuietly(world, { user: other, connectionId: `b-${other}` });
      await openQuietly(world, { user, connectionId: 'c-last' });
      world.gateway.answer('c-last', 'gone');
      const broadcast = await publish(world, { audience: toEveryone, durability });
      const lastPage = { kind: 'shard', shard: shardOf(everyone, user), after: null, number: 1 } as const;
      const noted = await world.broadcasts.getPage(broadcast.id, lastPage);
      expect(noted?.receipts.map((receipt) => receipt.user)).toEqual([user]);
      const deliveries = await all(world, broadcast);
      expect(deliveries).toHaveLength(sent);
      expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['sent']));
    },
  );
});

describe('an ephemeral broadcast', () => {
  it('to named users has each of them, connected or not', async () => {
    const world = aWorld();
    await connectUser(world, 'a');
    const broadcast = await publish(world, {
      audience: toUsers('a', 'b', 'c'),
      except: ['c'],
      durability: 'ephemeral',
    });
    expect((await all(world, broadcast)).map(({ user, state, reason }) => [user, state, reason])).toEqual([
      ['a', 'sent', undefined],
      ['b', 'failed', 'not_connected'],
      ['c', 'suppressed', undefined],
    ]);
  });

  it('to everyone has who was connected, and not who was excepted', async () => {
    const world = aWorld();
    for (const user of ['a', 'b', 'c']) await connectUser(world, user);
    const broadcast = await publish(world, { audience: toEveryone, except: ['c'], durability: 'ephemeral' });
    const deliveries = await all(world, broadcast);
    expect(deliveries.map(({ user }) => user).sort()).toEqual(['a', 'b']);
    const [first] = deliveries;
    expect((await all(world, broadcast, first?.user ?? '')).map(({ user }) => user)).toEqual([deliveries[1]?.user]);
    expect(world.logs.entries('default', userTopic('a'))).toEqual([]);
  });
});
