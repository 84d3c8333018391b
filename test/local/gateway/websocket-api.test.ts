// The WebSocket gateway's conformance: from the upgrade to the open connection, and how connections end.
import { describe, expect, it, vi } from 'vitest';
import { textFrame } from './client-frames.ts';
import { failed, heldHandler, returned, WAIT } from './stand-in-functions.ts';
import { contextOf, NO_FAULTS, openClient, rawUpgrade, refusal, startStand } from './websocket-stand.ts';

const MINUTE_MS = 60_000;

describe('$connect decides', () => {
  it('the upgrade stays pending until it has returned', async () => {
    const connect = heldHandler();
    const stand = await startStand({ handlers: { $connect: connect.handler } });
    const client = rawUpgrade(stand);
    await stand.functions.called('$connect');
    expect(stand.gateway.connectionCount()).toBe(0);
    expect(client.received()).toBe('');
    connect.answer(returned({ statusCode: 200 }));
    await vi.waitFor(() => {
      expect(client.received()).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    }, WAIT);
    expect(stand.gateway.connectionCount()).toBe(1);
  });

  it.each([200, 201, 204])('%i connects', async (statusCode) => {
    const stand = await startStand({ handlers: { $connect: () => returned({ statusCode }) } });
    await openClient(stand);
    expect(stand.gateway.connectionCount()).toBe(1);
  });

  it.each([301, 401, 403, 429, 501])('%i is passed on', async (statusCode) => {
    const stand = await startStand({ handlers: { $connect: () => returned({ statusCode }) } });
    expect(await refusal(stand)).toBe(statusCode);
    expect(stand.gateway.connectionCount()).toBe(0);
  });

  it.each(['error', 'timeout', 'throttled'] as const)('%s is 502, and reported', async (outcome) => {
    const stand = await startStand({ handlers: { $connect: () => failed(outcome) } });
    expect(await refusal(stand)).toBe(502);
    expect(stand.reports).toEqual([`$connect: the stand-in says ${outcome}`]);
  });

  it('a function slower than the integration may be is 502', async () => {
    const stand = await startStand({ timeoutMs: 20, handlers: { $connect: heldHandler().handler } });
    expect(await refusal(stand)).toBe(502);
  });

  it.each([null, 'ok', {}, { statusCode: '200' }, { statusCode: 101 }])(
    '%j is no response, so 502',
    async (payload) => {
      const stand = await startStand({ handlers: { $connect: () => returned(payload) } });
      expect(await refusal(stand)).toBe(502);
    },
  );

  it('without such a route, everybody connects', async () => {
    const stand = await startStand({ routes: ['$default'] });
    await openClient(stand);
    expect(stand.gateway.connectionCount()).toBe(1);
  });
});

describe('the upgrade', () => {
  it.each(['/prod', '/prod/', '/prod?token=a', '/prod/?token=a'])('is answered at %s', async (url) => {
    const stand = await startStand();
    expect((await openClient(stand, { url })).socket.readyState).toBe(1);
  });

  it.each(['/', '/prod//', '/prod/ws', '/prods', '/socket.io/', '/PROD'])(
    'is 403 at %s, and no function hears of it',
    async (url) => {
      const stand = await startStand();
      expect(await refusal(stand, url)).toBe(403);
      expect(stand.functions.eventsOf('$connect')).toEqual([]);
    },
  );

  it('is 414 with an address over 4,096 characters', async () => {
    const stand = await startStand();
    const longest = `/prod?token=${'a'.repeat(4_096 - '/prod?token='.length)}`;
    await openClient(stand, { url: longest });
    expect(await refusal(stand, `${longest}a`)).toBe(414);
  });

  it('is 400 when it is not well-formed, before any function hears of it', async () => {
    const stand = await startStand();
    const client = rawUpgrade(stand, Buffer.alloc(0), ['Sec-WebSocket-Protocol: a b']);
    await client.ended;
    expect(client.received()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(stand.functions.eventsOf('$connect')).toEqual([]);
  });

  it('is 429 above the rate of new connections, which fills up again', async () => {
    const stand = await startStand({ newConnectionsPerSecond: 2 });
    await openClient(stand);
    await openClient(stand);
    expect(await refusal(stand)).toBe(429);
    stand.clock.nowMs += 500;
    await openClient(stand);
    expect(await refusal(stand)).toBe(429);
    expect(stand.gateway.connectionCount()).toBe(3);
  });

  it('echoes the subprotocol that the function chose', async () => {
    const chosen = { statusCode: 200, headers: { 'sec-websocket-protocol': 'v2' } };
    const stand = await startStand({ handlers: { $connect: () => returned(chosen) } });
    const client = rawUpgrade(stand, Buffer.alloc(0), ['Sec-WebSocket-Protocol: v1, v2']);
    await vi.waitFor(() => {
      expect(client.received()).toContain('\r\nSec-WebSocket-Protocol: v2\r\n');
    }, WAIT);
  });

  it('echoes none when the function chose none', async () => {
    const stand = await startStand();
    const client = rawUpgrade(stand, Buffer.alloc(0), ['Sec-WebSocket-Protocol: v1, v2']);
    await vi.waitFor(() => {
      expect(client.received()).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\n$/s);
    }, WAIT);
    expect(client.received()).not.toMatch(/sec-websocket-protocol/i);
  });

  it('does not accept compression', async () => {
    const client = await openClient(await startStand(), { perMessageDeflate: true });
    expect(client.socket.extensions).toBe('');
  });
});

