// The wrapper of every HTTP route: who comes in, what the route sees, and what leaves in each case.
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { EndpointAnswer, EndpointRequest } from '../../functions/http/endpoint.ts';
import { endpoint } from '../../functions/http/endpoint.ts';
import type { ApiKey } from '../../shared/ports.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { requestLimits } from '../../shared/protocol/limits.ts';
import { openApiKeys } from '../../shared/system/api-keys.ts';
import { digest } from '../../shared/system/digest.ts';
import { openSourceList } from '../../shared/system/source-list.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeRates } from '../fakes/fake-guards.ts';
import type { FakeTelemetry } from '../fakes/fake-telemetry.ts';
import { fakeTelemetry } from '../fakes/fake-telemetry.ts';
import type { GivenRequest } from './events.ts';
import { aContext, httpEvent } from './events.ts';

const key = 'the-secret-key';
const keyHeader = { 'x-internal-api-key': key };

type Run = (request: EndpointRequest<ApiKey>) => Promise<EndpointAnswer>;

const fine: Run = async () => Promise.resolve({ status: 202, body: { success: true }, headers: { location: '/b/1' } });

function anEndpoint(run: Run = fine, rateLimitPerMinute = 10) {
  const telemetry: FakeTelemetry = fakeTelemetry();
  const handler = endpoint(
    'publish',
    {
      apiKeys: openApiKeys([digest.sha256Hex(key)]),
      sources: openSourceList(['203.0.113.0/24']),
      rates: fakeRates(),
      clock: fakeClock(),
      rateLimitPerMinute,
      telemetry,
    },
    run,
  );
  const ask = async (given: GivenRequest = {}) => handler(httpEvent({ headers: keyHeader, ...given }), aContext());
  return { ask, telemetry };
}

/** The error object of a refusal. */
function errorOf(answer: APIGatewayProxyStructuredResultV2): Record<string, unknown> {
  const body = JSON.parse(answer.body ?? '') as { success: boolean; error: Record<string, unknown> };
  expect(body.success).toBe(false);
  return body.error;
}

describe('a request that is admitted', () => {
  it('gets the route’s answer, with the state of the allowance', async () => {
    const { ask } = anEndpoint();
    expect(await ask()).toEqual({
      statusCode: 202,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'ratelimit-limit': '10',
        'ratelimit-remaining': '9',
        'ratelimit-reset': '60',
        location: '/b/1',
      },
      body: '{"success":true}',
    });
  });

  it('is seen by the route as it came', async () => {
    let seen: EndpointRequest<ApiKey> | undefined;
    const { ask } = anEndpoint(async (request) => {
      seen = request;
      return fine(request);
    });
    const given = {
      method: 'GET',
      path: '/b/7',
      query: { limit: '3' },
      pathParameters: { id: '7' },
      body: '{"a":"ü"}',
    };
    await ask(given);
    expect(seen).toMatchObject({ method: 'GET', path: '/b/7?limit=3', query: { limit: '3' } });
    expect(seen?.pathParameters).toEqual({ id: '7' });
    expect(seen).toMatchObject({ bodyText: '{"a":"ü"}', caller: { tenant: 'default' } });
    expect(seen?.json()).toEqual({ a: 'ü' });
    await ask({ ...given, query: {} });
    expect(seen).toMatchObject({ path: '/b/7', query: {} });
  });

  it('may have its body in base64, as the gateway sends what it takes for binary', async () => {
    let body: unknown;
    const { ask } = anEndpoint(async (request) => {
      body = request.json();
      return fine(request);
    });
    await ask({ body: Buffer.from('{"a":"ü"}').toString('base64'), isBase64Encoded: true });
    expect(body).toEqual({ a: 'ü' });
  });

  it('is logged with the name of its key and not the key', async () => {
    const { ask, telemetry } = anEndpoint();
    await ask();
    expect(telemetry.lines).toMatchObject([
      { level: 'info', event: 'request', fields: { requestId: 'request-1', status: 202 } },
    ]);
    expect(JSON.stringify(telemetry.lines)).not.toContain(key);
  });
});

