// The time that an invocation has left, as a yes or no.
import { expect, it } from 'vitest';
import { untilDeadline } from '../../functions/deadline.ts';
import { fanOutLimits } from '../../shared/protocol/limits.ts';

it.each([
  [fanOutLimits.deadlineMarginMs + 1, true],
  [fanOutLimits.deadlineMarginMs, false],
  [0, false],
  [-1, false],
])('with %i ms left something more may begin: %s', (remainingMs, expected) => {
  expect(untilDeadline({ getRemainingTimeInMillis: () => remainingMs })()).toBe(expected);
});

it('is asked anew each time', () => {
  let remainingMs = 20_000;
  const goOn = untilDeadline({ getRemainingTimeInMillis: () => remainingMs });
  expect(goOn()).toBe(true);
  remainingMs = 1_000;
  expect(goOn()).toBe(false);
});

it('what begins at the last moment, a single post that runs into its time limit, ends within the margin', () => {
  expect(fanOutLimits.postTimeoutMs).toBeLessThan(fanOutLimits.deadlineMarginMs);
});
