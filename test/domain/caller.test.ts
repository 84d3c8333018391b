// Callers: the key in three headers, and the allowance of a key.
import { describe, expect, it } from 'vitest';
import { allowanceOf, presentedKey, rateLimitHeaders } from '../../shared/domain/caller.ts';

describe('the presented key', () => {
  it.each([
    [{ 'x-internal-api-key': 'k' }],
    [{ 'x-api-key': 'k' }],
    [{ authorization: 'Bearer k' }],
    [{ authorization: 'bearer  k' }],
    [{ authorization: 'ApiKey k' }],
    [{ authorization: 'k' }],
    [{ 'x-internal-api-key': ' k ', 'x-api-key': 'k', authorization: 'Bearer k' }],
    [{ 'x-internal-api-key': '', 'x-api-key': 'k' }],
  ])('is found in %j', (headers) => {
    expect(presentedKey(headers)).toBe('k');
  });

  it.each([[{}], [{ 'x-api-key': '  ' }], [{ cookie: 'k' }]])('is missing in %j', (headers) => {
    expect(() => presentedKey(headers)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
  });

  it('is refused when two headers differ, without repeating either', () => {
    const headers = { 'x-internal-api-key': 'secret-1', authorization: 'Bearer secret-2' };
    expect(() => presentedKey(headers)).toThrow(expect.objectContaining({ code: 'conflicting_keys' }));
    expect(() => presentedKey(headers)).not.toThrow(/secret/);
  });
});

describe('the allowance of a key', () => {
  it.each([
    [1, 2, 0, { limit: 2, remaining: 1, resetSeconds: 60, exceeded: false }],
    [2, 2, 59_999, { limit: 2, remaining: 0, resetSeconds: 1, exceeded: false }],
    [3, 2, 60_001, { limit: 2, remaining: 0, resetSeconds: 60, exceeded: true }],
  ])('call %i of %i at %i ms', (count, limit, nowMs, allowance) => {
    expect(allowanceOf(count, limit, nowMs)).toEqual(allowance);
  });

  it('is told in headers', () => {
    expect(rateLimitHeaders(allowanceOf(1, 600, 30_000))).toEqual({
      'ratelimit-limit': '600',
      'ratelimit-remaining': '599',
      'ratelimit-reset': '30',
    });
  });
});
