// The WebSocket gateway's conformance: what becomes of messages, error frames byte for byte, frame limits.
import { describe, expect, it, vi } from 'vitest';
import { BINARY, encodeFrame, PING, TEXT, textFrame } from './client-frames.ts';
import { failed, heldHandler, returned, WAIT } from './stand-in-functions.ts';
import { contextOf, openClient, rawUpgrade, startStand } from './websocket-stand.ts';

/** A server's close frame with this code and no reason, as `received` shows it. */
function closeFrame(code: number): string {
  return String.fromCharCode(0x88, 0x02, code >> 8, code & 0xff);
}

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
    expect(frame.requestId).toBe((await contextOf(stand, '$default', 2)).requestId);
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
    const { connectionId, requestId } = await contextOf(stand, '$default');
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

describe('functions that break their promise to resolve', () => {
  it('are reported, and cost nobody a connection but the one who connects', async () => {
    const broken = (): Promise<never> => Promise.reject(new Error('broken'));
    const stand = await startStand({ handlers: { $default: broken } });
    const client = await openClient(stand);
    client.socket.send('x');
    await vi.waitFor(() => {
      expect(stand.reports).toEqual(['The WebSocket API failed: Error: broken']);
    }, WAIT);
    expect(client.socket.readyState).toBe(1);
    const closed = await startStand({ handlers: { $connect: broken } });
    await expect(openClient(closed)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(closed.reports).toEqual(['The WebSocket API failed: Error: broken']);
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
    await vi.waitFor(() => {
      expect(client.received().endsWith(String.fromCharCode(0x88, 0x02, 0x03, 0xf1)), 'a close frame with 1009').toBe(
        true,
      );
    }, WAIT);
    const bodies = stand.functions.eventsOf('$default').map((event) => (event as { body: string }).body);
    expect(bodies).toEqual(['one', 'two']);
  });

  it('in binary are closed with 1003, and nothing after them is dispatched', async () => {
    const stand = await startStand();
    const binary = encodeFrame({ opcode: BINARY, final: true, payload: Buffer.from('x') });
    const client = rawUpgrade(stand, Buffer.concat([textFrame('before'), binary, textFrame('after')]));
    await vi.waitFor(() => {
      expect(client.received().endsWith(closeFrame(1003))).toBe(true);
    }, WAIT);
    const bodies = stand.functions.eventsOf('$default').map((event) => (event as { body: string }).body);
    expect(bodies).toEqual(['before']);
  });

  it('that break the protocol end the connection with 1002', async () => {
    const stand = await startStand();
    const unmasked = encodeFrame({ opcode: TEXT, final: true, payload: Buffer.from('x'), masked: false });
    const client = rawUpgrade(stand, unmasked);
    await vi.waitFor(() => {
      expect(client.received().endsWith(String.fromCharCode(0x88, 0x02, 0x03, 0xea)), 'a close frame with 1002').toBe(
        true,
      );
    }, WAIT);
    client.socket.end();
    await stand.functions.called('$disconnect');
    expect(stand.functions.eventsOf('$default')).toEqual([]);
  });
});
