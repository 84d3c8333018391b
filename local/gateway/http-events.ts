// The event that an HTTP API hands to a function: Lambda proxy integration, payload format version 2.0.
import type { IncomingMessage } from 'node:http';
import { accountId } from '../account.ts';
import type { HttpApiModel } from '../contracts.ts';
import { forwardingHeaders, requestTime, sourceIpOf } from './gateway-request.ts';
import type { HttpMatch } from './http-routes.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export interface HttpEvent {
  readonly version: '2.0';
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly requestContext: HttpRequestContext;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

export interface HttpRequestContext {
  readonly accountId: string;
  readonly apiId: string;
  readonly domainName: string;
  readonly domainPrefix: string;
  readonly http: {
    readonly method: string;
    readonly path: string;
    readonly protocol: string;
    readonly sourceIp: string;
    readonly userAgent: string;
  };
  readonly requestId: string;
  readonly routeKey: string;
  readonly stage: string;
  readonly time: string;
  readonly timeEpoch: number;
}

/** What a request asks for: its path, decoded, and its query as sent, without the question mark. */
export interface HttpTarget {
  readonly path: string;
  readonly query: string;
}

/** A request whose body has been read, with what the gateway knows about it. */
export interface HttpArrival {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly target: HttpTarget;
  readonly body: Buffer;
  readonly nowMs: number;
}

/** Headers that speak of one hop only and end at the gateway, and the one that becomes `cookies`. */
const NOT_PASSED_ON = new Set([
  'connection',
  'cookie',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The whole types that arrive as text besides all of text/. Everything else, even a form or a body without a type,
 * arrives in base64; measured on AWS in ministackorg/ministack#766.
 */
const TEXT_TYPES = new Set(['application/javascript', 'application/json', 'application/xml']);

/** HTTP APIs hand the path on decoded, in `rawPath` too (measured: hotsock/voker#8), but the query as it was sent. */
export function httpTarget(url: string): HttpTarget {
  const cut = url.indexOf('?');
  const path = cut === -1 ? url : url.slice(0, cut);
  return { path: decodePath(path), query: cut === -1 ? '' : url.slice(cut + 1) };
}

export function httpEvent(api: HttpApiModel, match: HttpMatch, arrival: HttpArrival): HttpEvent {
  const { request, target, body } = arrival;
  const cookies = (request.headersDistinct['cookie'] ?? [])
    .flatMap((line) => line.split(/;\s*/))
    .filter((one) => one !== '');
  const parameters = queryParameters(target.query);
  const isText = isTextType(request.headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: match.routeKey,
    rawPath: target.path,
    rawQueryString: target.query,
    ...(cookies.length > 0 && { cookies }),
    headers: headersOf(arrival),
    ...(parameters.size > 0 && { queryStringParameters: Object.fromEntries(parameters) }),
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: match.pathParameters }),
    requestContext: requestContext(api, match, arrival),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function requestContext(api: HttpApiModel, match: HttpMatch, arrival: HttpArrival): HttpRequestContext {
  const { request, target, nowMs } = arrival;
  const domainName = request.headers.host ?? '';
  return {
    accountId,
    apiId: api.apiId,
    domainName,
    domainPrefix: domainName.split('.')[0] ?? '',
    http: {
      method: request.method ?? '',
      path: target.path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: sourceIpOf(request.socket),
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId: arrival.requestId,
    routeKey: match.routeKey,
    stage: api.stage,
    time: requestTime(nowMs),
    timeEpoch: nowMs,
  };
}

function headersOf({ request, body, nowMs }: HttpArrival): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    if (!NOT_PASSED_ON.has(name)) headers.set(name, values.join(','));
  }
  // The gateway has read the whole body, so it knows its length even where the client did not say it.
  headers.set('content-length', String(body.length));
  const forwarding = forwardingHeaders(headers.get('x-forwarded-for'), sourceIpOf(request.socket), nowMs);
  return Object.fromEntries([...headers, ...forwarding]);
}

function queryParameters(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters.get(name);
    parameters.set(name, before === undefined ? value : `${before},${value}`);
  }
  return parameters;
}

function isTextType(contentType: string): boolean {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  return type.startsWith('text/') || TEXT_TYPES.has(type);
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
