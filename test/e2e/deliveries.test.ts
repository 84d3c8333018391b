// What the sender is told: every state with its times, for broadcasts that expire, leave somebody out, or go to a role.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from './app.ts';
import { connectApp } from './app.ts';
import type { Stack } from './stack.ts';
import { broadcastIdOf, reportWhen, startStack } from './stack.ts';

interface Delivery {
  readonly user: string;
  readonly state: string;
  readonly reason?: string;
  readonly times: Readonly<Record<string, string>>;
}

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

async function publish(body: object): Promise<string> {
  return broadcastIdOf(await stack.call('POST', '/api/broadcasts', { event: 'news', data: {}, ...body }));
}

async function deliveriesOf(id: string): Promise<Readonly<Record<string, Delivery>>> {
  const { body } = await stack.call('GET', `/api/broadcasts/${id}/deliveries`);
  return Object.fromEntries((body['deliveries'] as readonly Delivery[]).map((delivery) => [delivery.user, delivery]));
}

async function closeAll(...apps: readonly App[]): Promise<void> {
  await Promise.all(apps.map((app) => app.close()));
}

describe('each state', () => {
  it('is told with the times of those before it', async () => {
    const users = ['reads', 'acknowledges', 'is-silent', 'is-away', 'is-excepted'];
    const reads = await connectApp(stack, 'reads');
    const acknowledges = await connectApp(stack, 'acknowledges');
    const silent = await connectApp(stack, 'is-silent', { acknowledges: false });
    const id = await publish({ audience: { users }, except: ['is-excepted'] });
    const [shown] = await reads.shows(1);
    await reportWhen(stack, id, (counts) => counts['delivered'] === 2);
    reads.send({ type: 'read', topic: shown?.topic, epoch: shown?.epoch, upToSeq: 1 });
    const report = await reportWhen(stack, id, (counts) => counts['read'] === 1);
    const one = { queued: 1, sent: 1, delivered: 1, read: 1, suppressed: 1 };
    expect(report['counts']).toEqual({ accepted: 0, ...one, expired: 0, failed: 0 });

    const deliveries = await deliveriesOf(id);
    expect(Object.keys(deliveries)).toEqual(users);
    expect(Object.values(deliveries).map(({ state, times }) => [state, Object.keys(times)])).toEqual([
      ['read', ['accepted', 'sent', 'delivered', 'read']],
      ['delivered', ['accepted', 'sent', 'delivered']],
      ['sent', ['accepted', 'sent']],
      ['queued', ['accepted', 'queued']],
      ['suppressed', ['accepted']],
    ]);
    expect(deliveries['is-away']?.reason).toBe('not_connected');
    for (const { times } of Object.values(deliveries)) {
      const ms = Object.values(times).map((time) => Date.parse(time));
      expect(ms.every((time) => Math.abs(Date.now() - time) < 60_000)).toBe(true);
    }
    await closeAll(reads, acknowledges, silent);
  });

  it('is told page by page', async () => {
    const users = ['page-1', 'page-2', 'page-3'];
    const id = await publish({ audience: { users } });
    await reportWhen(stack, id, (counts) => counts['queued'] === 3);
    const first = await stack.call('GET', `/api/broadcasts/${id}/deliveries?limit=2`);
    expect(first.body).toMatchObject({ deliveries: [{ user: 'page-1' }, { user: 'page-2' }], next: 'page-2' });
    const second = await stack.call('GET', `/api/broadcasts/${id}/deliveries?limit=2&after=page-2`);
    expect(second.body).toMatchObject({ deliveries: [{ user: 'page-3' }], next: null });
  });

  it('of an ephemeral one ends at failed for who is not there, and it is kept nowhere', async () => {
    const here = await connectApp(stack, 'typing-here');
    const users = ['typing-here', 'typing-away'];
    const id = await publish({ event: 'typing', audience: { users }, durability: 'ephemeral' });
    expect((await here.shows(1)).map((frame) => [frame.id, frame.seq])).toEqual([[id, undefined]]);
    await reportWhen(stack, id, (counts) => counts['failed'] === 1);
    const deliveries = await deliveriesOf(id);
    expect(deliveries['typing-here']?.state).toBe('sent');
    expect(deliveries['typing-away']).toMatchObject({ state: 'failed', reason: 'not_connected' });
    const later = await connectApp(stack, 'typing-away');
    expect(later.frames.map(({ type }) => type)).toEqual(['connected', 'resumed']);
    await closeAll(here, later);
  });
});

