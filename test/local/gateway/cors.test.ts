// CORS: which requests are preflights, what a page of each origin is told, and that the HTTP API does it on the wire.
import { createServer, IncomingMessage } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CorsModel } from '../../../local/contracts.ts';
import { preflightAnswer, withCors } from '../../../local/gateway/cors.ts';
import { httpApiHandler } from '../../../local/gateway/http-api.ts';
import { returned, standInFunctions, type StandInFunctions } from './stand-in-functions.ts';

const page = 'https://app.example.com';
const cors: CorsModel = {
  allowOrigins: [page, 'https://office.example.com'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['authorization', 'content-type'],
  exposeHeaders: ['retry-after', 'location'],
  maxAgeSeconds: 86_400,
};
const nothing: CorsModel = { ...cors, allowMethods: [], allowHeaders: [], exposeHeaders: [], maxAgeSeconds: null };

function request(method: string, headers: Readonly<Record<string, string>>): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { method, headers });
}

function preflight(model: CorsModel | null, origin = page): unknown {
  const answer = preflightAnswer(model, request('OPTIONS', { origin, 'access-control-request-method': 'POST' }));
  return answer === null ? null : [answer.status, Object.fromEntries(answer.headers), answer.body];
}

function told(
  model: CorsModel | null,
  origin: string | undefined,
  own: Readonly<Record<string, string>> = {},
): unknown {
  const answer = withCors(model, origin, { status: 200, headers: new Map(Object.entries(own)), body: 'x' });
  expect(answer).toMatchObject({ status: 200, body: 'x' });
  return Object.fromEntries(answer.headers);
}

describe('a preflight', () => {
  it('of an allowed origin is told everything', () => {
    const headers = {
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '86400',
    };
    expect(preflight(cors)).toEqual([204, headers, '']);
    expect(preflight({ ...cors, allowOrigins: ['*'] })).toEqual([
      204,
      { ...headers, 'access-control-allow-origin': '*' },
      '',
    ]);
  });

  it('is told only what is configured', () => {
    expect(preflight(nothing)).toEqual([204, { 'access-control-allow-origin': page }, '']);
  });

  it.each(['https://other.example.com', 'http://app.example.com', 'https://app.example.com.evil.example', 'null'])(
    'of %s is answered, but told nothing',
    (origin) => {
      expect(preflight(cors, origin)).toEqual([204, {}, '']);
    },
  );

  it.each([
    ['without configuration', null, request('OPTIONS', { origin: page, 'access-control-request-method': 'GET' })],
    ['without an origin', cors, request('OPTIONS', { 'access-control-request-method': 'GET' })],
    ['without a method asked for', cors, request('OPTIONS', { origin: page })],
    ['of another method', cors, request('GET', { origin: page, 'access-control-request-method': 'GET' })],
  ])('is none %s', (_, model, asked) => {
    expect(preflightAnswer(model, asked)).toBeNull();
  });
});

describe('an answer', () => {
  const allowed = { 'access-control-allow-origin': page, 'access-control-expose-headers': 'retry-after,location' };
  const own = {
    'retry-after': '5',
    'access-control-allow-origin': 'https://from.the.function',
    'access-control-max-age': '1',
  };

  it.each([
    ['an allowed origin', cors, page, { 'retry-after': '5', ...allowed }],
    ['another origin', cors, 'https://other.example.com', { 'retry-after': '5' }],
    ['no origin', cors, undefined, { 'retry-after': '5' }],
    ['a page, when nothing is configured,', null, page, own],
    [
      'all origins',
      { ...cors, allowOrigins: ['*'] },
      page,
      { 'retry-after': '5', ...allowed, 'access-control-allow-origin': '*' },
    ],
    ['all of one scheme', { ...cors, allowOrigins: ['https://*'] }, page, { 'retry-after': '5', ...allowed }],
    ['the other scheme', { ...cors, allowOrigins: ['http://*'] }, page, { 'retry-after': '5' }],
    ['a page that may read no header', nothing, page, { 'retry-after': '5', 'access-control-allow-origin': page }],
  ])('to %s has the headers of the configuration alone', (_, model, origin, headers) => {
    expect(told(model, origin, own)).toEqual(headers);
  });
});

describe('an HTTP API', () => {
  async function startStand(): Promise<{ readonly url: string; readonly functions: StandInFunctions }> {
    const functions = standInFunctions({ f: () => returned({ statusCode: 200 }) });
    const routes = [{ method: 'POST', path: '/api/items', functionName: 'f', timeoutMs: 1_000 }];
    const api = { apiId: 'a', stage: '$default', routes, cors };
    const server = createServer(httpApiHandler(api, functions, () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, functions };
  }

  it.each(['/api/items', '/nowhere'])('answers a preflight at %s by itself', async (path) => {
    const { url, functions } = await startStand();
    const headers = { origin: page, 'access-control-request-method': 'POST' };
    const answer = await fetch(`${url}${path}`, { method: 'OPTIONS', headers });
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET,POST');
    expect(answer.headers.get('apigw-requestid')).not.toBeNull();
    expect(functions.eventsOf('f')).toEqual([]);
  });

  it.each([
    ['/api/items', 200],
    ['/nowhere', 404],
  ])('lets a page read the answer at %s, which is %i', async (path, status) => {
    const { url } = await startStand();
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers: { origin: page } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after,location');
  });
});
