// An API Gateway WebSocket API on a Node server: the upgrade that waits for `$connect`, time limits, @connections.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { manageConnection } from './connections-api.ts';
import type { AwsRequest, AwsResponse, Faults, Functions, Report, WebSocketApiModel } from '../contracts.ts';
import { newGatewayId, sourceIpOf } from './gateway-request.ts';
import { callRoute, endConnection, GOING_AWAY, MESSAGE_BYTES_MAX, openConnection } from './websocket-connection.ts';
import type { WebSocketGateway } from './websocket-connection.ts';
import { connectEvent } from './websocket-events.ts';
import type { Peer } from './websocket-events.ts';
import { handshakeProblem, holdClient, refuseUpgrade, tokenBucket } from './websocket-handshake.ts';
import { routeOf } from './websocket-routes.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
const IDLE_MS_MAX = 10 * 60_000;
const DURATION_MS_MAX = 2 * 60 * 60_000;
const NEW_CONNECTIONS_PER_SECOND = 500;

/** How often connections are looked at for their time limits, and how long a stop waits for them to end. */
const SWEEP_MS_MAX = 1_000;
const STOP_MS_MAX = 2_000;

export interface WebSocketApiOptions {
  readonly api: WebSocketApiModel;
  readonly functions: Functions;
  /** Divides the limits of 10 idle minutes and 2 hours: 60 makes minutes of hours. */
  readonly timeScale: number;
  readonly faults: Faults;
  /** Gets a line for every invocation that failed. */
  readonly report: Report;
  /** Upgrades above this rate are refused with 429. The default is the quota of an account. */
  readonly newConnectionsPerSecond?: number;
  /** The time in epoch milliseconds. */
  readonly now?: () => number;
  /** A number from 0 to below 1, that decides which faults happen. */
  readonly random?: () => number;
}

export interface WebSocketApi {
  /** Answers an upgrade: 403 where it is not for the stage, with one slash at its end or none. */
  readonly upgrade: (request: IncomingMessage, head: Buffer) => void;
  /** Answers a call of the @connections API, `/<stage>/@connections/<id>`. */
  manage(request: AwsRequest): Promise<AwsResponse>;
  /** How many connections are established. */
  connectionCount(): number;
  /** Takes no more, closes all with 1001, and waits for a moment until they and their `$disconnect` have ended. */
  stop(): Promise<void>;
}

/** What `$connect` led to: the status, and which of the offered subprotocols it chose. */
interface Verdict {
  readonly status: number;
  readonly subprotocol: string | undefined;
}

export function startWebSocketApi(options: WebSocketApiOptions): WebSocketApi {
  const { api, functions, timeScale, faults, report } = options;
  const { now = Date.now, random = Math.random } = options;
  const gateway: WebSocketGateway = {
    api,
    functions,
    faults,
    report,
    now,
    random,
    connections: new Map(),
    running: new Set(),
  };
  const admit = tokenBucket(options.newConnectionsPerSecond ?? NEW_CONNECTIONS_PER_SECOND, now);
  const pending = new Set<Socket>();

  let stopping = false;

  const upgrade = (request: IncomingMessage, head: Buffer): void => {
    const { socket } = request;
    const problem = stopping ? 503 : (handshakeProblem(request, `/${api.stage}`) ?? (admit() ? null : 429));
    if (problem !== null) {
      refuseUpgrade(socket, problem);
      return;
    }
    pending.add(socket);
    connect(gateway, request, head)
      .catch((error: unknown) => {
        report(`The WebSocket API failed: ${String(error)}`);
        socket.destroy();
      })
      .finally(() => pending.delete(socket));
  };

  const idleMs = IDLE_MS_MAX / timeScale;
  const sweep = (): void => {
    endExpired(gateway, idleMs, DURATION_MS_MAX / timeScale);
  };
  const sweeper = setInterval(sweep, Math.min(SWEEP_MS_MAX, Math.ceil(idleMs / 10))).unref();

  return {
    upgrade,
    manage: (request) => Promise.resolve(manageConnection(gateway, request)),
    connectionCount: () => gateway.connections.size,
    stop: () => {
      stopping = true;
      clearInterval(sweeper);
      for (const socket of pending) socket.destroy();
      return endAll(gateway);
    },
  };
}

/** Asks `$connect`, and only then answers the upgrade. A client that left meanwhile gets no `$disconnect`, as on AWS. */
async function connect(gateway: WebSocketGateway, request: IncomingMessage, head: Buffer): Promise<void> {
  const { socket } = request;
  const client = holdClient(socket, head);
  if (client.isGone()) return;
  const peer: Peer = {
    connectionId: newGatewayId(),
    connectedAtMs: gateway.now(),
    domainName: request.headers.host ?? '',
    sourceIp: sourceIpOf(socket),
    userAgent: request.headers['user-agent'],
  };
  const { status, subprotocol } = await askConnect(gateway, request, peer);
  if (client.isGone()) return;
  const early = client.release();
  if (status >= 300) {
    refuseUpgrade(socket, status);
    return;
  }
  acceptor(subprotocol).handleUpgrade(request, socket, early, (webSocket) => {
    openConnection(gateway, peer, webSocket, socket);
    socket.resume();
  });
}

/** A function that fails in any way, or returns what is no response, is 502; other statuses are passed on. */
async function askConnect(gateway: WebSocketGateway, request: IncomingMessage, peer: Peer): Promise<Verdict> {
  const route = routeOf(gateway.api, '$connect');
  if (route === null) return { status: 200, subprotocol: undefined };
  const event = connectEvent(gateway.api, peer, request);
  const result = await callRoute(gateway, route.routeKey, route.integration, event);
  return (
    (result.outcome === 'returned' ? readVerdict(result.payload) : null) ?? { status: 502, subprotocol: undefined }
  );
}

function readVerdict(payload: unknown): Verdict | null {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return null;
  const { statusCode: status } = payload;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) return null;
  const headers = 'headers' in payload && typeof payload.headers === 'object' ? (payload.headers ?? {}) : {};
  const [, subprotocol] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol') ?? [];
  return { status, subprotocol: typeof subprotocol === 'string' ? subprotocol : undefined };
}

/** The subprotocol comes from the function alone: none is chosen for it. Compression is offered by clients, and not accepted. */
function acceptor(subprotocol: string | undefined): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
    handleProtocols: () => subprotocol ?? false,
  });
}

function endExpired(gateway: WebSocketGateway, idleMs: number, durationMs: number): void {
  const nowMs = gateway.now();
  for (const connection of gateway.connections.values()) {
    const isOver = nowMs - connection.lastActiveAtMs >= idleMs || nowMs - connection.connectedAtMs >= durationMs;
    if (isOver) endConnection(connection, GOING_AWAY);
  }
}

async function endAll(gateway: WebSocketGateway): Promise<void> {
  const closed = [...gateway.connections.values()].map((connection) => {
    endConnection(connection, GOING_AWAY);
    return new Promise<void>((resolve) =>
      connection.socket.once('close', () => {
        resolve();
      }),
    );
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STOP_MS_MAX);
  });
  // `$disconnect` is under way by the time that its socket counts as closed, so the second list is whole.
  await Promise.race([late, Promise.all(closed).then(() => Promise.all(gateway.running))]);
  clearTimeout(timer);
  for (const connection of gateway.connections.values()) connection.socket.terminate();
}
