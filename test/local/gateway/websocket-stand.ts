// A WebSocket API on the loopback with stand-in functions, and clients that tell what happens to them.
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import type { WebSocketApiModel } from '../../../local/contracts.ts';
import { startWebSocketApi } from '../../../local/gateway/websocket-api.ts';
import type { WebSocketApi, WebSocketApiOptions } from '../../../local/gateway/websocket-api.ts';
import { returned, standInFunctions, WAIT } from './stand-in-functions.ts';
import type { Handler, StandInFunctions } from './stand-in-functions.ts';

export const NO_FAULTS = { disconnectLostShare: 0, queueDuplicateShare: 0, postThrottledShare: 0 };

export interface Stand {
  readonly port: number;
  readonly gateway: WebSocketApi;
  readonly functions: StandInFunctions;
  /** Lines that were reported. */
  readonly reports: string[];
  /** The gateway's clock, which stands still unless it is moved. */
  readonly clock: { nowMs: number };
}

export interface StandOptions extends Partial<
  Pick<WebSocketApiOptions, 'faults' | 'newConnectionsPerSecond' | 'random' | 'timeScale'>
> {
  readonly handlers?: Readonly<Record<string, Handler>>;
  readonly routes?: readonly string[];
  readonly routeSelectionExpression?: string;
  readonly timeoutMs?: number;
}

/** Starts a stand that ends with the test. Each route calls the function of its name, which returns 200 unless given. */
export async function startStand(options: StandOptions = {}): Promise<Stand> {
  const { handlers, routes = ['$connect', '$default', '$disconnect'], timeoutMs = 29_000, ...rest } = options;
  const ok: Handler = () => returned({ statusCode: 200 });
  const functions = standInFunctions({ ...Object.fromEntries(routes.map((route) => [route, ok])), ...handlers });
  const api: WebSocketApiModel = {
    apiId: 'abcd1234',
    stage: 'prod',
    routeSelectionExpression: options.routeSelectionExpression ?? String.raw`\$default`,
    routes: Object.fromEntries(routes.map((route) => [route, { functionName: route, timeoutMs }])),
  };
  const reports: string[] = [];
  const clock = { nowMs: Date.UTC(2026, 1, 9, 18, 11, 43, 419) };
  const server = createServer((_request, response) => {
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway = startWebSocketApi({
    api,
    functions,
    timeScale: 1,
    faults: NO_FAULTS,
    report: (line) => reports.push(line),
    now: () => clock.nowMs,
    ...rest,
  });
  server.on('upgrade', (request, _stream, head) => {
    gateway.upgrade(request, head);
  });
  onTestFinished(async () => {
    await gateway.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, gateway, functions, reports, clock };
}

export interface AnyContext {
  readonly connectionId: string;
  readonly requestId: string;
  readonly messageId?: string;
}

/** The request context of the call with this number, counted from 1, once the function has been called that often. */
export async function contextOf(stand: Stand, functionName: string, number = 1): Promise<AnyContext> {
  const event = await stand.functions.called(functionName, number);
  return (event as { readonly requestContext: AnyContext }).requestContext;
}

export interface Client {
  readonly socket: WebSocket;
  /** Every frame so far, `binary` for one that is not text. */
  readonly frames: string[];
  /** Waits for the frame with this number, counted from 1. */
  frame(number: number): Promise<string>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** Opens a connection and waits until it is open; rejects when it is refused. */
export async function openClient(
  stand: Stand,
  options: ClientOptions & { readonly url?: string } = {},
): Promise<Client> {
  const { url = '/prod', ...rest } = options;
  const socket = new WebSocket(`ws://127.0.0.1:${String(stand.port)}${url}`, rest);
  const frames: string[] = [];
  socket.on('message', (data: Buffer, isBinary) => frames.push(isBinary ? 'binary' : data.toString()));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve).on('error', reject);
  });
  const frame = (number: number): Promise<string> =>
    vi.waitFor(() => {
      const text = frames[number - 1];
      if (text === undefined) throw new Error(`frame ${String(number)} has not come`);
      return text;
    }, WAIT);
  return { socket, frames, frame, closed };
}

/** The status that an upgrade is refused with. */
export async function refusal(stand: Stand, url = '/prod'): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(stand.port)}${url}`);
  const status = await new Promise<number>((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => {
      reject(new Error('it was not refused'));
    });
    socket.on('error', reject);
  });
  socket.on('error', () => undefined).terminate();
  return status;
}

export interface RawClient {
  readonly socket: Socket;
  /** All that came, as text. */
  received(): string;
  readonly ended: Promise<void>;
}

/** Sends an upgrade by hand, with whatever follows it in the same breath, and waits for nothing. */
export function rawUpgrade(stand: Stand, after: Buffer = Buffer.alloc(0), headers: readonly string[] = []): RawClient {
  const socket = connect(stand.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    socket.on('close', () => {
      resolve();
    });
  });
  const lines = [
    'GET /prod HTTP/1.1',
    'Host: gateway.example',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ];
  socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), after]));
  onTestFinished(() => void socket.destroy());
  return { socket, received: () => Buffer.concat(chunks).toString('latin1'), ended };
}