describe('a broadcast that has expired', () => {
  it('is skipped for who comes later, and stays expired when that is acknowledged', async () => {
    const expiresAtMs = Date.now() + 4_000;
    const audience = { users: ['too-late'] };
    const id = await publish({ audience, expiresAt: new Date(expiresAtMs).toISOString() });
    const queued = await reportWhen(stack, id, (counts) => counts['queued'] === 1);
    expect(queued['counts']).toMatchObject({ queued: 1 });
    const lasting = await publish({ audience });
    await reportWhen(stack, id, (counts) => counts['expired'] === 1);
    const app = await connectApp(stack, 'too-late');
    expect(await app.frame('skipped')).toMatchObject({
      topic: 'user:too-late',
      fromSeq: 1,
      toSeq: 1,
      reason: 'expired',
    });
    expect((await app.shows(1)).map((frame) => [frame.id, frame.seq])).toEqual([[lasting, 2]]);
    await reportWhen(stack, lasting, (counts) => counts['delivered'] === 1);
    expect(await deliveriesOf(id)).toMatchObject({
      'too-late': { state: 'expired', times: { expired: new Date(expiresAtMs).toISOString() } },
    });
    await app.close();
  });

  it.each([
    ['in the past', -1_000],
    ['in 31 days', 31 * 24 * 3_600_000],
  ])('when it is sent, because that is %s, is refused', async (_, fromNowMs) => {
    const expiresAt = new Date(Date.now() + fromNowMs).toISOString();
    const body = { event: 'news', data: {}, audience: { users: ['too-late'] }, expiresAt };
    const answer = await stack.call('POST', '/api/broadcasts', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_field', field: 'expiresAt' } } });
  });
});

describe('a broadcast to a role', () => {
  it('reaches who has it, is announced to who was excepted, and reaches nobody else', async () => {
    const managers = { roles: ['manager'] };
    const manager = await connectApp(stack, 'manager-1', managers);
    const author = await connectApp(stack, 'manager-2', managers);
    const technician = await connectApp(stack, 'technician-1', { roles: ['technician'] });
    const id = await publish({ audience: { role: 'manager' }, except: ['manager-2'] });
    expect((await manager.shows(1)).map((frame) => [frame.id, frame.topic])).toEqual([[id, 'role:manager']]);
    const skipped = { topic: 'role:manager', fromSeq: 1, toSeq: 1, reason: 'suppressed' };
    expect(await author.frame('skipped')).toMatchObject(skipped);
    const report = await reportWhen(stack, id, (counts) => counts['delivered'] === 1);
    expect(report['counts']).toMatchObject({ delivered: 1, suppressed: 1, queued: 0, sent: 0 });
    expect(await deliveriesOf(id)).toMatchObject({
      'manager-1': { state: 'delivered' },
      'manager-2': { state: 'suppressed' },
    });
    const marker = await publish({ audience: { everyone: true } });
    expect((await technician.shows(1)).map((frame) => frame.id)).toEqual([marker]);
    await closeAll(manager, author, technician);
  });

  it.each([
    [{}, 'missing_field'],
    [{ role: 'manager', everyone: true }, 'invalid_field'],
  ])('is refused when the audience is %j', async (audience, code) => {
    const answer = await stack.call('POST', '/api/broadcasts', { event: 'news', data: {}, audience });
    expect(answer).toMatchObject({ status: 400, body: { error: { code, field: 'audience' } } });
  });
});
