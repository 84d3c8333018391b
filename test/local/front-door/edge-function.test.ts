// Code of CloudFront Functions: what it is called with, and what becomes of each thing that it may return.
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { FrontDoorModel } from '../../../local/contracts.ts';
import { edgeFunction, type EdgeOutcome } from '../../../local/front-door/edge-function.ts';

const door: FrontDoorModel = { distributionId: 'E1', domainName: 'd1.cloudfront.net', behaviours: [] };

function requestFor(url: string, headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  const request = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: '192.0.2.1' }));
  request.method = 'GET';
  request.url = url;
  for (const [name, value] of Object.entries(headers)) request.headersDistinct[name] = [value];
  return request;
}

function run(code: string, url = '/ws', headers = {}): EdgeOutcome {
  return edgeFunction({ name: 'doors', code }, door)(requestFor(url, headers));
}

/** Has the function put what it was called with where the test can read it. */
function called(url: string, headers: Readonly<Record<string, string>> = {}): unknown {
  const code = `const handler = (event) => ({ ...event.request, querystring: { e: { value: JSON.stringify(event) } } });`;
  const result = run(code, url, headers);
  if (result.outcome !== 'forward') throw new Error(`it was not forwarded: ${JSON.stringify(result)}`);
  return JSON.parse(result.url.slice(result.url.indexOf('=') + 1));
}

describe('the event', () => {
  it('has every field of version 1.0, percent-encoded as it was sent', () => {
    const headers = { host: 'd1.cloudfront.net', cookie: 'session=s; theme=dark', 'sec-websocket-version': '13' };
    expect(called('/a%20b?k=1&x=%3D&k=2&flag', headers)).toEqual({
      version: '1.0',
      context: {
        distributionDomainName: 'd1.cloudfront.net',
        distributionId: 'E1',
        eventType: 'viewer-request',
        requestId: expect.any(String) as string,
      },
      viewer: { ip: '192.0.2.1' },
      request: {
        method: 'GET',
        uri: '/a%20b',
        querystring: {
          k: { value: '1', multiValue: [{ value: '1' }, { value: '2' }] },
          x: { value: '%3D' },
          flag: { value: '' },
        },
        headers: { host: { value: 'd1.cloudfront.net' }, 'sec-websocket-version': { value: '13' } },
        cookies: { session: { value: 's' }, theme: { value: 'dark' } },
      },
    });
  });

  it.each(['/ws', '/ws?', '/ws?&'])('has no query for %s', (url) => {
    expect(called(url)).toMatchObject({ request: { uri: '/ws', querystring: {} } });
  });
});

describe('what a function returns', () => {
  it.each([
    ['the request', 'const handler = (event) => event.request;', '/ws?a=1&a=2&b=%20', '/ws?a=1&a=2&b=%20'],
    [
      'another path and query',
      `function handler(event) {
        const request = event.request;
        request.uri = '/live';
        delete request.querystring.a;
        request.querystring.b = { value: 'c' };
        return request;
      }`,
      '/ws?a=1&d=2',
      '/live?d=2&b=c',
    ],
  ])('as %s is forwarded', (_, code, url, forwarded) => {
    expect(run(code, url)).toEqual({ outcome: 'forward', url: forwarded });
  });

  it('with a status is an answer', () => {
    expect(run('const handler = () => ({ statusCode: 403 });')).toEqual({ outcome: 'answer', status: 403 });
  });

  it.each([
    ['nothing', 'function handler() {}', 'neither a request nor a response'],
    ['text', 'const handler = () => "x";', 'neither a request nor a response'],
    ['no path', 'const handler = ({ request }) => ({ ...request, uri: "ws" });', 'without a path'],
    ['no query', 'const handler = ({ request }) => ({ ...request, querystring: null });', 'without a path or a query'],
    ['bad values', 'const handler = ({ request }) => ({ ...request, querystring: { a: 1 } });', 'without a path'],
    ['other headers', 'const handler = ({ request }) => ({ ...request, headers: { x: { value: "" } } });', 'headers'],
    ['another method', 'const handler = ({ request }) => ({ ...request, method: "POST" });', 'changed the method'],
    ['an error', 'const handler = () => { throw new Error("broken"); };', 'Error: broken'],
    ['never', 'const handler = () => { for (;;); };', 'timed out'],
    ['what it must not reach', 'const handler = () => process.exit();', 'process is not defined'],
  ])('as %s is a failure', (_, code, message) => {
    const result = run(code);
    expect(result.outcome).toBe('failed');
    expect(result).toHaveProperty('message', expect.stringContaining(message));
  });
});

describe('a function', () => {
  it('keeps nothing from one request for the next', () => {
    const code =
      'let count = 0; const handler = (event) => { count += 1; event.request.uri = "/" + count; return event.request; };';
    const counting = edgeFunction({ name: 'counting', code }, door);
    expect([counting(requestFor('/')), counting(requestFor('/'))]).toEqual(
      [1, 1].map((count) => ({ outcome: 'forward', url: `/${String(count)}` })),
    );
  });

  it('that is no JavaScript stops the start, in one line', () => {
    expect(() => edgeFunction({ name: 'doors', code: 'function {' }, door)).toThrow(
      /^The CloudFront function doors does not compile: SyntaxError: .*$/,
    );
  });
});
