// Wraps an HTTP route: admits the caller, limits its rate, reads the body, runs the route, and answers every refusal.
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { Allowance, Headers } from '../../shared/domain/caller.ts';
import { rateLimitHeaders } from '../../shared/domain/caller.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { parseJson } from '../../shared/protocol/json.ts';
import { requestLimits } from '../../shared/protocol/limits.ts';
import type { HttpRouteName } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';
import type { BroadcastRequest } from '../../shared/usecases/create-broadcast.ts';
import { untilDeadline } from '../deadline.ts';
import type { CallerOf, CallersOf, EndpointPorts } from './admissions.ts';
import { admissions } from './admissions.ts';
import { internalFailure, refuse, respond } from './answers.ts';

/** What a route sees of a request, after its caller was admitted. */
export interface EndpointRequest<Caller> {
  readonly caller: Caller;
  readonly method: string;
  /** With the query, if there is one. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Headers;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly pathParameters: Readonly<Record<string, string | undefined>>;
  readonly bodyText: string;
  /** The body as JSON, checked for size, depth and prototype keys; throws a `Failure` that says what is wrong. */
  readonly json: () => unknown;
  /** Says whether there is time to begin something more. */
  readonly goOn: () => boolean;
}

/** What makes a request the same as another one: the idempotency key, and all that the key stands for. */
export function repeatable(
  request: EndpointRequest<unknown>,
): Pick<BroadcastRequest, 'idempotencyKey' | 'requestText'> {
  return {
    idempotencyKey: request.headers['idempotency-key'],
    requestText: `${request.method} ${request.path}\n${request.bodyText}`,
  };
}

/** Where what was accepted can be looked at, and whether an earlier request had made it. */
export function acceptedHeaders(location: string, replayed: boolean): Readonly<Record<string, string>> {
  return { location, ...(replayed ? { 'idempotent-replayed': 'true' } : {}) };
}

export interface EndpointAnswer {
  readonly status: number;
  /** An object goes out as JSON; a text needs a `content-type` among the headers. */
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type EndpointHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** For one route of the table, which says who may call it. */
export function endpoint<Name extends HttpRouteName>(
  name: Name,
  ports: EndpointPorts<CallersOf<Name>>,
  run: (request: EndpointRequest<CallerOf[CallersOf<Name>]>) => Promise<EndpointAnswer>,
): EndpointHandler {
  const callers: CallersOf<Name> = routes[name].callers;
  const { telemetry } = ports;
  return async (event, context) => {
    const { requestId } = event.requestContext;
    let rateHeaders: Readonly<Record<string, string>> = {};
    try {
      const { caller, allowance, logged } = await admissions[callers](ports, event);
      // On every answer whose caller is known, refusals included.
      rateHeaders = rateLimitHeaders(allowance);
      refuseExcess(allowance);
      const answer = await run(requestOf(event, context, caller));
      telemetry.info('request', { requestId, route: event.routeKey, status: answer.status, ...logged });
      return respond(answer.status, answer.body, { ...rateHeaders, ...answer.headers });
    } catch (error) {
      const failure = error instanceof Failure ? error : null;
      if (failure === null) telemetry.error('request_failed', { requestId, route: event.routeKey }, error);
      else if (failure.cause !== undefined)
        telemetry.error('request_unavailable', { requestId, route: event.routeKey, code: failure.code }, failure.cause);
      else telemetry.info('request_refused', { requestId, route: event.routeKey, code: failure.code });
      return refuse(failure ?? internalFailure(), requestId, rateHeaders);
    }
  };
}

/** Leads each route of one file to its handler; the compiler knows when one is missing. */
export function frontDoor<File extends HttpFile>(
  file: File,
  handlers: Readonly<Record<RoutesOf<File>, EndpointHandler>>,
): EndpointHandler {
  const byKey = new Map(
    Object.entries<EndpointHandler>(handlers).map(([name, handler]) => {
      const { method, path } = routes[name as RoutesOf<File>];
      return [`${method} ${path}`, handler];
    }),
  );
  return async (event, context) => {
    const handler = byKey.get(event.routeKey);
    if (handler === undefined) throw new Error(`${file} does not serve ${event.routeKey}`);
    return handler(event, context);
  };
}

type HttpFile = (typeof routes)[HttpRouteName]['file'];
type RoutesOf<File extends HttpFile> = {
  [Name in HttpRouteName]: (typeof routes)[Name]['file'] extends File ? Name : never;
}[HttpRouteName];

function requestOf<Caller>(event: APIGatewayProxyEventV2, context: Context, caller: Caller): EndpointRequest<Caller> {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const bodyText = bytes.toString('utf8');
  return {
    caller,
    method: event.requestContext.http.method,
    path: event.rawQueryString === '' ? event.rawPath : `${event.rawPath}?${event.rawQueryString}`,
    headers: event.headers,
    query: event.queryStringParameters ?? {},
    pathParameters: event.pathParameters ?? {},
    bodyText,
    json: () => {
      refuseExcessBytes(bytes.length);
      return parseJson(bodyText, 'body', requestLimits.jsonDepthMax);
    },
    goOn: untilDeadline(context),
  };
}

function refuseExcessBytes(measured: number): void {
  if (measured <= requestLimits.bodyBytesMax) return;
  throw new Failure('payload_too_large', {
    message: `the body is ${String(measured)} bytes, at most ${String(requestLimits.bodyBytesMax)} are allowed`,
    field: 'body',
    remedy: 'Send less, for example an address from which the app can fetch the rest.',
  });
}

function refuseExcess(allowance: Allowance): void {
  if (!allowance.exceeded) return;
  throw new Failure('rate_limited', {
    message: `the ${String(allowance.limit)} requests of this minute are used`,
    remedy: `Wait ${String(allowance.resetSeconds)} seconds, or ask for more in one request.`,
    retryAfterSeconds: allowance.resetSeconds,
  });
}
