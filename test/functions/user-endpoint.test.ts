// The wrapper of the routes for people: who comes in with which token, how often, and what leaves otherwise.
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { EndpointAnswer, EndpointRequest } from '../../functions/http/endpoint.ts';
import { endpoint } from '../../functions/http/endpoint.ts';
import type { Identity } from '../../shared/domain/connection.ts';
import type { TokenVerifier } from '../../shared/ports.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { fanOutLimits, requestLimits } from '../../shared/protocol/limits.ts';
import { anIdentity } from '../builders/identity.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeRates } from '../fakes/fake-guards.ts';
import { fakeTelemetry } from '../fakes/fake-telemetry.ts';
import type { FakeTokens } from '../fakes/fake-tokens.ts';
import { fakeTokens } from '../fakes/fake-tokens.ts';
import type { GivenRequest } from './events.ts';
import { aContext, httpEvent } from './events.ts';

type Run = (request: EndpointRequest<Identity>) => Promise<EndpointAnswer>;

const fine: Run = async () => Promise.resolve({ status: 200, body: { ok: true } });
const { inboxRequestsMax } = requestLimits;

function anEndpoint(run: Run = fine, tokens: TokenVerifier & Partial<FakeTokens> = fakeTokens()) {
  const telemetry = fakeTelemetry();
  const clock = fakeClock();
  const handler = endpoint('getInbox', { tokens, rates: fakeRates(), clock, telemetry }, run);
  const ask = async (authorization?: string, given: GivenRequest = {}) => {
    const headers = { ...(authorization === undefined ? {} : { authorization }), ...given.headers };
    const request = { method: 'GET', path: '/api/inbox', ...given, headers };
    return handler(httpEvent(request), aContext());
  };
  const tokenOf = (identity: Partial<Identity> = {}): string => tokens.issue?.(anIdentity(identity)) ?? '';
  return { handler, ask, clock, telemetry, tokenOf };
}

function errorOf(answer: APIGatewayProxyStructuredResultV2): unknown {
  const body = JSON.parse(answer.body ?? '') as { readonly success: boolean; readonly error: unknown };
  expect(body.success).toBe(false);
  return body.error;
}

describe('a person with a good token', () => {
  it('gets the answer of the route, with the state of their own allowance', async () => {
    const { ask, tokenOf } = anEndpoint();
    expect(await ask(`Bearer ${tokenOf()}`)).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'ratelimit-limit': String(inboxRequestsMax),
        'ratelimit-remaining': String(inboxRequestsMax - 1),
        'ratelimit-reset': '60',
      },
      body: '{"ok":true}',
    });
  });

  it('is seen by the route as whom the token names, and by nothing else of the request', async () => {
    let seen: Identity | undefined;
    const { ask, tokenOf } = anEndpoint(async (request) => {
      seen = request.caller;
      return fine(request);
    });
    const identity = anIdentity({ tenant: 'hotel-1', user: 'guest-7', roles: ['guest'] });
    await ask(`bearer ${tokenOf(identity)}`, { headers: { 'x-user': 'admin' }, query: { user: 'admin' } });
    expect(seen).toEqual(identity);
  });

  it('is logged with the tenant, and with neither name nor token', async () => {
    const { ask, tokenOf, telemetry } = anEndpoint();
    const token = tokenOf({ tenant: 'hotel-1', user: 'guest-7' });
    await ask(`Bearer ${token}`);
    expect(telemetry.lines).toMatchObject([{ event: 'request', fields: { status: 200, tenant: 'hotel-1' } }]);
    expect(JSON.stringify(telemetry.lines)).not.toMatch(new RegExp(`guest-7|${token}`));
  });

  it('is worked for as long as there is time', async () => {
    const answers: boolean[] = [];
    const { handler, tokenOf } = anEndpoint(async (request) => {
      answers.push(request.goOn());
      return fine(request);
    });
    const event = httpEvent({ headers: { authorization: `Bearer ${tokenOf()}` } });
    for (const remainingMs of [fanOutLimits.deadlineMarginMs + 1, fanOutLimits.deadlineMarginMs]) {
      await handler(
        event,
        aContext(() => remainingMs),
      );
    }
    expect(answers).toEqual([true, false]);
  });
});

