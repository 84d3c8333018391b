// The one public port: the HTTP API, the WebSocket upgrades, and the issuer's keys.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Handlers } from './front-door/front-door.ts';
import { refuseUpgrade } from './gateway/websocket-handshake.ts';
import { RuntimeError } from './runtime-error.ts';

export interface PublicServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Answers requests with this from now on; before, they are answered with 503. */
  serve(handlers: Handlers): void;
  /** Takes no more connections, and answers further requests with 503. */
  refuse(): void;
  close(): Promise<void>;
}

/** @throws RuntimeError when the port cannot be had */
export async function listenForPublic(port: number, jwks: () => object): Promise<PublicServer> {
  let handlers: Handlers = unavailable;
  const server = http.createServer((request, response) => {
    if (request.url === '/.well-known/jwks.json' && request.method === 'GET') {
      respond(response, 200, jwks());
    } else {
      handlers.request(request, response);
    }
  });
  server.on('upgrade', (request, _stream, head) => {
    handlers.upgrade(request, head);
  });
  await listen(server, port);
  let closed: Promise<void> | undefined;
  const refuse = (): Promise<void> => {
    handlers = unavailable;
    closed ??= new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    server.closeIdleConnections();
    return closed;
  };
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    serve: (next) => {
      handlers = next;
    },
    refuse: () => {
      void refuse();
    },
    close: async () => {
      const ended = refuse();
      server.closeAllConnections();
      await ended;
    },
  };
}

async function listen(server: http.Server, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const what = code === 'EADDRINUSE' ? 'is taken: stop what uses it, or' : `cannot be used (${code}):`;
    throw new RuntimeError(`Port ${String(port)} of 127.0.0.1 ${what} choose another with PORT.`);
  }
}

const unavailable: Handlers = {
  request: (_request, response) => {
    respond(response, 503, { message: 'Service Unavailable' });
  },
  upgrade: (request) => {
    refuseUpgrade(request.socket, 503);
  },
};

function respond(response: http.ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
