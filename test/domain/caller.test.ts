// Callers: the key in three headers, the token in one, and the allowance of either.
import { describe, expect, it } from 'vitest';
import { allowanceOf, bearerToken, holdsToken, presentedKey, rateLimitHeaders } from '../../shared/domain/caller.ts';

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

describe("a person's token", () => {
  it.each([['Bearer a.b-c_d.e'], ['bearer a.b-c_d.e'], ['BEARER   a.b-c_d.e'], ['Bearer a.b-c_d.e ']])(
    'is found in %j',
    (authorization) => {
      expect(bearerToken({ authorization })).toBe('a.b-c_d.e');
    },
  );

  it.each([
    [{}],
    [{ authorization: '' }],
    [{ authorization: 'Bearer' }],
    [{ authorization: 'Bearer  ' }],
    [{ authorization: 'Bearera.b.c' }],
    [{ authorization: 'Basic a.b.c' }],
    [{ authorization: 'a.b.c' }],
    [{ authorization: 'Bearer a.b.c another' }],
    [{ 'x-api-key': 'a.b.c' }],
  ])('is missing in %j, and no part of it is repeated', (headers) => {
    expect(() => bearerToken(headers)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
    expect(() => bearerToken(headers)).not.toThrow(/a\.b\.c/);
  });
});

describe('whether a caller is a person rather than a system', () => {
  it.each<readonly [Readonly<Record<string, string>>, boolean]>([
    [{ authorization: 'Bearer a.b-c_d.e' }, true],
    [{ authorization: 'bearer   a.b.c ' }, true],
    // Without a signature it is no good token, but it is one, and refused as one.
    [{ authorization: 'Bearer a.b.' }, true],
    [{ authorization: 'Bearer a.b.c', 'x-api-key': ' ' }, true],
    [{ authorization: 'Bearer a.b.c', 'x-api-key': 'k' }, false],
    [{ authorization: 'Bearer a.b.c', 'x-internal-api-key': 'k' }, false],
    [{ authorization: 'Bearer a.b' }, false],
    [{ authorization: 'Bearer .b.c' }, false],
    [{ authorization: 'Bearer a..c' }, false],
    [{ authorization: 'Bearer a.b.c.d' }, false],
    [{ authorization: 'Bearer a.b.c d' }, false],
    [{ authorization: 'Bearer the-secret-key' }, false],
    [{ authorization: 'ApiKey a.b.c' }, false],
    [{ authorization: 'a.b.c' }, false],
    [{ 'x-api-key': 'a.b.c' }, false],
    [{}, false],
  ])('%j: %j', (headers, isPerson) => {
    expect(holdsToken(headers)).toBe(isPerson);
  });
});

describe('the allowance of a caller', () => {
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
