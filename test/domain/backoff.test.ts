// Waits between attempts.
import { expect, it } from 'vitest';
import { Failure } from '../../shared/protocol/failures.ts';
import { openingBackoffMs, postBackoffMs, receiveBackoffSeconds } from '../../shared/domain/backoff.ts';

it('grow between posts', () => {
  expect([1, 2].map(postBackoffMs)).toEqual([100, 400]);
});

it('double between receives, up to a minute', () => {
  const error = new Error('throttled');
  const waits = [1, 2, 3, 4, 5, 6, 7, 19].map((receives) => receiveBackoffSeconds(receives, error));
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

it('stay short between receives of what can never succeed', () => {
  const detail = { message: 'm', remedy: 'r' };
  expect(receiveBackoffSeconds(9, new Failure('invalid_field', detail))).toBe(1);
  expect(receiveBackoffSeconds(9, new Failure('unavailable', detail))).toBe(60);
});

it('start short while a connection opens, up to a quarter of a second', () => {
  expect([1, 2, 3, 20].map(openingBackoffMs)).toEqual([10, 15, 22.5, 250]);
});
