// How long to wait before trying again.
import { Failure } from '../protocol/failures.ts';
import { greetRetry, postRetry, queueLimits } from '../protocol/limits.ts';

/** Between two posts to one connection, in ms; `attempt` counts the posts so far. */
export function postBackoffMs(attempt: number): number {
  return postRetry.firstWaitMs * postRetry.factor ** (attempt - 1);
}

/**
 * Between two receives of a queue message that failed, instead of the whole visibility timeout. A refusal will not
 * change by waiting, unless it says that something is unavailable.
 */
export function receiveBackoffSeconds(receives: number, error: unknown): number {
  const { retryFirstSeconds, retrySecondsMax } = queueLimits;
  if (error instanceof Failure && error.code !== 'unavailable') return retryFirstSeconds;
  return Math.min(retryFirstSeconds * 2 ** (receives - 1), retrySecondsMax);
}

/** Between two posts to a connection that is still opening, in ms. */
export function openingBackoffMs(attempt: number): number {
  return Math.min(greetRetry.firstWaitMs * greetRetry.factor ** (attempt - 1), greetRetry.waitMsMax);
}
