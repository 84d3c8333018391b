// The main job: a CRM posts, every addressed app that is connected receives it, and the CRM can ask what became of it.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSession } from '../../commands/session.ts';
import { connectApp, refusedStatus } from './app.ts';
import type { Stack } from './stack.ts';
import { apiKey, broadcastIdOf, otherTenantKey, reportWhen, startStack } from './stack.ts';

/** The brief's own example, word for word. */
const example = {
  eventType: 'task:new',
  taskData: {
    id: 'task-id',
    type: 'Setup',
    description: 'Task description',
    priority: 'Medium',
    scheduledDateTime: '2025-08-04T12:00:00Z',
    address: '123 Main St, San Antonio, TX',
    paymentAmount: 75,
  },
  contractorIds: ['contractor1', 'contractor2'],
  metadata: { source: 'crm', timestamp: '2025-08-04T12:00:00Z' },
};
const path = '/api/notifications/broadcast';
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe("the brief's example", () => {
  it.each([
    ['X-Internal-API-Key', apiKey],
    ['Authorization', `Bearer ${apiKey}`],
    ['X-API-Key', apiKey],
  ])('reaches contractor1 and contractor2 and not contractor3, with the key in %s', async (header, value) => {
    const apps = await Promise.all(
      ['contractor1', 'contractor2', 'contractor3'].map((user) =>
        connectApp(stack, user, { session: createSession() }),
      ),
    );
    const [one, two, three] = apps;
    const before = (one?.shown.length ?? 0) + 1;
    const accepted = await stack.call('POST', path, example, { [header]: value });
    const broadcastId = broadcastIdOf(accepted);
    for (const app of [one, two]) {
      const shown = await app?.shows(before);
      expect(shown?.at(-1)).toMatchObject({
        id: broadcastId,
        event: 'task:new',
        data: { taskData: example.taskData },
        metadata: example.metadata,
      });
    }
    await reportWhen(stack, broadcastId, (counts) => counts['delivered'] === 2);
    // A report is no snapshot: its page of deliveries may be a moment older than its counts.
    const { body: report } = await stack.call('GET', `/api/notifications/broadcasts/${broadcastId}`);
    expect(report).toMatchObject({
      counts: { accepted: 0, queued: 0, sent: 0, delivered: 2, read: 0, failed: 0 },
      deliveries: [
        { contractorId: 'contractor1', state: 'delivered' },
        { contractorId: 'contractor2', state: 'delivered' },
      ],
      next: null,
    });
    expect(three?.shown).toEqual([]);
    await Promise.all(apps.map((app) => app.close()));
  });
});

describe('who is away', () => {
  it('gets it at the next connection, once and in order', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 5; number += 1) {
      ids.push(broadcastIdOf(await stack.call('POST', path, { ...example, contractorIds: ['away'] })));
      await reportWhen(stack, ids.at(-1) ?? '', (counts) => counts['queued'] === 1);
    }
    const app = await connectApp(stack, 'away', { authenticatesByFrame: true });
    expect((await app.shows(5)).map(({ id, seq }) => [id, seq])).toEqual(ids.map((id, index) => [id, index + 1]));
    await reportWhen(stack, ids.at(-1) ?? '', (counts) => counts['delivered'] === 1);
    await app.close();
    const again = await connectApp(stack, 'away');
    expect(again.frames.map(({ type }) => type)).toEqual(['connected', 'resumed']);
    await again.close();
  });

  it('is counted in a broadcast to everybody, and finds it in the log', async () => {
    const here = await connectApp(stack, 'here');
    const away = await connectApp(stack, 'was-here');
    await away.close();
    const before = here.shown.length + 1;
    const everybody = { eventType: 'notification:system', notification: { title: 'Maintenance at noon' } };
    const broadcastId = broadcastIdOf(await stack.call('POST', path, everybody));
    expect((await here.shows(before)).at(-1)).toMatchObject({ id: broadcastId, topic: 'all' });
    const report = await reportWhen(stack, broadcastId, (counts) => (counts['delivered'] ?? 0) >= 1);
    const deliveries = report['deliveries'] as readonly object[];
    expect(deliveries).toContainEqual(expect.objectContaining({ contractorId: 'here', state: 'delivered' }));
    expect(deliveries).toContainEqual(expect.objectContaining({ contractorId: 'was-here', state: 'queued' }));
    const back = await connectApp(stack, 'was-here');
    expect((await back.shows(1)).map(({ id }) => id)).toEqual([broadcastId]);
    const newcomer = await connectApp(stack, 'newcomer');
    expect(newcomer.shown).toEqual([]);
    await Promise.all([here, back, newcomer].map((app) => app.close()));
  });
});

