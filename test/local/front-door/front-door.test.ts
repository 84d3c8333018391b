// The front door over real connections: which API gets a request or an upgrade, as what, and what is refused at the door.
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BehaviourModel, FrontDoorModel } from '../../../local/contracts.ts';
import { frontDoor } from '../../../local/front-door/front-door.ts';

const rewrite = `function handler(event) {
  const request = event.request;
  if (request.uri === '/in/broken') throw new Error('broken');
  if (request.uri === '/in/closed') return { statusCode: 410 };
  request.uri = '/live';
  request.querystring.door = { value: 'in' };
  return request;
}`;

function way(pathPattern: string, api: BehaviourModel['api'], isRewritten = false): BehaviourModel {
  return {
    pathPattern,
    api,
    apiId: `${api}id`,
    methods: api === 'http' ? ['GET', 'POST'] : ['GET'],
    viewerRequest: isRewritten ? { name: 'rewrite', code: rewrite } : null,
  };
}

const door: FrontDoorModel = {
  distributionId: 'E1',
  domainName: 'd1.cloudfront.net',
  behaviours: [way('/in/http', 'http'), way('/in*', 'websocket', true), way('/plain', 'websocket'), way('*', 'http')],
};

interface Stand {
  readonly port: number;
  readonly reports: readonly string[];
}

/** Both APIs answer with what they got; the WebSocket API as status 418, as it has no socket to offer. */
async function startStand(model: FrontDoorModel | null): Promise<Stand> {
  const reports: string[] = [];
  const seen: { upgrade: string } = { upgrade: '' };
  const handlers = frontDoor(
    model,
    {
      request: (request, response) => response.end(`http ${shown(request)}`),
      upgrade: (request) => {
        seen.upgrade = shown(request);
        request.socket.end(`HTTP/1.1 418 Socket\r\nConnection: close\r\n\r\nwebsocket ${seen.upgrade}`);
      },
    },
    (line) => reports.push(line),
  );
  const server = createServer(handlers.request).on('upgrade', (request, _stream, head) => {
    handlers.upgrade(request, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, reports };
}

function shown(request: IncomingMessage): string {
  const { headers, headersDistinct, rawHeaders, url = '' } = request;
  const raw = rawHeaders[rawHeaders.findIndex((name) => name.toLowerCase() === 'host') + 1] ?? '';
  const hosts = new Set([headers.host, headersDistinct['host']?.join(), raw]);
  return `${url} at ${[...hosts].join(' or ')}`;
}

async function ask(stand: Stand, method: string, path: string, isUpgrade: boolean): Promise<string> {
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
  const headers = { host: 'here', ...(isUpgrade ? upgrade : {}) };
  const request = httpRequest({ host: '127.0.0.1', port: stand.port, method, path, headers }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return `${String(response.statusCode)} ${await text(response)}`;
}

const forbidden = '403 {"message":"Forbidden"}';
const hostOf = (api: string): string => `${api}id.execute-api.us-east-1.amazonaws.com`;

describe('the front door', () => {
  it.each([
    ['GET', '/', `200 http / at ${hostOf('http')}`],
    ['POST', '/api/x?a=1&a=%20', `200 http /api/x?a=1&a=%20 at ${hostOf('http')}`],
    ['GET', '/in/http', `200 http /in/http at ${hostOf('http')}`],
    ['GET', '//in//http', `200 http //in//http at ${hostOf('http')}`],
    ['DELETE', '/api/x', forbidden],
    ['GET', '/in', forbidden],
    ['GET', '/plain', forbidden],
    ['GET', '/in/closed', '410 {"message":"Refused"}'],
  ])('answers %s %s with %s', async (method, path, answer) => {
    expect(await ask(await startStand(door), method, path, false)).toBe(answer);
  });

  it.each([
    ['/in', `418 websocket /live?door=in at ${hostOf('websocket')}`],
    ['/in?token=a%3Db', `418 websocket /live?token=a%3Db&door=in at ${hostOf('websocket')}`],
    ['/inside', `418 websocket /live?door=in at ${hostOf('websocket')}`],
    ['/plain?x', `418 websocket /plain?x at ${hostOf('websocket')}`],
    ['/', forbidden],
    ['/live', forbidden],
    ['/in/http', forbidden],
    ['/in/closed', '410 {"message":"Gone"}'],
  ])('answers an upgrade at %s with %s', async (path, answer) => {
    expect(await ask(await startStand(door), 'GET', path, true)).toBe(answer);
  });

  it('answers 503 where the function fails, and reports why', async () => {
    const stand = await startStand(door);
    expect(await ask(stand, 'GET', '/in/broken', true)).toBe('503 {"message":"Service Unavailable"}');
    expect(stand.reports).toEqual(['The CloudFront function for /in*: Error: broken']);
  });
});

describe('without a distribution', () => {
  it('each API gets what is for it, as it came', async () => {
    const stand = await startStand(null);
    expect(await ask(stand, 'DELETE', '/in?x', false)).toBe('200 http /in?x at here');
    expect(await ask(stand, 'GET', '/any', true)).toBe('418 websocket /any at here');
  });
});
