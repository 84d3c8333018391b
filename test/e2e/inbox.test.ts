// The inbox without a socket, and read state on all devices: one log and one cursor, whichever way a person comes.
import { stdout } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NotificationFrame, WireFrame, Unread } from '../../shared/protocol/server-frames.ts';
import { connectApp } from './app.ts';
import type { Stack } from './stack.ts';
import { apiKey, broadcastIdOf, reportWhen, startStack } from './stack.ts';

interface Inbox {
  readonly frames: readonly WireFrame[];
  readonly positions: readonly { readonly topic: string; readonly epoch: string; readonly seq: number }[];
  readonly complete: boolean;
  readonly topics: readonly (Unread & { readonly readSeq: number; readonly readBeyond: readonly object[] })[];
  readonly next: string;
}

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

async function publishTo(user: string, count = 1): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const body = { event: 'news', data: { number }, audience: { users: [user] } };
    const id = broadcastIdOf(await stack.call('POST', '/api/broadcasts', body));
    await reportWhen(stack, id, (counts) => counts['accepted'] === 0);
    ids.push(id);
  }
  return ids;
}

async function inboxOf(token: string, query = ''): Promise<Inbox> {
  const { status, body } = await stack.callAs(token, 'GET', `/api/inbox${query}`);
  expect(status).toBe(200);
  return body as unknown as Inbox;
}

async function change(token: string, body: object): Promise<readonly Unread[]> {
  const answer = await stack.callAs(token, 'PATCH', '/api/inbox', body);
  expect(answer.status).toBe(200);
  return answer.body['unread'] as readonly Unread[];
}

function notificationsIn(...pages: readonly Inbox[]): readonly NotificationFrame[] {
  return pages.flatMap(({ frames }) => frames).filter((frame) => frame.type === 'notification');
}

function idsIn(...pages: readonly Inbox[]): readonly string[] {
  return notificationsIn(...pages).map(({ id }) => id);
}

async function isDelivered(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const report = await reportWhen(stack, id, (counts) => counts['delivered'] === 1);
    expect(report['counts']).toMatchObject({ queued: 0, sent: 0, delivered: 1 });
  }
}

describe('what is read on one device', () => {
  it('changes the unread count of the other, whether it was read over the socket or over HTTP', async () => {
    const [phone, tablet] = await Promise.all([connectApp(stack, 'reader'), connectApp(stack, 'reader')]);
    await publishTo('reader', 3);
    await Promise.all([phone.shows(3), tablet.shows(3)]);
    expect(tablet.session.unread()).toBe(3);
    const { topic = '', epoch = '' } = phone.shown[0] ?? {};

    let startedMs = performance.now();
    phone.send({ type: 'read', id: 'read-1', topic, epoch, upToSeq: 2 });
    expect(await tablet.frame('unread')).toMatchObject({ topic, epoch, count: 1, asOfSeq: 3, readSeq: 2 });
    const overSocketMs = performance.now() - startedMs;
    expect(tablet.session.unread()).toBe(1);
    expect(await phone.frame('unread')).toMatchObject({ count: 1, replyTo: 'read-1' });

    startedMs = performance.now();
    const answered = change(await stack.token('reader'), { read: [{ topic, epoch, seqs: [3] }] });
    await tablet.frameWhere('unread', ({ count }) => count === 0);
    const overHttpMs = performance.now() - startedMs;
    expect(await answered).toContainEqual(expect.objectContaining({ topic, count: 0, asOfSeq: 3 }));
    await phone.frameWhere('unread', ({ count }) => count === 0);
    expect([phone.session.unread(), tablet.session.unread()]).toEqual([0, 0]);
    stdout.write(
      `the other device knew ${overSocketMs.toFixed(0)} ms after the frame, and ${overHttpMs.toFixed(0)} ms after the request\n`,
    );
    await Promise.all([phone.close(), tablet.close()]);
  });

  it('is known to who connects later, and to who asks', async () => {
    await publishTo('reads-later', 2);
    const token = await stack.token('reads-later');
    const { positions } = await inboxOf(token);
    const unread = await change(token, { acknowledge: positions, readAll: true });
    expect(unread.map(({ count }) => count)).toEqual([0, 0, 0]);
    await publishTo('reads-later');
    const { topics } = await inboxOf(token);
    const topic = 'user:reads-later';
    expect(topics).toContainEqual(expect.objectContaining({ topic, count: 1, asOfSeq: 3, readSeq: 2, readBeyond: [] }));
    const app = await connectApp(stack, 'reads-later');
    expect((await app.frame('connected')).unread).toContainEqual(
      expect.objectContaining({ topic, count: 1, asOfSeq: 3 }),
    );
    expect((await app.shows(1)).map(({ seq }) => seq)).toEqual([3]);
    expect(app.session.unread()).toBe(1);
    await app.close();
  });
});

