// What leaves over HTTP: answers as JSON or text, refusals with code, field and remedy, and nothing of a bug.
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Failure, failureStatus } from '../../shared/protocol/failures.ts';

/** No detail of a bug leaves the system; the request id, which the log holds too, does. */
export function internalFailure(): Failure {
  return new Failure('internal', {
    message: 'something went wrong on our side',
    remedy: 'Try again with the same Idempotency-Key; if it stays, tell the operator the requestId.',
  });
}

export function refuse(
  failure: Failure,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyStructuredResultV2 {
  const { retryAfterSeconds, ...detail } = failure.detail;
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  const body = { success: false, error: { code: failure.code, ...detail, requestId } };
  return respond(failureStatus[failure.code], body, { ...headers, ...retry });
}

/** @param headers come last, so that they can say another content type and how long to keep it. */
export function respond(
  status: number,
  body: object | string,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
