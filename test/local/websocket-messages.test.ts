// The WebSocket gateway's conformance, second part: events field by field, routing, error frames, frame limits.
import { describe, expect, it } from 'vitest';
import { encodeFrame, PING, TEXT, textFrame } from './client-frames.ts';
import { failed, heldHandler, returned } from './stand-in-functions.ts';
import { openClient, rawUpgrade, startStand } from './websocket-stand.ts';
import type { Stand } from './websocket-stand.ts';

const gatewayId = /^[\w-]{15}=$/;
const anyId: unknown = expect.stringMatching(gatewayId);
const time = {
  requestTime: '09/Feb/2026:18:11:43 +0000',
  requestTimeEpoch: 1_770_660_703_419,
  connectedAt: 1_770_660_703_419,
};
const always = { messageDirection: 'IN', stage: 'prod', apiId: 'abcd1234', ...time };

interface AnyEvent {
  readonly requestContext: { readonly connectionId: string; readonly requestId: string; readonly messageId?: string };
}

async function connectionIdOf(stand: Stand): Promise<string> {
  return ((await stand.functions.called('$connect')) as AnyEvent).requestContext.connectionId;
}

describe('the event of $connect', () => {
  it('has every field that AWS sends, and no others', async () => {
    const stand = await startStand();
    await openClient(stand, { headers: { 'User-Agent': 'phone/1' }, origin: 'https://app.example' });
    const host = `127.0.0.1:${String(stand.port)}`;
    const headers: Record<string, unknown> = {
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': expect.any(String),
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      'User-Agent': 'phone/1',
      Origin: 'https://app.example',
      Host: host,
      'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Port': '443',
      'X-Forwarded-Proto': 'https',
    };
    const event = (await stand.functions.called('$connect')) as AnyEvent;
    expect(event).toEqual({
      headers,
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      requestContext: {
        ...always,
        routeKey: '$connect',
        eventType: 'CONNECT',
        identity: { sourceIp: '127.0.0.1', userAgent: 'phone/1' },
        requestId: anyId,
        extendedRequestId: event.requestContext.requestId,
        domainName: host,
        connectionId: anyId,
      },
      isBase64Encoded: false,
    });
  });

  it('has the query in both forms', async () => {
    const stand = await startStand();
    await openClient(stand, { url: '/ws?token=a%3Db&role=x&role=y' });
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
    const event = (await stand.functions.called('$default')) as AnyEvent;
    expect(event).toEqual({
      requestContext: {
        ...always,
        routeKey: '$default',
        messageId: anyId,
        eventType: 'MESSAGE',
        identity: { sourceIp: '127.0.0.1' },
        requestId: anyId,
        extendedRequestId: event.requestContext.requestId,
        domainName: `127.0.0.1:${String(stand.port)}`,
        connectionId: await connectionIdOf(stand),
      },
      body: 'hello',
      isBase64Encoded: false,
    });
    expect(event.requestContext.messageId?.slice(-6)).toBe(event.requestContext.connectionId.slice(-6));
  });
});