describe('a person who is not admitted', () => {
  it.each([
    ['no token', undefined, 'unauthenticated'],
    ['an empty token', 'Bearer ', 'unauthenticated'],
    ['a token without its scheme', 'secret-token', 'unauthenticated'],
    ['another scheme', 'Basic secret-token', 'unauthenticated'],
    ['a token that nobody issued', 'Bearer secret-token', 'token_invalid'],
  ])('for %s is answered 401, the route does not run, and no token is shown', async (_, authorization, code) => {
    let ran = false;
    const { ask, telemetry } = anEndpoint(async (request) => {
      ran = true;
      return fine(request);
    });
    const answer = await ask(authorization);
    expect(answer.statusCode).toBe(401);
    expect(errorOf(answer)).toMatchObject({ code, requestId: 'request-1' });
    expect(answer.headers).not.toHaveProperty('ratelimit-limit');
    expect(ran).toBe(false);
    expect(JSON.stringify([answer, telemetry.lines])).not.toContain('secret-token');
    expect(telemetry.lines).toMatchObject([{ event: 'request_refused', fields: { code } }]);
  });

  it('for an API key is not either: a back office has no inbox', async () => {
    const answer = await anEndpoint().ask(undefined, { headers: { 'x-api-key': 'the-secret-key' } });
    expect(errorOf(answer)).toMatchObject({ code: 'unauthenticated', field: 'header Authorization' });
  });

  it('since the token has expired is told so', async () => {
    const { ask, clock, tokenOf } = anEndpoint();
    const token = tokenOf({ tokenExpiresAtMs: clock.nowMs() + 1_000 });
    expect((await ask(`Bearer ${token}`)).statusCode).toBe(200);
    clock.advance(1_000);
    const answer = await ask(`Bearer ${token}`);
    expect(answer.statusCode).toBe(401);
    expect(errorOf(answer)).toMatchObject({ code: 'token_expired' });
  });

  it('since the keys of the issuer cannot be had is told when to try again', async () => {
    const detail = { message: 'm', remedy: 'r', retryAfterSeconds: 3 };
    const verify = async () => Promise.reject(new Failure('unavailable', detail));
    const answer = await anEndpoint(fine, { verify }).ask('Bearer secret-token');
    expect([answer.statusCode, answer.headers?.['retry-after']]).toEqual([503, '3']);
  });
});

describe('an allowance', () => {
  it('that is used up is answered 429 with the time to wait, until the next minute', async () => {
    let runs = 0;
    const { ask, clock, tokenOf } = anEndpoint(async (request) => {
      runs += 1;
      return fine(request);
    });
    const authorization = `Bearer ${tokenOf()}`;
    for (let request = 0; request < inboxRequestsMax; request += 1) await ask(authorization);
    clock.advance(20_000);
    const answer = await ask(authorization);
    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toMatchObject({ 'retry-after': '40', 'ratelimit-remaining': '0', 'ratelimit-reset': '40' });
    expect(errorOf(answer)).toMatchObject({ code: 'rate_limited' });
    expect(runs).toBe(inboxRequestsMax);
    clock.advance(40_000);
    expect((await ask(authorization)).statusCode).toBe(200);
  });

  it('belongs to one person: another token of theirs does not help, and nobody else is held up', async () => {
    const { ask, tokenOf } = anEndpoint();
    const person = { tenant: 'hotel-1', user: 'a/b' };
    const remaining = async (identity: Partial<Identity>) =>
      (await ask(`Bearer ${tokenOf(identity)}`)).headers?.['ratelimit-remaining'];
    expect(await remaining(person)).toBe(String(inboxRequestsMax - 1));
    expect(await remaining(person)).toBe(String(inboxRequestsMax - 2));
    for (const other of [
      { tenant: 'hotel-1/a', user: 'b' },
      { ...person, tenant: 'hotel-2' },
      { ...person, user: 'b' },
    ]) {
      expect(await remaining(other)).toBe(String(inboxRequestsMax - 1));
    }
  });
});
