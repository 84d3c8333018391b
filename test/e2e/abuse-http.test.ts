// Too much over HTTP: a body that is too large for any route, and more calls than a key or a person has.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestLimits } from '../../shared/protocol/limits.ts';
import type { Callers } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';
import type { Site } from '../conformance/site.ts';
import { openSite } from '../conformance/site.ts';
import type { App } from './app.ts';
import { connectApp } from './app.ts';
import { httpRouteNames, requestTo } from './route-requests.ts';
import type { Stack } from './stack.ts';
import { apiKey, nextApiKey, otherTenantKey, startStack } from './stack.ts';

const callsPerMinute = 20;

let stack: Stack;
let site: Site;
let peer: App;

beforeAll(async () => {
  stack = await startStack({ parameters: { Teams: '*', RateLimitPerMinute: String(callsPerMinute) } });
  site = openSite({ url: stack.runtime.httpUrl, apiKey, token: (user, roles) => stack.token(user, { roles }) });
  peer = await connectApp(stack, 'peer');
});
afterAll(async () => {
  await peer.close();
  await stack.stop();
});

describe('a body that is too large', () => {
  const names = httpRouteNames.filter((name) => routes[name].method !== 'GET');

  it.each(names)('is refused by %s', async (name) => {
    const canary = 'x'.repeat(requestLimits.bodyBytesMax);
    const { method, path } = requestTo(name, canary, '');
    const token = await stack.token('admin', { roles: ['admin'] });
    const isKeyed = routes[name].callers === 'key';
    const headers: Readonly<Record<string, string>> = isKeyed
      ? { 'x-api-key': otherTenantKey }
      : { authorization: `Bearer ${token}` };
    const answer = await site.call(method, path, { headers, body: { canary } });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'payload_too_large', field: 'body' } } });
  });
});

/** Calls, some at once, until one is refused; the window may turn in between, so that more than the allowed are answered. */
async function callUntilRefused(path: string, headers: Readonly<Record<string, string>>) {
  for (let answered = 0; answered <= 2 * requestLimits.inboxRequestsMax;) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => site.call('GET', path, { headers })));
    answered += answers.filter(({ status }) => status === 200).length;
    const refused = answers.find(({ status }) => status !== 200);
    if (refused !== undefined) return { answered, refused };
  }
  throw new Error('no call was one too many');
}

describe('more calls than are allowed', () => {
  const cases: readonly (readonly [string, Callers, string, number])[] = [
    ['a key', 'key', '/api/notifications/status', callsPerMinute],
    ['a back office', 'office', '/websocket/status', callsPerMinute],
    ['an admin', 'admin', '/api/websocket/stats', requestLimits.inboxRequestsMax],
    ['a person', 'person', '/api/inbox', requestLimits.inboxRequestsMax],
    ['an address', 'anyone', '/api/websocket/health', requestLimits.visitorRequestsMax],
  ];

  it.each(cases)(
    'of %s wait',
    async (_, kind, path, allowed) => {
      const token = await stack.token(`busy-${kind}`, { roles: ['admin'] });
      const keyed = { 'x-api-key': kind === 'key' ? apiKey : nextApiKey };
      const isKeyed = kind === 'key' || kind === 'office';
      const headers = isKeyed ? keyed : { authorization: `Bearer ${token}` };
      const { answered, refused } = await callUntilRefused(path, headers);
      expect(answered).toBeGreaterThanOrEqual(allowed);
      expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    },
    60_000,
  );

  it('are of no concern to others', async () => {
    const token = await stack.token('somebody', { roles: ['admin'] });
    const answer = await site.person(token, 'POST', '/websocket/notify/client/peer', {
      type: 'info',
      title: 'News',
      message: 'All is well',
    });
    expect(answer.status).toBe(202);
    const id = answer.body['broadcastId'];
    await peer.frameWhere('notification', (frame) => frame.id === id);
  });

  it('are counted for every kind of callers', () => {
    const kinds = new Set(httpRouteNames.map((name) => routes[name].callers));
    expect(new Set(cases.map(([, kind]) => kind))).toEqual(kinds);
    for (const [, kind, path] of cases) {
      expect(
        Object.values(routes).some((route) => route.kind === 'http' && route.path === path && route.callers === kind),
      ).toBe(true);
    }
  });
});
