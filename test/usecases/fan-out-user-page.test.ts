// One page of named users: a receipt for each, and no user, device or deadline that harms the others.
import { describe, expect, it } from 'vitest';
import { fanOutLimits } from '../../shared/protocol/limits.ts';
import type { Receipt } from '../../shared/domain/delivery.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { fanOutUserPage } from '../../shared/usecases/fan-out-user-page.ts';
import { joinTopics } from '../../shared/usecases/standing-cursors.ts';
import { failing, intercepted } from './calls.ts';
import type { World } from './world.ts';
import {
  accept,
  always,
  aWorld,
  broadcastMessage,
  connectUser,
  notificationsOf,
  openQuietly,
  toEveryone,
  toUsers,
  wholeRange,
} from './world.ts';

const page = { kind: 'users', number: 0 } as const;

async function receiptsOf(world: World, id: string): Promise<readonly Receipt[]> {
  return (await world.broadcasts.getPage(id, page))?.receipts ?? [];
}

/** What is recorded for each user, as `outcome` or `outcome: reason`. */
async function recorded(world: World, id: string): Promise<Readonly<Record<string, string>>> {
  const receipts = await receiptsOf(world, id);
  return Object.fromEntries(
    receipts.map(({ user, outcome, reason }) => [user, reason === undefined ? outcome : `${outcome}: ${reason}`]),
  );
}

describe('a receipt', () => {
  it('says for each user what came of the posts, and where it stands', async () => {
    const world = aWorld();
    const answers = { sent: 'posted', slow: 'throttled', large: 'too_large', gone: 'gone' } as const;
    for (const [user, answer] of Object.entries(answers)) {
      world.gateway.answer((await openQuietly(world, { user })).connectionId, answer);
    }
    const { id } = await accept(world, { audience: toUsers(...Object.keys(answers), 'away') });
    await fanOut(world, broadcastMessage(id), always);
    expect(await recorded(world, id)).toEqual({
      sent: 'sent',
      slow: 'queued: connection_slow',
      large: 'failed: too_large',
      gone: 'queued: not_connected',
      away: 'queued: not_connected',
    });
    for (const { user, position } of await receiptsOf(world, id)) {
      const { epoch, seq } = await world.logs.head('default', userTopic(user));
      expect(position).toEqual({ epoch, seq });
    }
  });

  it('of a user with two devices says sent when one of them took it', async () => {
    const world = aWorld();
    for (const answer of ['throttled', 'posted', 'gone'] as const) {
      world.gateway.answer((await openQuietly(world, { user: 'a' })).connectionId, answer);
    }
    const { id } = await accept(world, { audience: toUsers('a') });
    await fanOut(world, broadcastMessage(id), always);
    expect(await recorded(world, id)).toEqual({ a: 'sent' });
  });

  it('of an ephemeral one for somebody who is away says failed, and stands nowhere', async () => {
    const world = aWorld();
    const { id } = await accept(world, { audience: toUsers('away'), durability: 'ephemeral' });
    await fanOut(world, broadcastMessage(id), always);
    expect(await recorded(world, id)).toEqual({ away: 'failed: not_connected' });
  });
});

describe('somebody who is excepted', () => {
  it('gets nothing, in the log neither, and no receipt', async () => {
    const world = aWorld();
    const [told, excepted] = [await connectUser(world, 'a'), await connectUser(world, 'b')];
    const { id } = await accept(world, { audience: toUsers('a', 'b'), except: ['b', 'c'] });
    const before = world.gateway.frames(excepted).length;
    await fanOut(world, broadcastMessage(id), always);
    expect(notificationsOf(world, told)).toHaveLength(1);
    expect(world.gateway.frames(excepted)).toHaveLength(before);
    expect(world.logs.entries('default', userTopic('b'))).toEqual([]);
    expect(await recorded(world, id)).toEqual({ a: 'sent' });
  });
});

describe('a broadcast that expires', () => {
  it('before its turn is posted to nobody; who was told before keeps it', async () => {
    const world = aWorld();
    const users = Array.from({ length: 60 }, (_, index) => `user-${String(index)}`);
    for (const user of users) await openQuietly(world, { user });
    const { id } = await accept(world, { audience: toUsers(...users), expiresAtMs: world.clock.nowMs() + 1_000 });
    const slow = intercepted(world, async (call, run) => {
      if (call === 'gateway.post' && world.gateway.posts.length === 20) world.clock.advance(1_000);
      return run();
    });
    await fanOut(slow, broadcastMessage(id), always);
    const outcomes = Object.values(await recorded(world, id));
    const sent = outcomes.filter((outcome) => outcome === 'sent').length;
    expect(sent).toBe(world.gateway.posts.length);
    expect(sent).toBeLessThan(20 + fanOutLimits.appendsAtOnce);
    expect(outcomes.filter((outcome) => outcome === 'expired')).toHaveLength(60 - sent);
  });
});

