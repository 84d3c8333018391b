// Says whether an invocation has time to begin something more.
import type { Context } from 'aws-lambda';
import { fanOutLimits } from '../shared/protocol/limits.ts';

/** False from five seconds before the function's deadline on: what has begun can end, and nothing more begins. */
export function untilDeadline(context: Pick<Context, 'getRemainingTimeInMillis'>): () => boolean {
  return () => context.getRemainingTimeInMillis() > fanOutLimits.deadlineMarginMs;
}
