// Wraps an HTTP route: admits the caller, limits its rate, reads the body, runs the route, and answers every refusal.
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { Allowance, Headers } from '../../shared/domain/caller.ts';
import { rateLimitHeaders } from '../../shared/domain/caller.ts';
import type { Identity } from '../../shared/domain/connection.ts';
import type { ApiKey, Telemetry } from '../../shared/ports.ts';
import { Failure, failureStatus } from '../../shared/protocol/failures.ts';
import { parseJson } from '../../shared/protocol/json.ts';
import { requestLimits } from '../../shared/protocol/limits.ts';
import type { AdmissionPorts } from '../../shared/usecases/admit-caller.ts';
import { admitCaller } from '../../shared/usecases/admit-caller.ts';
import type { UserAdmissionPorts } from '../../shared/usecases/admit-user.ts';
import { admitUser } from '../../shared/usecases/admit-user.ts';
import type { BroadcastRequest } from '../../shared/usecases/create-broadcast.ts';
import { untilDeadline } from '../deadline.ts';

/** What a route sees of a request, after its caller was admitted. */
export interface EndpointRequest<Caller> {
  readonly caller: Caller;
  readonly method: string;
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
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type EndpointHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

interface Admitted<Caller> {
  readonly caller: Caller;
  readonly allowance: Allowance;
}

/** For callers with an API key: a CRM, a back office. */
export function internalEndpoint(
  ports: AdmissionPorts & { readonly telemetry: Telemetry },
  run: (request: EndpointRequest<ApiKey>) => Promise<EndpointAnswer>,
): EndpointHandler {
  const admit = async (event: APIGatewayProxyEventV2): Promise<Admitted<ApiKey>> =>
    admitCaller(ports, event.headers, event.requestContext.http.sourceIp);
  return endpoint(ports.telemetry, admit, ({ keyId }) => ({ keyId }), run);
}

/** For people with a token: an app that cannot have a socket. */
export function userEndpoint(
  ports: UserAdmissionPorts & { readonly telemetry: Telemetry },
  run: (request: EndpointRequest<Identity>) => Promise<EndpointAnswer>,
): EndpointHandler {
  const admit = async (event: APIGatewayProxyEventV2): Promise<Admitted<Identity>> => admitUser(ports, event.headers);
  return endpoint(ports.telemetry, admit, ({ tenant }) => ({ tenant }), run);
}

/** The rate limit's headers are on every answer whose caller is known, refusals included. */
function endpoint<Caller>(
  telemetry: Telemetry,
  admit: (event: APIGatewayProxyEventV2) => Promise<Admitted<Caller>>,
  logged: (caller: Caller) => Readonly<Record<string, string>>,
  run: (request: EndpointRequest<Caller>) => Promise<EndpointAnswer>,
): EndpointHandler {
  return async (event, context) => {
    const { requestId } = event.requestContext;
    let rateHeaders: Readonly<Record<string, string>> = {};
    try {
      const { caller, allowance } = await admit(event);
      rateHeaders = rateLimitHeaders(allowance);
      refuseExcess(allowance);
      const answer = await run(requestOf(event, context, caller));
      telemetry.info('request', { requestId, route: event.routeKey, status: answer.status, ...logged(caller) });
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

function requestOf<Caller>(event: APIGatewayProxyEventV2, context: Context, caller: Caller): EndpointRequest<Caller> {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const bodyText = bytes.toString('utf8');
  return {
    caller,
    method: event.requestContext.http.method,
    path: event.rawPath,
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

/** No detail of a bug leaves the system; the request id, which the log holds too, does. */
function internalFailure(): Failure {
  return new Failure('internal', {
    message: 'something went wrong on our side',
    remedy: 'Try again with the same Idempotency-Key; if it stays, tell the operator the requestId.',
  });
}

function refuse(
  failure: Failure,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyStructuredResultV2 {
  const { retryAfterSeconds, ...detail } = failure.detail;
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  const body = { success: false, error: { code: failure.code, ...detail, requestId } };
  return respond(failureStatus[failure.code], body, { ...headers, ...retry });
}

function respond(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
