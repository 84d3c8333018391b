// The @connections API as functions use it: the real SDK client over HTTP against a gateway with real connections.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AwsResponse } from '../../../local/contracts.ts';
import { heldHandler, returned } from './stand-in-functions.ts';
import { contextOf, NO_FAULTS, openClient, rawUpgrade, startStand } from './websocket-stand.ts';
import type { Stand } from './websocket-stand.ts';

const NEVER_WAS = 'AAAAAAAAAAAAAAA=';
const KILOBYTE = 1024;

/** The SDK's client, pointed at the gateway's `manage` as the runtime serves it. */
async function sdkFor(stand: Stand, stage = 'prod'): Promise<ApiGatewayManagementApiClient> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '' } = request;
      void stand.gateway.manage({ method, path, headers: {}, body: Buffer.concat(chunks) }).then((answer) => {
        response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new ApiGatewayManagementApiClient({
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/${stage}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return client;
}

/** The id of the connection with this number, counted from 1. */
async function idOf(stand: Stand, number = 1): Promise<string> {
  return (await contextOf(stand, '$connect', number)).connectionId;
}

function postTo(ConnectionId: string, Data: string | Buffer = 'x'): PostToConnectionCommand {
  return new PostToConnectionCommand({ ConnectionId, Data });
}

function manage(stand: Stand, method: string, path: string, body = ''): Promise<AwsResponse> {
  return stand.gateway.manage({ method, path, headers: {}, body: Buffer.from(body) });
}

describe('POST', () => {
  it('sends text to that connection alone', async () => {
    const stand = await startStand();
    const [one, other] = [await openClient(stand), await openClient(stand)];
    const sdk = await sdkFor(stand);
    await sdk.send(postTo(await idOf(stand), 'für dich 🛎'));
    await sdk.send(postTo(await idOf(stand, 2), 'last'));
    expect(await one.frame(1)).toBe('für dich 🛎');
    await other.frame(1);
    expect(other.frames).toEqual(['last']);
  });

  it('sends up to 128 KB in one frame, and is PayloadTooLargeException above', async () => {
    const stand = await startStand();
    const client = await openClient(stand);
    const sdk = await sdkFor(stand);
    await sdk.send(postTo(await idOf(stand), 'x'.repeat(128 * KILOBYTE)));
    expect(await client.frame(1)).toHaveLength(128 * KILOBYTE);
    const over = sdk.send(postTo(await idOf(stand), 'x'.repeat(128 * KILOBYTE + 1)));
    await expect(over).rejects.toBeInstanceOf(PayloadTooLargeException);
  });

  it('is GoneException until $connect has returned, and works from the moment that the client is connected', async () => {
    const connect = heldHandler();
    const stand = await startStand({ handlers: { $connect: connect.handler } });
    const opening = openClient(stand);
    const sdk = await sdkFor(stand);
    const early = sdk.send(postTo(await idOf(stand)));
    await expect(early).rejects.toBeInstanceOf(GoneException);
    connect.answer(returned({ statusCode: 200 }));
    const client = await opening;
    await sdk.send(postTo(await idOf(stand), 'first'));
    expect(await client.frame(1)).toBe('first');
  });

  it('is GoneException for one that was refused, one that is closed, and one that never was', async () => {
    const verdicts = [401, 200];
    const stand = await startStand({ handlers: { $connect: () => returned({ statusCode: verdicts.shift() ?? 500 }) } });
    await rawUpgrade(stand).ended;
    const client = await openClient(stand);
    client.socket.close();
    await stand.functions.called('$disconnect');
    const sdk = await sdkFor(stand);
    for (const id of [await idOf(stand, 1), await idOf(stand, 2), NEVER_WAS]) {
      await expect(sdk.send(postTo(id))).rejects.toBeInstanceOf(GoneException);
    }
  });

  it('is LimitExceededException when the client does not read, and its connection lives on', async () => {
    const stand = await startStand();
    const client = rawUpgrade(stand);
    const path = `/prod/@connections/${encodeURIComponent(await idOf(stand))}`;
    client.socket.pause();
    const body = 'x'.repeat(128 * KILOBYTE);
    let answer = await manage(stand, 'POST', path, body);
    for (let posted = 1; posted < 1_000 && answer.status !== 429; posted += 1) {
      answer = await manage(stand, 'POST', path, body);
      // Gives the socket a turn, so that it is the client that is slow.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(answer).toMatchObject({ status: 429, headers: { 'x-amzn-ErrorType': 'LimitExceededException' } });
    expect(stand.gateway.connectionCount()).toBe(1);
  });

  it('is LimitExceededException by chance when the faults say so', async () => {
    const chances = [0.2, 0.1];
    const faults = { ...NO_FAULTS, postThrottledShare: 0.2 };
    const stand = await startStand({ faults, random: () => chances.shift() ?? 1 });
    const client = await openClient(stand);
    const sdk = await sdkFor(stand);
    await sdk.send(postTo(await idOf(stand), 'through'));
    await expect(sdk.send(postTo(await idOf(stand)))).rejects.toBeInstanceOf(LimitExceededException);
    expect(await client.frame(1)).toBe('through');
  });
});

describe('GET', () => {
  it('describes the connection', async () => {
    const stand = await startStand();
    const client = await openClient(stand, { headers: { 'User-Agent': 'phone/1' } });
    const connectedAtMs = stand.clock.nowMs;
    stand.clock.nowMs += 90_000;
    client.socket.send('hello');
    await stand.functions.called('$default');
    const sdk = await sdkFor(stand);
    const answer = await sdk.send(new GetConnectionCommand({ ConnectionId: await idOf(stand) }));
    expect(answer.ConnectedAt).toEqual(new Date(connectedAtMs));
    expect(answer.LastActiveAt).toEqual(new Date(connectedAtMs + 90_000));
    const raw = await manage(stand, 'GET', `/prod/@connections/${await idOf(stand)}`);
    expect(JSON.parse(String(raw.body))).toEqual({
      connectedAt: '2026-02-09T18:11:43.419Z',
      identity: { sourceIp: '127.0.0.1', userAgent: 'phone/1' },
      lastActiveAt: '2026-02-09T18:13:13.419Z',
    });
  });

  it('is GoneException for one that never was', async () => {
    const sdk = await sdkFor(await startStand());
    await expect(sdk.send(new GetConnectionCommand({ ConnectionId: NEVER_WAS }))).rejects.toBeInstanceOf(GoneException);
  });
});

describe('DELETE', () => {
  it('closes the connection, which is gone at once', async () => {
    const stand = await startStand();
    const client = await openClient(stand);
    const sdk = await sdkFor(stand);
    const ConnectionId = await idOf(stand);
    await sdk.send(new DeleteConnectionCommand({ ConnectionId }));
    await expect(sdk.send(postTo(ConnectionId))).rejects.toBeInstanceOf(GoneException);
    expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
    const again = sdk.send(new DeleteConnectionCommand({ ConnectionId }));
    await expect(again).rejects.toBeInstanceOf(GoneException);
    expect(await stand.functions.called('$disconnect')).toMatchObject({
      requestContext: { disconnectStatusCode: 1001 },
    });
  });
});

describe('what is refused', () => {
  it('another stage is ForbiddenException', async () => {
    const stand = await startStand();
    await openClient(stand);
    const sdk = await sdkFor(stand, 'test');
    await expect(sdk.send(postTo(await idOf(stand)))).rejects.toMatchObject({ name: 'ForbiddenException' });
  });

  it.each([
    ['PUT', `/prod/@connections/${NEVER_WAS}`],
    ['POST', '/prod/@connections/'],
    ['POST', '/prod'],
    ['POST', `/@connections/${NEVER_WAS}`],
    ['POST', `/prod/@connections/${NEVER_WAS}/more`],
  ])('%s %s is forbidden', async (method, path) => {
    const stand = await startStand();
    expect(await manage(stand, method, path)).toMatchObject({
      status: 403,
      headers: { 'x-amzn-ErrorType': 'ForbiddenException' },
    });
  });

  it.each(['abc', 'AAAAAAAAAAAAAAAA', '8ea4ab00-7c11-4a7b-8f0c-7c1b0f9b6f3e', 'AAAAAAAAAAAAAA!='])(
    'the id %s is BadRequestException',
    async (id) => {
      const sdk = await sdkFor(await startStand());
      await expect(sdk.send(postTo(id))).rejects.toMatchObject({ name: 'BadRequestException' });
    },
  );

  it('an id that is not encoded as it should be is a bad request, too', async () => {
    expect(await manage(await startStand(), 'POST', '/prod/@connections/AAAAAAAAAAAAAA%')).toMatchObject({
      status: 400,
    });
  });

  it('410 has no body, and names its error in a header', async () => {
    const answer = await manage(await startStand(), 'POST', `/prod/@connections/${NEVER_WAS}`);
    expect(answer).toEqual({ status: 410, headers: { 'x-amzn-ErrorType': 'GoneException' } });
  });
});
