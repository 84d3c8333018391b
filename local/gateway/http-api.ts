// An API Gateway HTTP API on a Node server: routes requests to functions and answers as the gateway does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Functions, HttpApiModel, Report } from '../contracts.ts';
import { preflightAnswer, withCors } from './cors.ts';
import { newGatewayId } from './gateway-request.ts';
import { answerTo, problem } from './http-answers.ts';
import type { HttpAnswer } from './http-answers.ts';
import { httpEvent, httpTarget } from './http-events.ts';
import { httpRouter } from './http-routes.ts';
import type { HttpRouter } from './http-routes.ts';
import { callIntegration } from './integration.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const INTEGRATION_TIMEOUT_MAX_MS = 30_000;
const BODY_BYTES_MAX = 10 * 1024 * 1024;

/** Statuses that never have a body, and therefore no length. */
const BODILESS = new Set([204, 304]);

/** How long what a refused client still sends is thrown away before the connection is cut. */
const LINGER_MS = 1_000;

interface HttpGateway {
  readonly api: HttpApiModel;
  readonly functions: Functions;
  readonly report: Report;
  readonly router: HttpRouter;
}

/**
 * The listener for a server's requests. But for the preflights of CORS, where it is configured, `OPTIONS` and `HEAD` are
 * routes like others, and 404 without one. `report` gets a line for every request that a function failed.
 */
export function httpApiHandler(
  api: HttpApiModel,
  functions: Functions,
  report: Report,
): (request: IncomingMessage, response: ServerResponse) => void {
  const gateway: HttpGateway = { api, functions, report, router: httpRouter(api.routes) };
  return (request, response) => {
    serve(gateway, request, response).catch((error: unknown) => {
      report(`The HTTP API failed on ${request.method ?? ''}: ${String(error)}`);
      response.destroy();
    });
  };
}

async function serve(gateway: HttpGateway, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = newGatewayId();
  const answerWith = (answer: HttpAnswer): void => {
    write(response, requestId, withCors(gateway.api.cors, request.headers.origin, answer)).end();
  };
  const preflight = preflightAnswer(gateway.api.cors, request);
  if (preflight !== null) {
    write(response, requestId, preflight).end();
    return;
  }
  const target = httpTarget(request.url ?? '');
  const match = gateway.router(request.method ?? '', target.path);
  if (match === null) {
    answerWith(problem(404, 'Not Found'));
    return;
  }
  const body = await readBody(request);
  if (body === 'gone') return;
  if (body === 'too large') {
    refuseBody(request, response, requestId);
    return;
  }
  const event = httpEvent(gateway.api, match, { request, requestId, target, body, nowMs: Date.now() });
  const result = await callIntegration(gateway.functions, match.route, event, INTEGRATION_TIMEOUT_MAX_MS);
  const answer = answerTo(result);
  if (result.outcome !== 'returned') gateway.report(`${match.routeKey}: ${String(answer.status)}, ${result.message}`);
  answerWith(answer);
}

/** Writes the whole answer; what is left for the caller is to end it. */
function write(response: ServerResponse, requestId: string, answer: HttpAnswer): ServerResponse {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (!BODILESS.has(answer.status)) response.setHeader('content-length', Buffer.byteLength(answer.body));
  response.setHeader('apigw-requestid', requestId);
  response.write(answer.body);
  return response;
}

async function readBody(request: IncomingMessage): Promise<Buffer | 'too large' | 'gone'> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return 'too large';
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The stream outlives this loop: destroying it would take the connection with it before the answer is written.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) return 'too large';
      chunks.push(chunk);
    }
  } catch {
    return 'gone';
  }
  return Buffer.concat(chunks);
}

/**
 * Answers 413 and cuts the connection. Cutting at once would reset it while the client still sends, before it has read
 * the answer; so the rest is thrown away until it ends, or for a moment at most.
 */
function refuseBody(request: IncomingMessage, response: ServerResponse, requestId: string): void {
  response.setHeader('connection', 'close');
  write(response, requestId, problem(413, 'Request Entity Too Large'));
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  request.once('close', () => {
    clearTimeout(timer);
  });
  request.once('end', () => response.end());
  request.resume();
}