describe('the event of $disconnect', () => {
  it('has every field that AWS sends, and no others', async () => {
    const stand = await startStand();
    const client = await openClient(stand);
    client.socket.close();
    const event = (await stand.functions.called('$disconnect')) as AnyEvent;
    const host = `127.0.0.1:${String(stand.port)}`;
    expect(event).toEqual({
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
        extendedRequestId: event.requestContext.requestId,
        domainName: host,
        connectionId: await connectionIdOf(stand),
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

describe('messages', () => {
  it.each([{ statusCode: 200, body: 'reply' }, { statusCode: 501 }, 'text', null])(
    'are one-way: %j reaches nobody',
    async (payload) => {
      const replies = [returned(payload), failed('error')];
      const stand = await startStand({ handlers: { $default: () => replies.shift() ?? failed('error') } });
      const client = await openClient(stand);
      client.socket.send('one');
      await stand.functions.called('$default');
      client.socket.send('two');
      expect(await client.frame(1)).toContain('Internal server error');
      expect(client.frames).toHaveLength(1);
    },
  );

  it('of one connection are dispatched at the same time', async () => {
    const first = heldHandler();
    const handlers = [first.handler];
    const stand = await startStand({ handlers: { $default: (event) => handlers.shift()?.(event) ?? failed('error') } });
    const client = await openClient(stand);
    client.socket.send('slow');
    client.socket.send('fast');
    const frame = JSON.parse(await client.frame(1)) as { requestId: string };
    const [, fast] = stand.functions.eventsOf('$default') as AnyEvent[];
    expect(frame.requestId).toBe(fast?.requestContext.requestId);
    first.answer(returned(null));
  });

  it.each([
    ['error', 'Internal server error'],
    ['timeout', 'Internal server error'],
    ['throttled', 'Internal server error'],
  ] as const)('that end in %s are answered byte for byte, and the connection stays open', async (outcome, message) => {
    const stand = await startStand({ handlers: { $default: () => failed(outcome) } });
    const client = await openClient(stand);
    client.socket.send('x');
    const frame = await client.frame(1);
    const [event] = stand.functions.eventsOf('$default') as AnyEvent[];
    const { connectionId = '', requestId = '' } = event?.requestContext ?? {};
    expect(frame).toBe(`{"message": "${message}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`);
    expect(client.socket.readyState).toBe(1);
  });

  it('that take longer than the integration may are answered so', async () => {
    const stand = await startStand({ timeoutMs: 20, handlers: { $default: heldHandler().handler } });
    const client = await openClient(stand);
    client.socket.send('x');
    expect(await client.frame(1)).toMatch(
      /^\{"message": "Endpoint request timed out", "connectionId":"[\w-]{15}=", "requestId":"[\w-]{15}="\}$/,
    );
  });

  it('that no route takes are forbidden', async () => {
    const client = await openClient(await startStand({ routes: ['$connect'] }));
    client.socket.send('hi');
    expect(await client.frame(1)).toMatch(
      /^\{"message": "Forbidden", "connectionId":"[\w-]{15}=", "requestId":"[\w-]{15}="\}$/,
    );
  });

  it('take the route that the expression selects, and the event names it', async () => {
    const routes = ['$connect', '$default', 'join'];
    const stand = await startStand({ routes, routeSelectionExpression: '$request.body.action' });
    const client = await openClient(stand);
    client.socket.send('{"action":"join"}');
    expect(await stand.functions.called('join')).toMatchObject({ requestContext: { routeKey: 'join' } });
    expect(stand.functions.eventsOf('$default')).toEqual([]);
  });
});

describe('frames', () => {
  it('of pings are answered without a call', async () => {
    const stand = await startStand();
    const { socket } = await openClient(stand);
    const pong = new Promise<string>((resolve) =>
      socket.once('pong', (data: Buffer) => {
        resolve(data.toString());
      }),
    );
    socket.ping('are you there');
    expect(await pong).toBe('are you there');
    expect(stand.functions.eventsOf('$default')).toEqual([]);
  });

  it('of 32 KB pass, and of one byte more are closed with 1009', async () => {
    const stand = await startStand();
    const client = await openClient(stand);
    client.socket.send('x'.repeat(32 * 1024));
    await stand.functions.called('$default');
    client.socket.send('x'.repeat(32 * 1024 + 1));
    expect((await client.closed).code).toBe(1009);
    expect(stand.functions.eventsOf('$default')).toHaveLength(1);
    expect(await stand.functions.called('$disconnect')).toMatchObject({
      requestContext: { disconnectStatusCode: 1009 },
    });
  });

  it('that make a message of 128 KB pass, and of one byte more are closed with 1009', async () => {
    const stand = await startStand();
    const client = await openClient(stand);
    const fragment = 'x'.repeat(32 * 1024);
    for (const fin of [false, false, false, true]) client.socket.send(fragment, { fin });
    expect(await stand.functions.called('$default')).toHaveProperty('body.length', 128 * 1024);
    for (const fin of [false, false, false, false]) client.socket.send(fragment, { fin });
    client.socket.send('x', { fin: true });
    expect((await client.closed).code).toBe(1009);
    expect(stand.functions.eventsOf('$default')).toHaveLength(1);
  });

  it('before one that is too long still count, even in the same chunk', async () => {
    const stand = await startStand();
    const tooLong = encodeFrame({ opcode: TEXT, final: true, payload: Buffer.alloc(32 * 1024 + 1, 'x') });
    const ping = encodeFrame({ opcode: PING, final: true, payload: Buffer.alloc(0) });
    const client = rawUpgrade(
      stand,
      Buffer.concat([textFrame('one'), ping, textFrame('two'), tooLong, textFrame('three')]),
    );
    await stand.functions.called('$disconnect').catch(() => undefined);
    const bodies = stand.functions.eventsOf('$default').map((event) => (event as { body: string }).body);
    expect(bodies).toEqual(['one', 'two']);
    expect(Buffer.from(client.received(), 'latin1').includes(Buffer.from([0x88, 0x02, 0x03, 0xf1]))).toBe(true);
  });

  it('in binary are closed with 1003', async () => {
    const stand = await startStand();
    const client = await openClient(stand);
    client.socket.send(Buffer.from('x'));
    expect((await client.closed).code).toBe(1003);
    expect(stand.functions.eventsOf('$default')).toEqual([]);
  });

  it('that break the protocol end the connection, and nothing else', async () => {
    const stand = await startStand();
    const unmasked = rawUpgrade(
      stand,
      encodeFrame({ opcode: TEXT, final: true, payload: Buffer.from('x'), masked: false }),
    );
    await stand.functions.called('$connect');
    unmasked.socket.end();
    await unmasked.ended;
    await openClient(stand);
    expect(stand.functions.eventsOf('$default')).toEqual([]);
  });
});
