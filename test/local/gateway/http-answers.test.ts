// How an HTTP API reads what functions return, without a connection.
import { describe, expect, it } from 'vitest';
import { readResponse } from '../../../local/gateway/http-answers.ts';

describe('readResponse', () => {
  it.each([
    [{ message: 'hi' }, '{"message":"hi"}'],
    ['hi', 'hi'],
    [[1, 2], '[1,2]'],
    [7, '7'],
    [null, 'null'],
    [undefined, 'null'],
  ])('takes %j, which names no status, for the body of a 200 in JSON', (payload, body) => {
    expect(readResponse(payload)).toEqual({
      status: 200,
      headers: new Map([['content-type', 'application/json']]),
      body,
    });
  });

  it('takes null for what is not there', () => {
    expect(readResponse({ statusCode: 200, headers: null, cookies: null, body: null, isBase64Encoded: null })).toEqual({
      status: 200,
      headers: new Map([['content-type', 'text/plain; charset=utf-8']]),
      body: '',
    });
  });

  it.each([
    { statusCode: null },
    { statusCode: '200' },
    { statusCode: 200.5 },
    { statusCode: 199 },
    { statusCode: 600 },
    { statusCode: 200, body: { not: 'text' } },
    { statusCode: 200, body: 7 },
    { statusCode: 200, headers: { 'x-list': ['a'] } },
    { statusCode: 200, headers: { 'x-none': null } },
    { statusCode: 200, headers: { 'x split': 'a' } },
    { statusCode: 200, headers: { 'x-split': 'a\r\nb: c' } },
    { statusCode: 200, headers: 'none' },
    { statusCode: 200, headers: [] },
    { statusCode: 200, cookies: 'a=1' },
    { statusCode: 200, cookies: [1] },
    { statusCode: 200, isBase64Encoded: 'yes' },
  ])('refuses %j', (payload) => {
    expect(readResponse(payload)).toBeNull();
  });
});
