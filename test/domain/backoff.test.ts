// Waits between attempts.
import { expect, it } from 'vitest';
import { openingBackoffMs, postBackoffMs, receiveBackoffSeconds } from '../../shared/domain/backoff.ts';

it('grow between posts', () => {
  expect([1, 2].map(postBackoffMs)).toEqual([100, 400]);
});

it('double between receives, up to half a minute', () => {
  expect([1, 2, 3, 4, 5, 9].map(receiveBackoffSeconds)).toEqual([1, 2, 4, 8, 16, 30]);
});

it('start short while a connection opens, up to a quarter of a second', () => {
  expect([1, 2, 3, 20].map(openingBackoffMs)).toEqual([10, 15, 22.5, 250]);
});
