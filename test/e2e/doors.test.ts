// The doors of the one address, with the real template: which socket each leads to, and what stays shut.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Stack } from './stack.ts';
import { call, startStack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/** 101, or the status that the upgrade is refused with. */
async function upgraded(path: string): Promise<number> {
  const token = await stack.token('door');
  const url = `${stack.runtime.httpUrl.replace('http', 'ws')}${path}${path.includes('?') ? '&' : '?'}token=${token}`;
  const socket = new WebSocket(url);
  const status = await new Promise<number>((resolve, reject) => {
    socket
      .on('open', () => {
        resolve(101);
      })
      .on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
    });
  });
  socket.on('error', () => undefined).terminate();
  return status;
}

describe('the one address', () => {
  it.each([
    '/ws',
    '/ws/',
    '/ws/notifications?guestId=door',
    '/ws/notifications/?guestId=door',
    '/socket.io/?EIO=4&transport=websocket',
    '/socket.io?EIO=4&transport=websocket',
  ])('takes sockets at %s', async (path) => {
    expect(await upgraded(path)).toBe(101);
  });

  it('says which dialect comes in, whatever the client says of it', async () => {
    expect(await upgraded('/ws/notifications?dialect=bellhop')).toBe(400);
    expect(await upgraded('/ws?dialect=hotel')).toBe(101);
  });

  it.each(['/', '/live', '/ws/other', '/api/inbox'])('takes none at %s', async (path) => {
    expect(await upgraded(path)).toBe(403);
  });

  it('is the address of the HTTP API as well', async () => {
    const { outputs, httpUrl, webSocketUrl } = stack.runtime;
    expect(outputs).toMatchObject({ Address: httpUrl, HttpUrl: httpUrl, WebSocketUrl: webSocketUrl });
    expect((await call(`${httpUrl}/api/notifications/status`, 'GET')).status).toBe(200);
    expect((await call(`${httpUrl}/elsewhere`, 'GET')).status).toBe(404);
    const preflight = await fetch(`${httpUrl}/api/inbox`, {
      method: 'OPTIONS',
      headers: { origin: 'https://any.example', 'access-control-request-method': 'PATCH' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  });
});
