// Who was away: everything is found again in order, page by page, and newcomers get what was meant for them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSession } from '../../commands/session.ts';
import { connectApp } from './app.ts';
import { fillLog } from './fill-log.ts';
import type { Stack } from './stack.ts';
import { broadcastIdOf, otherTenantKey, reportWhen, startStack } from './stack.ts';

const path = '/api/broadcasts';
const hourMs = 3_600_000;

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

async function publish(audience: object, on = stack): Promise<string> {
  return broadcastIdOf(await on.call('POST', path, { event: 'news', data: {}, audience }));
}

describe('10,000 notifications', () => {
  const count = 10_000;

  it('are shown in order, page after page, without a repeat', async () => {
    await fillLog(stack, 'user:long-away', count);
    const app = await connectApp(stack, 'long-away', { acknowledges: false, patienceMs: 80_000 });
    const shown = await app.shows(count);
    expect(shown.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect(shown.map(({ id }) => id)).toEqual(shown.map(({ seq }) => `old-${String(seq)}`));
    await app.frameWhere('resumed', ({ complete }) => complete);
    expect(app.frames.filter(({ type }) => type === 'notification')).toHaveLength(count);
    const pages = app.frames.flatMap((frame) => (frame.type === 'resumed' ? [frame.complete] : []));
    expect(pages.length).toBeGreaterThanOrEqual(5);
    expect(pages.filter((complete) => complete)).toEqual([true]);
    expect(app.session.unread()).toBe(count);

    const last = await publish({ users: ['long-away'] });
    await app.shows(count + 1);
    app.acknowledge();
    await reportWhen(stack, last, (counts) => counts['delivered'] === 1);
    await app.close();
    const again = await connectApp(stack, 'long-away', { session: app.session });
    expect(again.frames.map(({ type }) => type)).toEqual(['connected', 'resumed']);
    await again.close();
  }, 90_000);
});

describe('who connects for the first time', () => {
  it('gets all that was addressed to them, and of wide topics nothing from before', async () => {
    const own = [await publish({ users: ['first'] })];
    await publish({ everyone: true });
    const before = await publish({ role: 'technician' });
    own.push(await publish({ users: ['first', 'somebody'] }));
    for (const id of [...own, before]) await reportWhen(stack, id, (counts) => counts['accepted'] === 0);
    const app = await connectApp(stack, 'first');
    const shown = await app.shows(2);
    expect(shown.map(({ id }) => id).sort()).toEqual(own.sort());
    const after = [await publish({ everyone: true }), await publish({ role: 'technician' })];
    expect(
      (await app.shows(4))
        .slice(2)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(after.sort());
    await app.close();
  });

  it('gets of wide topics what came within the look-back, and nothing older', async () => {
    const looksBack = await startStack({ parameters: { LookBackHours: '1' } });
    await fillLog(looksBack, 'all', 3, { appendedAtMs: Date.now() - 2 * hourMs });
    const recent = await publish({ everyone: true }, looksBack);
    await reportWhen(looksBack, recent, (counts) => counts['accepted'] === 0);
    const app = await connectApp(looksBack, 'newcomer');
    expect((await app.shows(1)).map(({ id, seq }) => [id, seq])).toEqual([[recent, 4]]);
    await app.close();
    await looksBack.stop();
  });
});

describe('the audience of a wide broadcast', () => {
  it('is every member, away or not', async () => {
    const users = Array.from({ length: 12 }, (_, index) => `member-${String(index)}`);
    const sessions = users.map(() => createSession());
    const apps = await Promise.all(
      users.map((user, index) =>
        connectApp(stack, user, { tenant: 'acme', session: sessions[index] ?? createSession() }),
      ),
    );
    await Promise.all(apps.slice(2).map((app) => app.close()));
    const key = { 'x-internal-api-key': otherTenantKey };
    const call: Stack['call'] = (method, where, body) => stack.call(method, where, body, key);
    const id = broadcastIdOf(await call('POST', path, { event: 'news', data: {}, audience: { everyone: true } }));
    const report = await reportWhen({ call }, id, (counts) => counts['delivered'] === 2 && counts['queued'] === 10);
    expect(report['counts']).toMatchObject({ accepted: 0, queued: 10, sent: 0, delivered: 2, failed: 0 });
    const back = await Promise.all(
      users
        .slice(2)
        .map((user, index) =>
          connectApp(stack, user, { tenant: 'acme', session: sessions[index + 2] ?? createSession() }),
        ),
    );
    for (const app of back) expect((await app.shows(1)).map((shown) => shown.id)).toEqual([id]);
    await reportWhen({ call }, id, (counts) => counts['delivered'] === 12);
    await Promise.all([...apps.slice(0, 2), ...back].map((app) => app.close()));
  });
});
