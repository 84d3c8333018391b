// The HTTP gateway's conformance: events, routing, limits and answers, over real connections.
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HttpRouteModel } from '../../../local/contracts.ts';
import { httpApiHandler } from '../../../local/gateway/http-api.ts';
import { failed, heldHandler, returned, standInFunctions } from './stand-in-functions.ts';
import type { Handler, StandInFunctions } from './stand-in-functions.ts';

const ROUTES = ['GET /api/items', 'POST /api/items', 'GET /api/items/{id}', 'ANY /api/any', 'GET /api/files/{path+}'];
const BODY_BYTES_MAX = 10 * 1024 * 1024;

interface Stand {
  readonly port: number;
  readonly functions: StandInFunctions;
  readonly reports: string[];
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Sent extends RequestOptions {
  readonly body?: string | Buffer;
}

/** A server whose routes all call `f`. */
async function startStand(
  handler: Handler = () => returned({ statusCode: 200 }),
  routeKeys = ROUTES,
  timeoutMs = 30_000,
): Promise<Stand> {
  const functions = standInFunctions({ f: handler });
  const reports: string[] = [];
  const routes = routeKeys.map((key): HttpRouteModel => {
    const [method = '', path = ''] = key.split(' ');
    return { method, path, functionName: 'f', timeoutMs };
  });
  const api = { apiId: 'abcd1234', stage: '$default', routes, cors: null };
  const server = createServer(httpApiHandler(api, functions, (line) => reports.push(line)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, functions, reports };
}

async function send(stand: Stand, method: string, path: string, { body, ...options }: Sent = {}): Promise<Answer> {
  const request = httpRequest({ host: '127.0.0.1', port: stand.port, method, path, ...options });
  // An error before the answer rejects below; one after it, while the rest is still being sent, is of no interest.
  request.on('error', () => undefined).end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { statusCode: status = 0, headers } = response;
  return { status, headers, body: await text(response) };
}

function json(status: number, message: string): unknown {
  return expect.objectContaining({ status, body: JSON.stringify({ message }) });
}

describe('the event', () => {
  it('has every field of payload format 2.0', async () => {
    const stand = await startStand();
    const before = Date.now();
    const { headers } = await send(stand, 'POST', '/api/items?a=1&b=x%20y&a=2', {
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'crm/1',
        'X-Many': ['one', 'two'],
        Cookie: 'session=s; theme=dark',
        Connection: 'close',
      },
      body: '{"ä":1}',
    });
    const event = (await stand.functions.called('f')) as { requestContext: { time: string; timeEpoch: number } };
    const { time, timeEpoch } = event.requestContext;
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'POST /api/items',
      rawPath: '/api/items',
      rawQueryString: 'a=1&b=x%20y&a=2',
      cookies: ['session=s', 'theme=dark'],
      headers: {
        'content-type': 'application/json',
        'content-length': '8',
        'user-agent': 'crm/1',
        'x-many': 'one,two',
        host: `127.0.0.1:${String(stand.port)}`,
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/) as unknown,
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
      queryStringParameters: { a: '1,2', b: 'x y' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'abcd1234',
        domainName: `127.0.0.1:${String(stand.port)}`,
        domainPrefix: '127',
        http: { method: 'POST', path: '/api/items', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'crm/1' },
        requestId: headers['apigw-requestid'],
        routeKey: 'POST /api/items',
        stage: '$default',
        time,
        timeEpoch,
      },
      body: '{"ä":1}',
      isBase64Encoded: false,
    });
    expect(headers['apigw-requestid']).toMatch(/^[\w-]{15}=$/);
    expect(timeEpoch).toBeGreaterThanOrEqual(before);
    expect(time).toMatch(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/);
  });

  it('lacks what the request lacks', async () => {
    const stand = await startStand();
    await send(stand, 'GET', '/api/items');
    const event = await stand.functions.called('f');
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false, headers: { 'content-length': '0' } });
    for (const name of ['cookies', 'queryStringParameters', 'pathParameters', 'body'])
      expect(event).not.toHaveProperty(name);
  });

  it('shows the address of the socket, whatever X-Forwarded-For claims', async () => {
    const stand = await startStand();
    await send(stand, 'GET', '/api/items', { headers: { 'X-Forwarded-For': '192.0.2.1' } });
    expect(await stand.functions.called('f')).toMatchObject({
      headers: { 'x-forwarded-for': '192.0.2.1, 127.0.0.1' },
      requestContext: { http: { sourceIp: '127.0.0.1' } },
    });
  });

  it.each([
    ['/api/items/a%20b%C3%A9', { id: 'a bé' }],
    ['/api/items/%41%25', { id: 'A%' }],
    ['/api/items/100%', { id: '100%' }],
    ['/api/items/__proto__', { id: '__proto__' }],
    ['/api/files/a/b%2Fc/d', { path: 'a/b/c/d' }],
  ])('has the decoded path parameters of %s', async (path, pathParameters) => {
    const stand = await startStand();
    await send(stand, 'GET', path);
    expect(await stand.functions.called('f')).toMatchObject({ pathParameters });
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'TEXT/plain',
    'application/xml',
    'application/javascript',
  ])('has a body of %s as text', async (type) => {
    const stand = await startStand();
    await send(stand, 'POST', '/api/items', { headers: { 'content-type': type }, body: 'é' });
    expect(await stand.functions.called('f')).toMatchObject({ body: 'é', isBase64Encoded: false });
  });

  it.each([
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'application/vnd.api+json',
    'image/png',
    '',
  ])('has a body of %j in base64', async (type) => {
    const stand = await startStand();
    const body = Buffer.from([0x00, 0xff, 0x61]);
    await send(stand, 'POST', '/api/items', { headers: type === '' ? {} : { 'content-type': type }, body });
    expect(await stand.functions.called('f')).toMatchObject({ body: 'AP9h', isBase64Encoded: true });
  });
});

