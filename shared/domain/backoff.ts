// How long to wait before trying again.
import { queueLimits } from '../protocol/limits.ts';

/** Between two posts to one connection: the first retry waits 100 ms, each further one four times as long. */
export function postBackoffMs(attempt: number): number {
  const firstMs = 100;
  return firstMs * 4 ** (attempt - 1);
}

/** Between two receives of a queue message that failed: 1 s, 2 s, 4 s, … instead of the whole visibility timeout. */
export function receiveBackoffSeconds(receives: number): number {
  return Math.min(queueLimits.retryFirstSeconds * 2 ** (receives - 1), queueLimits.retrySecondsMax);
}

/** Between two posts to a connection that is still opening: 10 ms, then half as much again each time, up to 250 ms. */
export function openingBackoffMs(attempt: number): number {
  return Math.min(10 * 1.5 ** (attempt - 1), openingBackoffMaxMs);
}

const openingBackoffMaxMs = 250;
