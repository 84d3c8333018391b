// How the adapters wait between two attempts at the same item, and how they give up.
import { randomInt } from 'node:crypto';
import type { Clock } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import { tableLimits } from '../protocol/limits.ts';

/** Waits up to 8 ms after the first attempt (number 0), up to twice as long after each further one; at random, so that rivals come apart. */
export async function backOff(clock: Clock, attempt: number): Promise<void> {
  const { backOffFirstMs, backOffMaxMs } = tableLimits;
  await clock.wait(randomInt(Math.min(backOffFirstMs * 2 ** attempt, backOffMaxMs)));
}

export function tooBusy(what: string): Failure {
  return new Failure('unavailable', {
    message: `${what} is too busy at the moment`,
    remedy: 'Try again in a moment.',
    retryAfterSeconds: 1,
  });
}