describe('one user', () => {
  it('with two devices gets it on both; one read makes it read', async () => {
    const [phone, tablet] = await Promise.all([connectApp(stack, 'two'), connectApp(stack, 'two')]);
    const broadcastId = broadcastIdOf(await stack.call('POST', path, { ...example, contractorIds: ['two'] }));
    const [shown] = await phone.shows(1);
    await tablet.shows(1);
    phone.send({ type: 'read', topic: shown?.topic, epoch: shown?.epoch, seqs: [shown?.seq] });
    const report = await reportWhen(stack, broadcastId, (counts) => counts['read'] === 1);
    expect(report['counts']).toMatchObject({ delivered: 0, read: 1 });
    await Promise.all([phone.close(), tablet.close()]);
  });

  it('of another tenant with the same name sees nothing of it, in frames or reports', async () => {
    const ours = await connectApp(stack, 'same-name');
    const theirs = await connectApp(stack, 'same-name', { tenant: 'acme' });
    const ofUs = broadcastIdOf(await stack.call('POST', path, { ...example, contractorIds: ['same-name'] }));
    await ours.shows(1);
    const key = { 'x-internal-api-key': otherTenantKey };
    const foreign = await stack.call('GET', `/api/notifications/broadcasts/${ofUs}`, undefined, key);
    const unknown = await stack.call('GET', '/api/notifications/broadcasts/01ARZ3NDEKTSV4RRFFQ69G5FAV', undefined, key);
    expect(foreign.status).toBe(404);
    expect({ ...(foreign.body['error'] as object), requestId: '' }).toEqual({
      ...(unknown.body['error'] as object),
      requestId: '',
    });
    const ofThem = broadcastIdOf(await stack.call('POST', path, { ...example, contractorIds: ['same-name'] }, key));
    expect((await theirs.shows(1)).map(({ id }) => id)).toEqual([ofThem]);
    expect(ours.shown.map(({ id }) => id)).toEqual([ofUs]);
    await Promise.all([ours.close(), theirs.close()]);
  });
});

describe('test and status', () => {
  it('a test reaches who is connected, and nobody later', async () => {
    const app = await connectApp(stack, 'tester');
    const answer = await stack.call('POST', '/api/notifications/test', { message: 'test' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ success: true, message: 'test' });
    expect(await app.shows(1)).toMatchObject([{ event: 'notification:test', data: { message: 'test' } }]);
    await app.close();
    const later = await connectApp(stack, 'tester');
    expect(later.frames.map(({ type }) => type)).toEqual(['connected', 'resumed']);
    await later.close();
  });

  it('the status counts connections and users of the tenant', async () => {
    const apps = await Promise.all(['s1', 's1', 's2'].map((user) => connectApp(stack, user, { tenant: 'acme' })));
    const { status, body } = await stack.call('GET', '/api/notifications/status', undefined, {
      'x-api-key': otherTenantKey,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ connections: 3, users: 2, queue: { waiting: 0, inFlight: 0 }, deadLetters: 0 });
    await Promise.all(apps.map((app) => app.close()));
  });
});

describe('secrets', () => {
  it('no key, no token and no content is in any log', async () => {
    const token = await stack.token('canary');
    await refusedStatus(`${stack.runtime.webSocketUrl}?token=${token}x`);
    const canary = { ...example, taskData: { note: 'canary-content' }, contractorIds: ['canary'] };
    const app = await connectApp(stack, 'canary');
    await stack.call('POST', path, canary);
    await app.shows(1);
    await app.close();
    const folder = join(stack.directory, 'logs');
    const logs = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
    expect(logs.join('')).toContain('connect_refused');
    for (const secret of [apiKey, token.split('.')[2] ?? token, 'canary-content'])
      expect(logs.join('')).not.toContain(secret);
  });
});

describe('permissions', () => {
  it('nothing that a function asked for was denied', () => {
    expect(stack.runtime.usedPermissions().filter(({ allowed }) => !allowed)).toEqual([]);
  });
});
