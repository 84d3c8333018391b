// The events that a WebSocket API hands to functions, and the error frames that it sends by itself.
import type { IncomingMessage } from 'node:http';
import type { WebSocketApiModel } from '../contracts.ts';
import { forwardingHeaders, newGatewayId, requestTime } from './gateway-request.ts';

/** Who is at the other end of a connection, or of an upgrade that may become one. */
export interface Peer {
  readonly connectionId: string;
  readonly connectedAtMs: number;
  /** The `Host` of the upgrade. */
  readonly domainName: string;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
}

export interface WebSocketRequestContext {
  readonly routeKey: string;
  /** Only with messages. Ends as the connection id does. */
  readonly messageId?: string;
  readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  /** Only with `$disconnect`. */
  readonly disconnectStatusCode?: number;
  readonly disconnectReason?: string;
  /** The same as `requestId`. */
  readonly extendedRequestId: string;
  readonly requestTime: string;
  readonly messageDirection: 'IN';
  readonly stage: string;
  readonly connectedAt: number;
  readonly requestTimeEpoch: number;
  readonly identity: { readonly sourceIp: string; readonly userAgent?: string };
  readonly requestId: string;
  readonly domainName: string;
  readonly connectionId: string;
  readonly apiId: string;
}

type Values = Readonly<Record<string, string>>;
type MultiValues = Readonly<Record<string, readonly string[]>>;

export interface ConnectEvent {
  readonly headers: Values;
  readonly multiValueHeaders: MultiValues;
  /** Both absent when the address has no query. */
  readonly queryStringParameters?: Values;
  readonly multiValueQueryStringParameters?: MultiValues;
  readonly requestContext: WebSocketRequestContext;
  readonly isBase64Encoded: false;
}

export interface MessageEvent {
  readonly requestContext: WebSocketRequestContext;
  readonly body: string;
  readonly isBase64Encoded: false;
}

export interface DisconnectEvent {
  readonly headers: Values;
  readonly multiValueHeaders: MultiValues;
  readonly requestContext: WebSocketRequestContext;
  readonly isBase64Encoded: false;
}

/** How a connection ended, as the close frame says. */
export interface CloseCause {
  readonly code: number;
  readonly reason: string;
}

/** Headers that end at the gateway. They are in an authorizer's event, but not in the function's. */
const NOT_PASSED_ON = new Set(['connection', 'upgrade']);

export function connectEvent(api: WebSocketApiModel, peer: Peer, request: IncomingMessage): ConnectEvent {
  const headers = headersOf(request, peer);
  const url = request.url ?? '';
  const query = url.includes('?') ? grouped(new URLSearchParams(url.slice(url.indexOf('?') + 1))) : {};
  const hasQuery = Object.keys(query).length > 0;
  return {
    headers: lastValues(headers),
    multiValueHeaders: headers,
    ...(hasQuery && { queryStringParameters: lastValues(query), multiValueQueryStringParameters: query }),
    requestContext: requestContext(api, peer, peer.connectedAtMs, { routeKey: '$connect', eventType: 'CONNECT' }),
    isBase64Encoded: false,
  };
}

export function messageEvent(
  api: WebSocketApiModel,
  peer: Peer,
  routeKey: string,
  body: string,
  nowMs: number,
): MessageEvent {
  const messageId = newGatewayId().slice(0, 10) + peer.connectionId.slice(10);
  return {
    requestContext: requestContext(api, peer, nowMs, { routeKey, messageId, eventType: 'MESSAGE' }),
    body,
    isBase64Encoded: false,
  };
}

/** The four headers are what AWS sends, empty ones included. */
export function disconnectEvent(api: WebSocketApiModel, peer: Peer, cause: CloseCause, nowMs: number): DisconnectEvent {
  const headers = { Host: peer.domainName, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
  const ended = { disconnectStatusCode: cause.code, disconnectReason: cause.reason };
  return {
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    requestContext: requestContext(api, peer, nowMs, { routeKey: '$disconnect', eventType: 'DISCONNECT', ...ended }),
    isBase64Encoded: false,
  };
}

/** Byte for byte what AWS sends, which has spaces in some places and none in others. The connection stays open. */
export function errorFrame(message: string, connectionId: string, requestId: string): string {
  return `{"message": "${message}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`;
}

type EventKind = Pick<
  WebSocketRequestContext,
  'routeKey' | 'eventType' | 'messageId' | 'disconnectStatusCode' | 'disconnectReason'
>;

function requestContext(api: WebSocketApiModel, peer: Peer, nowMs: number, kind: EventKind): WebSocketRequestContext {
  const requestId = newGatewayId();
  return {
    ...kind,
    extendedRequestId: requestId,
    requestTime: requestTime(nowMs),
    messageDirection: 'IN',
    stage: api.stage,
    connectedAt: peer.connectedAtMs,
    requestTimeEpoch: nowMs,
    identity: { sourceIp: peer.sourceIp, ...(peer.userAgent !== undefined && { userAgent: peer.userAgent }) },
    requestId,
    domainName: peer.domainName,
    connectionId: peer.connectionId,
    apiId: api.apiId,
  };
}

/** The headers as the client spelled them, then those that AWS adds or completes. */
function headersOf(request: IncomingMessage, peer: Peer): MultiValues {
  const claimed = request.headersDistinct['x-forwarded-for']?.join(', ');
  const added = forwardingHeaders(claimed, peer.sourceIp, peer.connectedAtMs);
  const sent: [string, string][] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (!NOT_PASSED_ON.has(lower) && !added.has(lower)) sent.push([name, request.rawHeaders[index + 1] ?? '']);
  }
  const spelled = [...added].map(([name, value]): [string, string] => [
    name.replace(/(?<=^|-)\w/g, (first) => first.toUpperCase()),
    value,
  ]);
  return grouped([...sent, ...spelled]);
}

function grouped(pairs: Iterable<readonly [string, string]>): MultiValues {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  return Object.fromEntries(values);
}

/** Where a name was given more than once, the single-value form holds the last, as with REST APIs. */
function lastValues(values: MultiValues): Values {
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? '']));
}
