// The @connections API: how functions post to a connection, look at it and close it.
import { WebSocket } from 'ws';
import type { AwsRequest, AwsResponse } from '../contracts.ts';
import { endConnection, GOING_AWAY, MESSAGE_BYTES_MAX } from './websocket-connection.ts';
import type { Connection, WebSocketGateway } from './websocket-connection.ts';

/** When a client reads so slowly that this much waits for it, posts to it are refused. */
const BUFFERED_BYTES_MAX = 1024 * 1024;

const PATH = /^\/([^/]+)\/@connections\/([^/]+)$/;
const CONNECTION_ID = /^[\w-]{15}=$/;

const POSTED: AwsResponse = { status: 200 };
const DELETED: AwsResponse = { status: 204 };

/** AWS answers this one with an empty body: the SDK knows it by its header alone. */
const GONE: AwsResponse = { status: 410, headers: { 'x-amzn-ErrorType': 'GoneException' } };

/**
 * Answers `POST`, `GET` and `DELETE /<stage>/@connections/<id>` as AWS does:
 * - 403 ForbiddenException for another stage, path or method;
 * - 400 BadRequestException for what cannot be a connection id;
 * - 410 GoneException for a connection that is closed, never was, or is not established yet;
 * - 413 PayloadTooLargeException over 128 KB;
 * - 429 LimitExceededException when the client's buffer is full, or by chance when the faults say so.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
export function manageConnection(gateway: WebSocketGateway, request: AwsRequest): AwsResponse {
  const [, stage, encodedId = ''] = PATH.exec(request.path.split('?', 1)[0] ?? '') ?? [];
  if (stage !== gateway.api.stage) return problem(403, 'ForbiddenException', 'Forbidden');
  const id = decodeId(encodedId);
  if (!CONNECTION_ID.test(id)) return problem(400, 'BadRequestException', `Invalid connectionId: ${id}`);
  const connection = gateway.connections.get(id);
  switch (request.method) {
    case 'POST':
      return post(gateway, connection, request.body);
    case 'GET':
      return isOpen(connection) ? describe(connection) : GONE;
    case 'DELETE':
      if (!isOpen(connection)) return GONE;
      endConnection(connection, GOING_AWAY);
      return DELETED;
    default:
      return problem(403, 'ForbiddenException', 'Forbidden');
  }
}

function post(gateway: WebSocketGateway, connection: Connection | undefined, data: Buffer): AwsResponse {
  if (data.length > MESSAGE_BYTES_MAX) return problem(413, 'PayloadTooLargeException', 'Message too long');
  if (gateway.random() < gateway.faults.postThrottledShare) return limitExceeded();
  if (!isOpen(connection)) return GONE;
  if (connection.socket.bufferedAmount > BUFFERED_BYTES_MAX) return limitExceeded();
  connection.lastActiveAtMs = gateway.now();
  connection.socket.send(data, { binary: false });
  return POSTED;
}

function describe({ connectedAtMs, lastActiveAtMs, sourceIp, userAgent }: Connection): AwsResponse {
  const connectedAt = new Date(connectedAtMs).toISOString();
  const lastActiveAt = new Date(lastActiveAtMs).toISOString();
  return json(200, {}, { connectedAt, identity: { sourceIp, userAgent }, lastActiveAt });
}

function isOpen(connection: Connection | undefined): connection is Connection {
  return connection?.socket.readyState === WebSocket.OPEN;
}

function limitExceeded(): AwsResponse {
  return problem(429, 'LimitExceededException', 'Limit exceeded');
}

function problem(status: number, type: string, message: string): AwsResponse {
  return json(status, { 'x-amzn-ErrorType': type }, { message });
}

function json(status: number, headers: Readonly<Record<string, string>>, body: unknown): AwsResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function decodeId(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