describe('a connection', () => {
  it('whose token has expired gets no post, however long its row stays', async () => {
    const world = aWorld();
    const expired = await openQuietly(world, { user: 'a', expiresAtMs: world.clock.nowMs() });
    const live = await openQuietly(world, { user: 'b', expiresAtMs: world.clock.nowMs() + 1 });
    const { id } = await accept(world, { audience: toUsers('a', 'b') });
    await fanOut(world, broadcastMessage(id), always);
    expect(world.gateway.posts.map(({ connectionId }) => connectionId)).toEqual([live.connectionId]);
    expect(await recorded(world, id)).toEqual({ a: 'queued: not_connected', b: 'sent' });
    expect(await world.connections.get(expired.connectionId)).not.toBeNull();
  });

  it('that is gone is removed with its subscriptions; one that may be opening stays', async () => {
    const world = aWorld();
    const old = await openQuietly(world, { user: 'a' });
    const young = await openQuietly(world, { user: 'a', connectedAtMs: world.clock.nowMs() - 29_999 });
    for (const { connectionId } of [old, young]) world.gateway.answer(connectionId, 'gone');
    const { id } = await accept(world, { audience: toUsers('a') });
    await fanOut(world, broadcastMessage(id), always);
    expect(world.stores.open()).toEqual([young]);
    const { subscribers } = await world.subscriptions.page('default', userTopic('a'), 0, wholeRange, 10);
    expect(subscribers.map(({ connectionId }) => connectionId)).toEqual([young.connectionId]);
  });

  it('beyond a page of a single user gets it too, within the bound of posts at once', async () => {
    const world = aWorld();
    const count = fanOutLimits.connectionsPerPage + 1;
    for (let device = 0; device < count; device += 1) await openQuietly(world, { user: 'a' });
    let underWay = 0;
    let mostUnderWay = 0;
    const ports = intercepted(world, async (call, run) => {
      if (call !== 'gateway.post') return run();
      mostUnderWay = Math.max(mostUnderWay, (underWay += 1));
      await Promise.resolve();
      underWay -= 1;
      return run();
    });
    const { id } = await accept(world, { audience: toUsers('a') });
    await fanOut(ports, broadcastMessage(id), always);
    expect(new Set(world.gateway.posts.map(({ connectionId }) => connectionId)).size).toBe(count);
    expect(mostUnderWay).toBeLessThanOrEqual(fanOutLimits.postsAtOnce);
  });
});

describe('when something throws', () => {
  it('an append for one user leaves the others recorded, and the message comes again for that one only', async () => {
    const world = aWorld();
    const devices = {
      a: await connectUser(world, 'a'),
      b: await connectUser(world, 'b'),
      c: await connectUser(world, 'c'),
    };
    const { id } = await accept(world, { audience: toUsers('a', 'b', 'c') });
    const broken = failing(world, (call, [, topic]) => call === 'logs.append' && topic === 'user:b');
    await expect(fanOut(broken, broadcastMessage(id), always)).rejects.toThrow('planted');
    expect(await recorded(world, id)).toEqual({ a: 'sent', c: 'sent' });
    await fanOut(world, broadcastMessage(id), always);
    expect(await recorded(world, id)).toEqual({ a: 'sent', b: 'sent', c: 'sent' });
    for (const device of Object.values(devices)) expect(notificationsOf(world, device)).toHaveLength(1);
  });

  it('a post to one device: the post to the other is over when the call is, and nothing goes on behind it', async () => {
    const world = aWorld();
    const [one, two] = [await openQuietly(world, { user: 'a' }), await openQuietly(world, { user: 'a' })];
    const { id } = await accept(world, { audience: toUsers('a') });
    const ports = intercepted(world, async (call, run, [connectionId]) => {
      if (call !== 'gateway.post') return run();
      if (connectionId === one.connectionId) throw new Error('planted');
      await new Promise((resolve) => setImmediate(resolve));
      return run();
    });
    await expect(fanOut(ports, broadcastMessage(id), always)).rejects.toThrow('planted');
    expect(notificationsOf(world, two.connectionId)).toHaveLength(1);
    expect(await recorded(world, id)).toEqual({});
  });

  it('a page of users of a broadcast to everyone is a bug', async () => {
    const world = aWorld();
    const broadcast = await accept(world, { audience: toEveryone });
    await expect(fanOutUserPage(world, broadcast, page, always)).rejects.toThrow(broadcast.id);
  });
});

