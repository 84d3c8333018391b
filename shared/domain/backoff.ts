// How long to wait before trying again.
import { greetRetry, postRetry, queueLimits } from '../protocol/limits.ts';

/** Between two posts to one connection, in ms; `attempt` counts the posts so far. */
export function postBackoffMs(attempt: number): number {
  return postRetry.firstWaitMs * postRetry.factor ** (attempt - 1);
}

/** Between two receives of a queue message that failed, instead of the whole visibility timeout. */
export function receiveBackoffSeconds(receives: number): number {
  return Math.min(queueLimits.retryFirstSeconds * 2 ** (receives - 1), queueLimits.retrySecondsMax);
}

/** Between two posts to a connection that is still opening, in ms. */
export function openingBackoffMs(attempt: number): number {
  return Math.min(greetRetry.firstWaitMs * greetRetry.factor ** (attempt - 1), greetRetry.waitMsMax);
}