describe('a request', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/api'],
    ['GET', '/api/items/'],
    ['GET', '/api/items/1/2'],
    ['GET', '/API/items'],
    ['GET', '/api/files/'],
    ['DELETE', '/api/items'],
    ['HEAD', '/api/items'],
    ['OPTIONS', '/api/items'],
  ])('that no route takes is 404: %s %s', async (method, path) => {
    const stand = await startStand();
    const answer = await send(stand, method, path);
    expect(answer).toEqual(method === 'HEAD' ? expect.objectContaining({ status: 404 }) : json(404, 'Not Found'));
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'apigw-requestid': expect.any(String) as unknown,
    });
    expect(stand.functions.eventsOf('f')).toEqual([]);
  });

  it.each(['GET', 'PUT', 'OPTIONS', 'HEAD'])('with %s takes a route for ANY, which keeps its key', async (method) => {
    const stand = await startStand();
    expect((await send(stand, method, '/api/any')).status).toBe(200);
    expect(await stand.functions.called('f')).toMatchObject({
      routeKey: 'ANY /api/any',
      requestContext: { http: { method } },
    });
  });

  it('of 10 MB is passed on, and of one byte more is 413', async () => {
    const stand = await startStand();
    const fits = await send(stand, 'POST', '/api/items', { body: Buffer.alloc(BODY_BYTES_MAX) });
    expect(fits.status).toBe(200);
    const over = await send(stand, 'POST', '/api/items', { body: Buffer.alloc(BODY_BYTES_MAX + 1) });
    expect(over).toEqual(json(413, 'Request Entity Too Large'));
    expect(over.headers.connection).toBe('close');
    expect(stand.functions.eventsOf('f')).toHaveLength(1);
  });

  it('of unknown length is 413 as soon as it is too long, and cut off when it does not end', async () => {
    const stand = await startStand();
    const socket = connect(stand.port, '127.0.0.1');
    const received = text(socket);
    const bytes = BODY_BYTES_MAX + 1;
    socket.write(`POST /api/items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n`);
    socket.write(Buffer.alloc(bytes));
    expect(await received).toMatch(/^HTTP\/1\.1 413 .*\r\n\r\n\{"message":"Request Entity Too Large"\}$/s);
    expect(stand.functions.eventsOf('f')).toEqual([]);
  });
});

describe('the answer', () => {
  it('has what the function says', async () => {
    const response = {
      statusCode: 202,
      headers: {
        'Content-Type': 'application/json',
        'Retry-After': 5,
        'X-Flag': true,
        'Content-Length': '1',
        Connection: 'close',
      },
      cookies: ['a=1; Secure', 'b=2'],
      body: '{"ä":1}',
    };
    const stand = await startStand(() => returned(response));
    const answer = await send(stand, 'POST', '/api/items');
    expect(answer).toMatchObject({ status: 202, body: '{"ä":1}' });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'retry-after': '5',
      'x-flag': 'true',
      'content-length': '8',
      'set-cookie': ['a=1; Secure', 'b=2'],
      connection: 'keep-alive',
    });
  });

  it('is decoded from base64 when the function says so', async () => {
    const stand = await startStand(() => returned({ statusCode: 200, body: 'aMOp', isBase64Encoded: true }));
    expect((await send(stand, 'GET', '/api/items')).body).toBe('hé');
  });

  it('is plain text unless the function names a type', async () => {
    const stand = await startStand(() => returned({ statusCode: 200, body: 'x' }));
    expect((await send(stand, 'GET', '/api/items')).headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('of 204 has no body', async () => {
    const stand = await startStand(() => returned({ statusCode: 204 }));
    const answer = await send(stand, 'GET', '/api/items');
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(answer.headers).not.toHaveProperty('content-length');
  });

  it('is 500 when the function returns what is no response', async () => {
    const stand = await startStand(() => returned({ statusCode: 200, body: {} }));
    expect(await send(stand, 'GET', '/api/items')).toEqual(json(500, 'Internal Server Error'));
  });

  it.each([
    ['error', 500, 'Internal Server Error'],
    ['timeout', 500, 'Internal Server Error'],
    ['throttled', 503, 'Service Unavailable'],
  ] as const)('to %s is %i, and the reason is reported, not sent', async (outcome, status, message) => {
    const stand = await startStand(() => failed(outcome));
    expect(await send(stand, 'GET', '/api/items')).toEqual(json(status, message));
    expect(stand.reports).toEqual([`GET /api/items: ${String(status)}, the stand-in says ${outcome}`]);
  });

  it('is 503 when the function takes longer than the integration may', async () => {
    const stand = await startStand(heldHandler().handler, ROUTES, 20);
    expect(await send(stand, 'GET', '/api/items')).toEqual(json(503, 'Service Unavailable'));
  });

  it('stays away when functions break their promise to resolve, and that is reported', async () => {
    const stand = await startStand(() => Promise.reject(new Error('broken')));
    await expect(send(stand, 'GET', '/api/items')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(stand.reports).toEqual(['The HTTP API failed on GET: Error: broken']);
  });
});
