// Bad input from outside: each gets a clear error that names the field and the remedy, and nothing is stored.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignJWT, UnsecuredJWT, generateKeyPair } from 'jose';
import { openApp, connectApp, refusedStatus } from './app.ts';
import type { Stack } from './stack.ts';
import { apiKey, nextApiKey, startStack } from './stack.ts';

const path = '/api/notifications/broadcast';
const good = { eventType: 'task:new', taskData: { id: 't' }, contractorIds: ['a'] };
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly remedy: string;
  readonly requestId: string;
}

async function refusal(
  body: unknown,
  headers?: Readonly<Record<string, string>>,
): Promise<Refusal & { readonly status: number }> {
  const answer = await stack.call('POST', path, body, headers);
  return { status: answer.status, ...(answer.body['error'] as Refusal) };
}

describe('keys', () => {
  it.each([
    ['none', {}, 401, 'no API key was sent'],
    ['a wrong one', { 'x-api-key': 'wrong' }, 401, 'the API key is not known'],
    [
      'two different ones',
      { 'x-api-key': apiKey, authorization: `Bearer ${nextApiKey}` },
      400,
      'the headers hold different API keys',
    ],
  ])('%s', async (_, headers, status, message) => {
    const refused = await refusal(good, headers);
    expect(refused).toMatchObject({ status, message });
    expect(refused.field).toContain('header');
    expect(refused.remedy).not.toBe('');
    expect(JSON.stringify(refused)).not.toContain(apiKey);
  });

  it('both keys of a rotation are good', async () => {
    const answers = await Promise.all(
      [apiKey, nextApiKey].map((key) => stack.call('POST', path, good, { 'x-internal-api-key': key })),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  });
});

describe('bodies', () => {
  it.each([
    ['none', undefined, 400, 'invalid_json', 'body'],
    ['an empty one', '', 400, 'invalid_json', 'body'],
    ['broken JSON', '{"eventType":', 400, 'invalid_json', 'body'],
    ['a list', [], 400, 'invalid_field', 'body'],
    [
      '10,000 levels',
      `{"eventType":"task:new","taskData":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      400,
      'invalid_json',
      'body',
    ],
    [
      '__proto__',
      '{"eventType":"task:new","taskData":{"__proto__":{"admin":true}}}',
      400,
      'invalid_json',
      'taskData.__proto__',
    ],
    ['an unknown event type', { ...good, eventType: 'task:gone' }, 400, 'invalid_field', 'eventType'],
    ['no event type', { taskData: {} }, 400, 'missing_field', 'eventType'],
    ['no task data', { eventType: 'task:new' }, 400, 'missing_field', 'taskData'],
    ['a text as contractor list', { ...good, contractorIds: 'a' }, 400, 'invalid_field', 'contractorIds'],
    ['a number as contractor', { ...good, contractorIds: ['a', 7] }, 400, 'invalid_field', 'contractorIds[1]'],
    ['an empty contractor list', { ...good, contractorIds: [] }, 400, 'invalid_field', 'contractorIds'],
    ['a misspelt field', { ...good, contractorIDs: ['a'] }, 400, 'unknown_field', 'contractorIDs'],
    ['too much', { ...good, taskData: { text: 'x'.repeat(98_304) } }, 413, 'payload_too_large', 'body'],
  ])('%s', async (_, body, status, code, field) => {
    const refused = await refusal(body);
    expect(refused).toMatchObject({ status, code });
    expect(refused.field).toBe(field);
    expect(refused.message).not.toBe('');
    expect(refused.remedy).not.toBe('');
  });

  it('too much is told with the measured size', async () => {
    const body = JSON.stringify({ ...good, taskData: { text: 'ü'.repeat(60_000) } });
    const refused = await refusal(body);
    expect(refused.message).toBe(`the body is ${String(Buffer.byteLength(body))} bytes, at most 98304 are allowed`);
  });

  it('the largest that is allowed arrives', async () => {
    const app = await connectApp(stack, 'large');
    const frame = { eventType: 'task:new', contractorIds: ['large'], taskData: { text: '' } };
    const room = 98_304 - Buffer.byteLength(JSON.stringify(frame));
    const body = { ...frame, taskData: { text: 'x'.repeat(room) } };
    expect((await stack.call('POST', path, body)).status).toBe(202);
    expect((await app.shows(1))[0]?.data['taskData']).toEqual(body.taskData);
    await app.close();
  });
});

describe('reports', () => {
  it('an unknown one is not found', async () => {
    const answer = await stack.call('GET', '/api/notifications/broadcasts/nothing');
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  });

  it.each(['limit=0', 'limit=501', 'limit=x', 'after=nobody', 'page=2'])('?%s is refused', async (query) => {
    const { body } = await stack.call('POST', path, good);
    for (const report of Object.values(body['links'] as Readonly<Record<string, string>>)) {
      const answer = await stack.call('GET', `${report}?${query}`);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).toContain(query.split('=')[0]);
    }
  });
});

describe('tokens', () => {
  const claims = { sub: 'a', tenant: 'default', roles: [] };

  async function forged(): Promise<string> {
    const { privateKey } = await generateKeyPair('RS256');
    const kid = (stack.issuer.jwks() as { readonly keys: readonly { readonly kid: string }[] }).keys[0]?.kid ?? '';
    const token = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).setIssuer(stack.issuer.issuer);
    return token.setAudience(stack.issuer.audience).setExpirationTime('1h').sign(privateKey);
  }

  const unsigned = (): string =>
    new UnsecuredJWT(claims)
      .setIssuer(stack.issuer.issuer)
      .setAudience(stack.issuer.audience)
      .setExpirationTime('1h')
      .encode();

  it.each([
    ['an expired one', () => stack.token('a', { lifetimeMs: -1_000 }), 'token_expired'],
    ['a forged one', forged, 'token_invalid'],
    ['alg none', unsigned, 'token_invalid'],
    ['junk', () => 'junk', 'token_invalid'],
  ])('%s is refused in the address and in a frame', async (_, make, code) => {
    const token = await make();
    expect(await refusedStatus(`${stack.runtime.webSocketUrl}?token=${token}`)).toBe(401);
    const app = openApp(stack.runtime.webSocketUrl);
    await new Promise((resolve) => app.socket.once('open', resolve));
    app.send({ type: 'authenticate', id: 'auth-1', token });
    expect(await app.frame('error')).toMatchObject({ code, field: 'token', replyTo: 'auth-1' });
    await app.close();
  });
});

describe('frames', () => {
  it('each bad one gets its own error, and the socket stays', async () => {
    const app = await connectApp(stack, 'framer');
    const bad = [
      ['not json', 'invalid_json'],
      ['{"type":"shout","id":"f1"}', 'invalid_field'],
      ['{"type":"acknowledge","topic":"user:someone-else","epoch":"e","seq":1}', 'forbidden'],
      ['{"type":"acknowledge","topic":"all","epoch":"e","seq":1}', 'invalid_field'],
      ['{"type":"authenticate","token":"x"}', 'token_invalid'],
    ] as const;
    for (const [text] of bad) app.send(text);
    app.send({ type: 'ping', id: 'last' });
    await expect
      .poll(() => app.frames.filter(({ type }) => type === 'error').length, { timeout: 20_000 })
      .toBe(bad.length);
    const codes = app.frames.flatMap((frame) => (frame.type === 'error' ? [frame.code] : []));
    expect(codes.sort()).toEqual(bad.map(([, code]) => code).sort());
    expect(await app.frame('pong')).toMatchObject({ replyTo: 'last' });
    await app.close();
  });

  it('a socket that does not authenticate is told so and closed', async () => {
    const app = openApp(stack.runtime.webSocketUrl);
    const closed = new Promise((resolve) => app.socket.once('close', resolve));
    expect(await app.frame('error')).toMatchObject({ code: 'unauthenticated' });
    await closed;
  });
});

describe('limits of the caller', () => {
  it('a key that has used its allowance waits; a source that is not allowed is refused', async () => {
    const limited = await startStack({ parameters: { RateLimitPerMinute: '1' } });
    const statuses: number[] = [];
    let last = await limited.call('GET', '/api/notifications/status');
    // The window may turn between two calls, so it takes three to be sure of two in one.
    for (let call = 0; call < 2 && last.status === 200; call += 1) {
      statuses.push(last.status);
      last = await limited.call('GET', '/api/notifications/status');
    }
    expect(statuses).toContain(200);
    expect(last).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last.headers.get('ratelimit-remaining')).toBe('0');
    await limited.stop();
    const closed = await startStack({ parameters: { AllowedSources: '203.0.113.0/24' } });
    const refused = await closed.call('GET', '/api/notifications/status', undefined, {
      'x-api-key': apiKey,
      'x-forwarded-for': '203.0.113.9',
    });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'source_not_allowed' } } });
    await closed.stop();
  });
});
