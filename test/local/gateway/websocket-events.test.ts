// The WebSocket gateway's conformance: the events of $connect, of messages and of $disconnect, field by field.
import { describe, expect, it } from 'vitest';
import { contextOf, openClient, rawUpgrade, startStand } from './websocket-stand.ts';

const anyId: unknown = expect.stringMatching(/^[\w-]{15}=$/);
const time = {
  requestTime: '09/Feb/2026:18:11:43 +0000',
  requestTimeEpoch: 1_770_660_703_419,
  connectedAt: 1_770_660_703_419,
};
const always = { messageDirection: 'IN', stage: 'prod', apiId: 'abcd1234', ...time };

describe('the event of $connect', () => {
  it('has every field that AWS sends, and no others', async () => {
    const stand = await startStand();
    await openClient(stand, { headers: { 'User-Agent': 'phone/1' }, origin: 'https://app.example' });
    const host = `127.0.0.1:${String(stand.port)}`;
    const headers: Record<string, unknown> = {
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': expect.any(String) as unknown,
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      'User-Agent': 'phone/1',
      Origin: 'https://app.example',
      Host: host,
      'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/) as unknown,
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Port': '443',
      'X-Forwarded-Proto': 'https',
    };
    const { requestId } = await contextOf(stand, '$connect');
    expect(await stand.functions.called('$connect')).toEqual({
      headers,
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      requestContext: {
        ...always,
        routeKey: '$connect',
        eventType: 'CONNECT',
        identity: { sourceIp: '127.0.0.1', userAgent: 'phone/1' },
        requestId: anyId,
        extendedRequestId: requestId,
        domainName: host,
        connectionId: anyId,
      },
      isBase64Encoded: false,
    });
  });

  it('has the query in both forms', async () => {
    const stand = await startStand();
    await openClient(stand, { url: '/prod?token=a%3Db&role=x&role=y' });
    expect(await stand.functions.called('$connect')).toMatchObject({
      queryStringParameters: { token: 'a=b', role: 'y' },
      multiValueQueryStringParameters: { token: ['a=b'], role: ['x', 'y'] },
    });
  });

  it('shows the address of the socket, whatever X-Forwarded-For claims', async () => {
    const stand = await startStand();
    rawUpgrade(stand, Buffer.alloc(0), ['x-forwarded-for: 192.0.2.1', 'Cookie: a=1', 'Cookie: b=2']);
    const event = await stand.functions.called('$connect');
    expect(event).toMatchObject({
      headers: { 'X-Forwarded-For': '192.0.2.1, 127.0.0.1', Cookie: 'b=2' },
      multiValueHeaders: { Cookie: ['a=1', 'b=2'] },
      requestContext: { identity: { sourceIp: '127.0.0.1' } },
    });
    expect(event).not.toHaveProperty(['headers', 'x-forwarded-for']);
    expect(event).not.toHaveProperty(['headers', 'Upgrade']);
  });
});

describe('the event of a message', () => {
  it('has every field that AWS sends, and no others', async () => {
    const stand = await startStand();
    const client = await openClient(stand);
    client.socket.send('hello');
    const { requestId, connectionId, messageId } = await contextOf(stand, '$default');
    expect(await stand.functions.called('$default')).toEqual({
      requestContext: {
        ...always,
        routeKey: '$default',
        messageId: anyId,
        eventType: 'MESSAGE',
        identity: { sourceIp: '127.0.0.1' },
        requestId: anyId,
        extendedRequestId: requestId,
        domainName: `127.0.0.1:${String(stand.port)}`,
        connectionId: (await contextOf(stand, '$connect')).connectionId,
      },
      body: 'hello',
      isBase64Encoded: false,
    });
    expect(messageId?.slice(-6)).toBe(connectionId.slice(-6));
  });
});

describe('the event of $disconnect', () => {
  it('has every field that AWS sends, and no others', async () => {
    const stand = await startStand();
    const client = await openClient(stand);
    client.socket.close();
    const { requestId } = await contextOf(stand, '$disconnect');
    const host = `127.0.0.1:${String(stand.port)}`;
    expect(await stand.functions.called('$disconnect')).toEqual({
      headers: { Host: host, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' },
      multiValueHeaders: { Host: [host], 'x-api-key': [''], 'X-Forwarded-For': [''], 'x-restapi': [''] },
      requestContext: {
        ...always,
        routeKey: '$disconnect',
        eventType: 'DISCONNECT',
        disconnectStatusCode: 1005,
        disconnectReason: 'Client-side close frame status not set',
        identity: { sourceIp: '127.0.0.1' },
        requestId: anyId,
        extendedRequestId: requestId,
        domainName: host,
        connectionId: (await contextOf(stand, '$connect')).connectionId,
      },
      isBase64Encoded: false,
    });
  });

  it.each([
    [1000, 'Connection Closed Normally'],
    [1001, ''],
    [4000, 'shift ends'],
  ])('carries what the client said: %i %j', async (code, reason) => {
    const stand = await startStand();
    (await openClient(stand)).socket.close(code, reason);
    expect(await stand.functions.called('$disconnect')).toMatchObject({
      requestContext: { disconnectStatusCode: code, disconnectReason: reason },
    });
  });

  it('says 1006 of a client that vanished', async () => {
    const stand = await startStand();
    (await openClient(stand)).socket.terminate();
    expect(await stand.functions.called('$disconnect')).toMatchObject({
      requestContext: { disconnectStatusCode: 1006 },
    });
  });
});
