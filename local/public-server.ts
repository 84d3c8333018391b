// The one public port: the HTTP API, the WebSocket upgrades, and the issuer's keys.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { RuntimeError } from './runtime-error.ts';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface PublicServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly server: http.Server;
  /** Answers requests with this from now on; before, they are answered with 503. */
  serve(handler: Handler): void;
  /** Takes no more connections, and answers further requests with 503. */
  refuse(): void;
  close(): Promise<void>;
}

/** @throws RuntimeError when the port cannot be had */
export async function listenForPublic(port: number, jwks: () => object): Promise<PublicServer> {
  let handler: Handler = unavailable;
  const server = http.createServer((request, response) => {
    if (request.url === '/.well-known/jwks.json' && request.method === 'GET') {
      respond(response, 200, jwks());
    } else {
      handler(request, response);
    }
  });
  await listen(server, port);
  let closed: Promise<void> | undefined;
  const refuse = (): Promise<void> => {
    handler = unavailable;
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
    server,
    serve: (next) => {
      handler = next;
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

function unavailable(_request: http.IncomingMessage, response: http.ServerResponse): void {
  respond(response, 503, { message: 'Service Unavailable' });
}

function respond(response: http.ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
