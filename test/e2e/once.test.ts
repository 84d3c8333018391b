// One request, one broadcast: repetitions, a poison record beside good ones, and many at once.
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectApp } from './app.ts';
import type { Stack } from './stack.ts';
import { apiKey, broadcastIdOf, reportWhen, startStack } from './stack.ts';

const path = '/api/notifications/broadcast';
const good = { eventType: 'task:new', taskData: { id: 't' } };
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ parameters: { RateLimitPerMinute: '100000' } });
});
afterAll(() => stack.stop());

describe('an idempotency key', () => {
  const headers = { 'x-internal-api-key': apiKey, 'idempotency-key': 'order-4711' };
  const body = { ...good, contractorIds: ['once'] };

  it('64 times in parallel makes one broadcast, which is shown once', async () => {
    const app = await connectApp(stack, 'once');
    const answers = await Promise.all(Array.from({ length: 64 }, () => stack.call('POST', path, body, headers)));
    const ids = new Set(answers.map(broadcastIdOf));
    expect(ids.size).toBe(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === null)).toHaveLength(1);
    const last = broadcastIdOf(await stack.call('POST', path, body));
    expect((await app.shows(2)).map(({ id }) => id)).toEqual([...ids, last]);
    await app.close();
  });

  it.each([
    ['/api/broadcasts', { event: 'news', data: {}, audience: { users: ['once'] } }],
    ['/api/notifications/test', { contractorIds: ['once'] }],
  ])('makes one broadcast of two requests to %s as well', async (where, request) => {
    const key = { 'x-internal-api-key': apiKey, 'idempotency-key': `repeated-${where}` };
    const first = await stack.call('POST', where, request, key);
    const second = await stack.call('POST', where, request, key);
    expect(second.body['broadcastId']).toBe(first.body['broadcastId']);
    expect([first, second].map(({ status }) => status)).toEqual([first.status, first.status]);
    expect(first.body['broadcastId']).toEqual(expect.any(String));
  });

  it('with another body is refused', async () => {
    const answer = await stack.call('POST', path, { ...body, taskData: { id: 'other' } }, headers);
    expect(answer).toMatchObject({
      status: 422,
      body: { error: { code: 'idempotency_mismatch', field: 'header Idempotency-Key' } },
    });
  });
});

describe('a crowd', () => {
  it('of 120 connected users gets a broadcast to everybody, each once', async () => {
    const users = Array.from({ length: 120 }, (_, index) => `crowd-${String(index)}`);
    const apps = await Promise.all(users.map((user) => connectApp(stack, user, { patienceMs: 60_000 })));
    const broadcastId = broadcastIdOf(await stack.call('POST', path, good));
    const shown = await Promise.all(apps.map((app) => app.shows(1)));
    expect(shown.every((one) => one.length === 1 && one[0]?.id === broadcastId)).toBe(true);
    const report = await reportWhen(stack, broadcastId, (counts) => (counts['delivered'] ?? 0) >= 120);
    expect((report['counts'] as Record<string, number>)['delivered']).toBe(120);
    await Promise.all(apps.map((app) => app.close()));
  }, 90_000);

  it('of 230 named users is paged, in the queue and in the report', async () => {
    const contractorIds = Array.from({ length: 230 }, (_, index) => `named-${String(index)}`);
    const broadcastId = broadcastIdOf(await stack.call('POST', path, { ...good, contractorIds }));
    await reportWhen(stack, broadcastId, (counts) => counts['queued'] === 230);
    const seen: unknown[] = [];
    let next: string | null = null;
    do {
      const after: string = next === null ? '' : `&after=${next}`;
      const page = await stack.call('GET', `/api/notifications/broadcasts/${broadcastId}?limit=100${after}`);
      seen.push(...(page.body['deliveries'] as { readonly contractorId: string }[]).map((one) => one.contractorId));
      next = page.body['next'] as string | null;
    } while (next !== null);
    expect(seen).toEqual(contractorIds);
  });
});

describe('a poison record', () => {
  it('becomes a dead letter after its retries, while others flow, and the status shows it', async () => {
    const queue = stack.runtime.model.queues.find(({ logicalId }) => logicalId === 'BroadcastQueue');
    const client = stack.sqs();
    const poison = { kind: 'broadcast', broadcastId: 'was-never-stored' };
    await client.send(new SendMessageCommand({ QueueUrl: queue?.url, MessageBody: JSON.stringify(poison) }));
    await client.send(new SendMessageCommand({ QueueUrl: queue?.url, MessageBody: 'not even JSON' }));
    const app = await connectApp(stack, 'beside');
    const before = app.shown.length + 1;
    broadcastIdOf(await stack.call('POST', path, { ...good, contractorIds: ['beside'] }));
    await app.shows(before);
    await app.close();
    const deadLetters = async (): Promise<unknown> =>
      (await stack.call('GET', '/api/notifications/status')).body['deadLetters'];
    await expect.poll(deadLetters, { timeout: 60_000, interval: 500 }).toBe(2);
    expect((await stack.call('GET', '/api/notifications/status')).body['status']).toBe('degraded');
    client.destroy();
  }, 90_000);
});