describe('a caller that is not admitted', () => {
  it.each([
    [401, 'unauthenticated', { headers: {} }],
    [401, 'unauthenticated', { headers: { 'x-api-key': 'wrong-key' } }],
    [400, 'conflicting_keys', { headers: { ...keyHeader, 'x-api-key': 'wrong-key' } }],
    [403, 'source_not_allowed', { sourceIp: '198.51.100.1' }],
  ])('is answered %i %s, the route does not run, and no key is shown', async (status, code, given) => {
    let ran = false;
    const { ask, telemetry } = anEndpoint(async (request) => {
      ran = true;
      return fine(request);
    });
    const answer = await ask(given);
    expect(answer.statusCode).toBe(status);
    expect(errorOf(answer)).toMatchObject({ code, requestId: 'request-1' });
    expect(answer.headers).not.toHaveProperty('ratelimit-limit');
    expect(ran).toBe(false);
    expect(JSON.stringify([answer, telemetry.lines])).not.toMatch(/wrong-key|the-secret-key/);
    expect(telemetry.lines).toMatchObject([{ event: 'request_refused', fields: { code } }]);
  });
});

describe('an allowance that is used up', () => {
  it('is answered 429 with the time to wait, and the route does not run', async () => {
    let runs = 0;
    const { ask } = anEndpoint(async (request) => {
      runs += 1;
      return fine(request);
    }, 1);
    await ask();
    const answer = await ask();
    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toMatchObject({ 'retry-after': '60', 'ratelimit-remaining': '0', 'ratelimit-reset': '60' });
    expect(errorOf(answer)).toMatchObject({ code: 'rate_limited' });
    expect(errorOf(answer)).not.toHaveProperty('retryAfterSeconds');
    expect(runs).toBe(1);
  });
});

describe('a body', () => {
  const parse: Run = async (request) => Promise.resolve({ status: 200, body: { got: request.json() } });
  const { bodyBytesMax } = requestLimits;
  const deep = '['.repeat(10_000);

  it.each([
    ['is missing', undefined, 400, 'invalid_json'],
    ['is empty', '', 400, 'invalid_json'],
    ['is broken', '{"a":', 400, 'invalid_json'],
    ['is nested 10,000 deep', `${deep}${']'.repeat(10_000)}`, 400, 'invalid_json'],
    ['has a prototype key', '{"a":{"__proto__":{"admin":true}}}', 400, 'invalid_json'],
    ['is too large', JSON.stringify('x'.repeat(bodyBytesMax)), 413, 'payload_too_large'],
    [
      'is too large in bytes, not in characters',
      JSON.stringify('€'.repeat(bodyBytesMax / 2)),
      413,
      'payload_too_large',
    ],
  ])('that %s is refused', async (_, body, status, code) => {
    const { ask } = anEndpoint(parse);
    const answer = await ask(body === undefined ? {} : { body });
    expect(answer.statusCode).toBe(status);
    expect(errorOf(answer)).toMatchObject({ code });
    expect(answer.headers).toHaveProperty('ratelimit-remaining');
  });

  it('of exactly the limit is taken, and one byte more is refused with the measured size', async () => {
    const { ask } = anEndpoint(parse);
    const body = JSON.stringify('x'.repeat(bodyBytesMax - 2));
    expect((await ask({ body })).statusCode).toBe(200);
    expect(errorOf(await ask({ body: `${body} ` }))['message']).toContain(`is ${String(bodyBytesMax + 1)} bytes`);
  });

  it('that nobody asks for may be anything', async () => {
    expect((await anEndpoint().ask({ body: '{"a":' })).statusCode).toBe(202);
  });
});

describe('a route that fails', () => {
  it('on purpose is answered with its code, its field, its remedy and its Retry-After', async () => {
    const { ask } = anEndpoint(async () =>
      Promise.reject(new Failure('unavailable', { message: 'm', field: 'f', remedy: 'r', retryAfterSeconds: 2 })),
    );
    const answer = await ask();
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({ 'retry-after': '2' });
    expect(errorOf(answer)).toEqual({
      code: 'unavailable',
      message: 'm',
      field: 'f',
      remedy: 'r',
      requestId: 'request-1',
    });
  });

  it.each([
    ['an error', new Error('table bellhop-prod-17 does not exist')],
    ['something that is no error', 'bellhop-prod-17'],
  ])('by throwing %s is answered 500 without any detail; the log has it', async (_, thrown) => {
    const { ask, telemetry } = anEndpoint(async () => {
      await Promise.resolve();
      throw thrown as Error;
    });
    const answer = await ask();
    expect(answer.statusCode).toBe(500);
    expect(errorOf(answer)).toMatchObject({ code: 'internal', requestId: 'request-1' });
    expect(JSON.stringify(answer)).not.toContain('bellhop-prod-17');
    expect(telemetry.lines).toEqual([
      {
        level: 'error',
        event: 'request_failed',
        fields: { requestId: 'request-1', route: expect.any(String) as string },
        error: thrown,
      },
    ]);
  });
});