describe('while $connect runs', () => {
  it('a client that leaves gets no connection and no $disconnect', async () => {
    const connect = heldHandler();
    const stand = await startStand({ handlers: { $connect: connect.handler } });
    const client = rawUpgrade(stand);
    await stand.functions.called('$connect');
    client.socket.end();
    await client.ended;
    connect.answer(returned({ statusCode: 200 }));
    await stand.gateway.stop();
    expect(stand.gateway.connectionCount()).toBe(0);
    expect(stand.functions.eventsOf('$disconnect')).toEqual([]);
  });

  it('a gateway that stops cuts the client off', async () => {
    const stand = await startStand({ handlers: { $connect: heldHandler().handler } });
    const client = rawUpgrade(stand);
    await stand.functions.called('$connect');
    await stand.gateway.stop();
    await client.ended;
    expect(client.received()).toBe('');
  });

  it('frames are held and dispatched once it has returned', async () => {
    const connect = heldHandler();
    const stand = await startStand({ handlers: { $connect: connect.handler } });
    const client = rawUpgrade(stand, textFrame('with the upgrade'));
    await stand.functions.called('$connect');
    client.socket.write(textFrame('after it'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(stand.functions.eventsOf('$default')).toEqual([]);
    connect.answer(returned({ statusCode: 200 }));
    await stand.functions.called('$default', 2);
    const bodies = stand.functions.eventsOf('$default').map((event) => (event as { body: string }).body);
    expect(bodies).toEqual(['with the upgrade', 'after it']);
  });

  it('frames of a client that is refused are never dispatched', async () => {
    const stand = await startStand({ handlers: { $connect: () => returned({ statusCode: 401 }) } });
    const client = rawUpgrade(stand, textFrame('let me in'));
    await client.ended;
    expect(client.received()).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(stand.functions.eventsOf('$default')).toEqual([]);
  });

  it('a client that sends more than 100 frames is cut off', async () => {
    const connect = heldHandler();
    const stand = await startStand({ handlers: { $connect: connect.handler } });
    const frames = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => textFrame('x')));
    const patient = rawUpgrade(stand, frames(100));
    await stand.functions.called('$connect');
    const hasty = rawUpgrade(stand, frames(101));
    await hasty.ended;
    expect(hasty.received()).toBe('');
    expect(stand.functions.eventsOf('$connect')).toHaveLength(1);
    connect.answer(returned({ statusCode: 200 }));
    await stand.functions.called('$default', 100);
    expect(patient.socket.destroyed).toBe(false);
  });
});

describe('a connection ends', () => {
  it('after 10 idle minutes, with 1001', async () => {
    const stand = await startStand({ timeScale: 600 });
    const client = await openClient(stand);
    stand.clock.nowMs += (10 * MINUTE_MS) / 600;
    expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
    const event = await stand.functions.called('$disconnect');
    expect(event).toMatchObject({ requestContext: { disconnectStatusCode: 1001, disconnectReason: 'Going away' } });
  });

  it('no sooner when messages go either way', async () => {
    const stand = await startStand({ timeScale: 600 });
    const [quiet, sending, receiving] = [await openClient(stand), await openClient(stand), await openClient(stand)];
    const { connectionId } = await contextOf(stand, '$connect', 3);
    const path = `/prod/@connections/${encodeURIComponent(connectionId)}`;
    stand.clock.nowMs += 999;
    sending.socket.send('still here');
    await stand.functions.called('$default');
    await stand.gateway.manage({ method: 'POST', path, headers: {}, body: Buffer.from('news') });
    stand.clock.nowMs += 1;
    await quiet.closed;
    await stand.functions.called('$disconnect');
    expect(stand.gateway.connectionCount()).toBe(2);
    expect(receiving.socket.readyState).toBe(1);
  });

  it('after two hours however busy it is, with 1001', async () => {
    const stand = await startStand({ timeScale: 600 });
    const client = await openClient(stand);
    for (let sent = 1; sent <= 13; sent += 1) {
      stand.clock.nowMs += (9 * MINUTE_MS) / 600;
      client.socket.send('busy');
      await stand.functions.called('$default', sent);
    }
    expect(client.socket.readyState).toBe(1);
    stand.clock.nowMs += (3 * MINUTE_MS) / 600;
    expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
  });

  it('with a $disconnect that gets lost when the faults say so', async () => {
    const chances = [0.49, 0.5];
    const faults = { ...NO_FAULTS, disconnectLostShare: 0.5 };
    const stand = await startStand({ faults, random: () => chances.shift() ?? 1 });
    const [first, second] = [await openClient(stand), await openClient(stand)];
    first.socket.close(4001, 'first');
    await first.closed;
    second.socket.close(4002, 'second');
    await stand.functions.called('$disconnect');
    const events = stand.functions.eventsOf('$disconnect');
    expect(events).toMatchObject([{ requestContext: { disconnectStatusCode: 4002, disconnectReason: 'second' } }]);
  });

  it('when the gateway stops: 1001, then $disconnect, and no new ones', async () => {
    const stand = await startStand();
    const clients = await Promise.all([openClient(stand), openClient(stand)]);
    await stand.gateway.stop();
    expect(stand.functions.eventsOf('$disconnect')).toHaveLength(2);
    expect(await Promise.all(clients.map((client) => client.closed))).toEqual([
      { code: 1001, reason: 'Going away' },
      { code: 1001, reason: 'Going away' },
    ]);
    expect(await refusal(stand)).toBe(503);
    expect(stand.functions.eventsOf('$connect')).toHaveLength(2);
  });
});