describe('near the deadline', () => {
  it('begins nothing more, keeps what is done, and throws; the next receive does only the rest', async () => {
    const world = aWorld();
    const users = Array.from({ length: 60 }, (_, index) => `user-${String(index)}`);
    const devices = new Map<string, string>();
    for (const user of users) devices.set(user, (await openQuietly(world, { user })).connectionId);
    const { id } = await accept(world, { audience: toUsers(...users) });
    await expect(fanOut(world, broadcastMessage(id), () => world.gateway.posts.length < 20)).rejects.toThrow(
      'not begun before the deadline',
    );
    const done = Object.keys(await recorded(world, id));
    expect(done.length).toBeGreaterThanOrEqual(20);
    expect(done.length).toBeLessThan(20 + fanOutLimits.appendsAtOnce);
    expect(world.gateway.posts).toHaveLength(done.length);
    await fanOut(world, broadcastMessage(id), always);
    expect(world.gateway.posts).toHaveLength(60);
    for (const device of devices.values()) expect(notificationsOf(world, device)).toHaveLength(1);
  });

  it('a connection that runs into the time limit again and again does not outlast the deadline', async () => {
    const world = aWorld();
    const { connectionId } = await openQuietly(world, { user: 'a' });
    const timingOut = intercepted(world, async (call, run) => {
      if (call === 'gateway.post') world.clock.advance(fanOutLimits.postTimeoutMs);
      return run();
    });
    world.gateway.answer(connectionId, 'unavailable');
    const { id } = await accept(world, { audience: toUsers('a') });
    const deadlineMs = world.clock.nowMs() + fanOutLimits.deadlineMarginMs + 1;
    const goOn = (): boolean => deadlineMs - world.clock.nowMs() > fanOutLimits.deadlineMarginMs;
    await fanOut(timingOut, broadcastMessage(id), goOn);
    expect(world.clock.nowMs()).toBeLessThan(deadlineMs);
    expect(await recorded(world, id)).toEqual({ a: 'queued: connection_slow' });
  });
});

describe('clients of other dialects', () => {
  async function told(world: World, given: object, event: string): Promise<string> {
    const { id } = await accept(world, { audience: toUsers('a'), event, ...given });
    await fanOut(world, broadcastMessage(id), always);
    return id;
  }

  it('get it in their own words, and what they were posted is noted, for they do not acknowledge', async () => {
    const world = aWorld();
    await joinTopics(world, 'default', 'a', [userTopic('a')]);
    for (const dialect of ['bellhop', 'hotel', 'socketio'] as const)
      await openQuietly(world, { user: 'a', connectionId: dialect, dialect });
    const id = await told(world, {}, 'task:new');
    const [cursor] = await world.cursors.get('default', [{ topic: userTopic('a'), user: 'a' }]);
    expect(cursor).toMatchObject({ deliveredSeq: 0, pushed: [{ fromSeq: 1, toSeq: 1 }] });
    expect(notificationsOf(world, 'bellhop')).toEqual([['user:a', 1, id]]);
    const textsOf = (to: string) => world.gateway.posts.filter(({ connectionId }) => connectionId === to);
    expect(textsOf('hotel')).toHaveLength(1);
    expect(textsOf('hotel')[0]?.frame).not.toBe(textsOf('bellhop')[0]?.frame);
    // The count of what is unread follows where clients cannot count.
    expect(textsOf('socketio')).toHaveLength(2);
  });

  it.each([
    ['posted nothing', 'throttled', []],
    ['gone', 'gone', []],
    ['posted', 'posted', [{ fromSeq: 1, toSeq: 1 }]],
  ] as const)('that were %s: only what the gateway took is noted', async (_, answer, pushed) => {
    const world = aWorld();
    await joinTopics(world, 'default', 'a', [userTopic('a')]);
    await openQuietly(world, { user: 'a', connectionId: 'c1', dialect: 'hotel' });
    world.gateway.answer('c1', answer);
    await told(world, {}, 'task:new');
    const [cursor] = await world.cursors.get('default', [{ topic: userTopic('a'), user: 'a' }]);
    expect(cursor?.pushed).toEqual(pushed);
  });

  it.each([
    ['selected', 'lead_update', 'sent'],
    ['not selected', 'form_submission', 'suppressed: not_selected'],
  ])('that select events get those that they have %s', async (_, event, expected) => {
    const world = aWorld();
    await openQuietly(world, { user: 'a', connectionId: 'c1', dialect: 'leads', events: ['lead_update'] });
    const id = await told(world, {}, event);
    expect(await recorded(world, id)).toEqual({ a: expected });
    expect(world.gateway.posts).toHaveLength(expected === 'sent' ? 1 : 0);
  });

  it('that have not selected yet get it later, so that it stays queued', async () => {
    const world = aWorld();
    await openQuietly(world, { user: 'a', connectionId: 'c1', dialect: 'leads' });
    const id = await told(world, {}, 'lead_update');
    expect(await recorded(world, id)).toEqual({ a: 'queued: not_connected' });
    const ephemeral = await told(world, { durability: 'ephemeral' }, 'lead_update');
    expect(await recorded(world, ephemeral)).toEqual({ a: 'failed: not_connected' });
    expect(world.gateway.posts).toEqual([]);
  });
});