describe('who polls', () => {
  it('gets everything page by page, and what is acknowledged counts as delivered and does not come again', async () => {
    const token = await stack.token('poller');
    const ids = await publishTo('poller', 5);
    const first = await inboxOf(token, '?limit=2');
    const second = await inboxOf(token, `?limit=2&after=${first.next}`);
    const third = await inboxOf(token, `?limit=2&after=${second.next}`);
    expect([first, second, third].map(({ complete }) => complete)).toEqual([false, false, true]);
    expect(idsIn(first, second, third)).toEqual(ids);
    expect(first.topics.map(({ topic }) => topic)).toEqual(['user:poller', 'all', 'role:technician']);

    expect(idsIn(await inboxOf(token))).toEqual(ids);
    const unread = await change(token, { acknowledge: third.positions });
    expect(unread).toContainEqual(expect.objectContaining({ topic: 'user:poller', count: 5 }));
    await isDelivered(ids);
    expect(await inboxOf(token)).toMatchObject({ frames: [], complete: true });
    expect(idsIn(await inboxOf(token, '?from=start'))).toEqual(ids);
    const more = await publishTo('poller');
    expect(idsIn(await inboxOf(token, `?after=${third.next}`))).toEqual(more);
  });

  it('and has a socket now and then gets each once', async () => {
    const token = await stack.token('both-ways');
    const ids = [...(await publishTo('both-ways', 4))];
    const page = await inboxOf(token, '?limit=2');
    expect(idsIn(page)).toEqual(ids.slice(0, 2));
    await change(token, { acknowledge: page.positions });
    const app = await connectApp(stack, 'both-ways');
    ids.push(...(await publishTo('both-ways')));
    expect((await app.shows(3)).map(({ id }) => id)).toEqual(ids.slice(2));
    await isDelivered(ids);
    await app.close();
    expect(await inboxOf(token)).toMatchObject({ frames: [], complete: true });
    ids.push(...(await publishTo('both-ways')));
    expect(idsIn(await inboxOf(token))).toEqual(ids.slice(5));
  });
});

describe('refused is', () => {
  it.each([
    ['no token', () => Promise.resolve({}), 'unauthenticated'],
    ['an API key', () => Promise.resolve({ authorization: `Bearer ${apiKey}` }), 'token_invalid'],
    ['an API key in its own header', () => Promise.resolve({ 'x-internal-api-key': apiKey }), 'unauthenticated'],
    [
      'an expired token',
      async () => ({ authorization: `Bearer ${await stack.token('refused', { lifetimeMs: -1_000 })}` }),
      'token_expired',
    ],
  ])('%s', async (_, headers, code) => {
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', { readAll: true }],
    ] as const) {
      const answer = await stack.call(method, '/api/inbox', body, await headers());
      expect(answer).toMatchObject({ status: 401, body: { error: { code } } });
    }
  });

  it.each([
    ['after=nonsense', 'query after'],
    ['limit=0', 'query limit'],
    ['limit=101', 'query limit'],
    ['from=end', 'from'],
    ['page=2', 'page'],
  ])('the query ?%s', async (query, field) => {
    const answer = await stack.callAs(await stack.token('refused'), 'GET', `/api/inbox?${query}`);
    expect(answer.status).toBe(400);
    expect((answer.body['error'] as Readonly<Record<string, string>>)['field']).toContain(field);
  });

  it('a position that is none of the person, and nothing changes', async () => {
    const token = await stack.token('refused');
    await publishTo('refused');
    const { positions } = await inboxOf(token);
    const own = positions.find(({ topic }) => topic === 'user:refused');
    const { topic = '', epoch = '' } = own ?? {};
    const bad = [
      [{}, 400, 'missing_field', 'body'],
      [{ acknowledge: [{ topic: 'user:poller', epoch, seq: 1 }] }, 403, 'forbidden', 'acknowledge[0].topic'],
      [{ acknowledge: [{ topic, epoch: 'long-over', seq: 1 }] }, 400, 'invalid_field', 'acknowledge[0].epoch'],
      [{ acknowledge: [{ topic, epoch, seq: 2 }] }, 400, 'invalid_field', 'acknowledge[0].seq'],
      [{ read: [{ topic, epoch, upToSeq: 2 }] }, 400, 'invalid_field', 'read[0].upToSeq'],
      [{ read: [{ topic, epoch, seqs: [2] }] }, 400, 'invalid_field', 'read[0].seqs'],
      [{ read: [{ topic, epoch }] }, 400, 'missing_field', 'read[0].upToSeq'],
      [{ acknowledge: [{ topic, epoch, seq: -1 }] }, 400, 'invalid_field', 'acknowledge[0].seq'],
      [{ unread: [] }, 400, 'unknown_field', 'unread'],
    ] as const;
    for (const [body, status, code, field] of bad) {
      const answer = await stack.callAs(token, 'PATCH', '/api/inbox', body);
      expect(answer).toMatchObject({ status, body: { error: { code, field } } });
    }
    const after = await inboxOf(token);
    expect(notificationsIn(after)).toHaveLength(1);
    expect(after.topics).toContainEqual(expect.objectContaining({ topic, count: 1, readSeq: 0 }));
  });
});

describe('permissions', () => {
  it('nothing that a function asked for was denied', () => {
    expect(stack.runtime.usedPermissions().filter(({ allowed }) => !allowed)).toEqual([]);
  });
});
