// An open WebSocket connection: its messages become invocations, its limits are kept, its end becomes `$disconnect`.
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Faults, Functions, Report, WebSocketApiModel } from '../contracts.ts';
import { frameGuard } from './frame-guard.ts';
import { callIntegration } from './integration.ts';
import type { Integration, IntegrationResult } from './integration.ts';
import { disconnectEvent, errorFrame, messageEvent } from './websocket-events.ts';
import type { CloseCause, Peer } from './websocket-events.ts';
import { routeOf, selectRoute } from './websocket-routes.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
export const MESSAGE_BYTES_MAX = 128 * 1024;
const FRAME_BYTES_MAX = 32 * 1024;
const INTEGRATION_TIMEOUT_MAX_MS = 29_000;

/**
 * How the gateway ends a connection that was idle or old, or that was deleted. The text and its code are what emulators
 * agree on; no public record shows those of AWS.
 */
export const GOING_AWAY: CloseCause = { code: 1001, reason: 'Going away' };

/** What one WebSocket API works with. */
export interface WebSocketGateway {
  readonly api: WebSocketApiModel;
  readonly functions: Functions;
  readonly faults: Faults;
  readonly report: Report;
  readonly now: () => number;
  readonly random: () => number;
  /** The established connections, by id: from the 101 until the socket is closed. */
  readonly connections: Map<string, Connection>;
  /** Invocations that have not ended. */
  readonly running: Set<Promise<void>>;
}

export interface Connection extends Peer {
  readonly socket: WebSocket;
  /** When a message last went either way. Pings do not count: whether they do on AWS is not known. */
  lastActiveAtMs: number;
  /** Why the gateway is ending the connection; null while it is not. */
  ending: CloseCause | null;
}

/** Takes over a socket right after its 101, before anything has been read from it. */
export function openConnection(gateway: WebSocketGateway, peer: Peer, socket: WebSocket, stream: Socket): void {
  const connection: Connection = { ...peer, socket, lastActiveAtMs: gateway.now(), ending: null };
  gateway.connections.set(peer.connectionId, connection);

  // Every chunk passes the guard first, then ws. A message may therefore arrive together with a frame that is too long:
  // those that ended before it still count, and the connection is closed once they are dispatched.
  const read = frameGuard(FRAME_BYTES_MAX);
  let count = read(Buffer.alloc(0));
  stream.prependListener('data', (chunk: Buffer) => {
    count = read(chunk);
    if (!count.oversized) return;
    queueMicrotask(() => {
      endConnection(connection, { code: 1009, reason: '' });
    });
  });
  let received = 0;
  socket.on('message', (data: Buffer, isBinary) => {
    received += 1;
    if (connection.ending !== null || received > count.messages) return;
    if (isBinary) endConnection(connection, { code: 1003, reason: '' });
    else track(gateway, dispatch(gateway, connection, data.toString()));
  });
  socket.on('error', () => {
    // ws closes by itself with the code that the error calls for, and 'close' follows.
  });
  socket.on('close', (code, reason) => {
    gateway.connections.delete(connection.connectionId);
    const cause = connection.ending ?? { code, reason: closeReason(code, reason.toString()) };
    track(gateway, tellDisconnect(gateway, connection, cause));
  });
}

/** Starts to close a connection; from here on nothing of it is dispatched or can be posted. Safe to repeat. */
export function endConnection(connection: Connection, cause: CloseCause): void {
  if (connection.ending !== null || connection.socket.readyState !== WebSocket.OPEN) return;
  connection.ending = cause;
  connection.socket.close(cause.code, cause.reason);
}

/** Calls a function within the gateway's time, and reports when nothing came of it. */
export async function callRoute(
  gateway: WebSocketGateway,
  routeKey: string,
  integration: Integration,
  event: unknown,
): Promise<IntegrationResult> {
  const result = await callIntegration(gateway.functions, integration, event, INTEGRATION_TIMEOUT_MAX_MS);
  if (result.outcome !== 'returned') gateway.report(`${routeKey}: ${result.message}`);
  return result;
}

/** Messages are one-way: what the function returns is dropped, and only its failure is told to the client. */
async function dispatch(gateway: WebSocketGateway, connection: Connection, body: string): Promise<void> {
  connection.lastActiveAtMs = gateway.now();
  const route = selectRoute(gateway.api, body);
  const event = messageEvent(gateway.api, connection, route?.routeKey ?? '', body, connection.lastActiveAtMs);
  const message =
    route === null ? 'Forbidden' : failureOf(await callRoute(gateway, route.routeKey, route.integration, event));
  if (message === null || connection.socket.readyState !== WebSocket.OPEN) return;
  connection.socket.send(errorFrame(message, connection.connectionId, event.requestContext.requestId));
}

/** The text of a throttled function's frame is not known; it is taken for a failure like others. */
function failureOf(result: IntegrationResult): string | null {
  switch (result.outcome) {
    case 'returned':
      return null;
    case 'endpoint-timeout':
      return 'Endpoint request timed out';
    case 'error':
    case 'timeout':
    case 'throttled':
      return 'Internal server error';
  }
}

/** `$disconnect` is best effort on AWS. */
async function tellDisconnect(gateway: WebSocketGateway, connection: Connection, cause: CloseCause): Promise<void> {
  const route = routeOf(gateway.api, '$disconnect');
  if (route === null || gateway.random() < gateway.faults.disconnectLostShare) return;
  const event = disconnectEvent(gateway.api, connection, cause, gateway.now());
  await callRoute(gateway, route.routeKey, route.integration, event);
}

function closeReason(code: number, reason: string): string {
  return code === 1005 ? 'Client-side close frame status not set' : reason;
}

function track(gateway: WebSocketGateway, invocation: Promise<void>): void {
  const ended = invocation
    .catch((error: unknown) => {
      gateway.report(`The WebSocket API failed: ${String(error)}`);
    })
    .finally(() => gateway.running.delete(ended));
  gateway.running.add(ended);
}
