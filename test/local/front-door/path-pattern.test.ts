// Path patterns of CloudFront, and the form of a path that they are compared with.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalPath, pathMatcher } from '../../../local/front-door/path-pattern.ts';

describe('a path pattern', () => {
  it.each([
    ['/ws', ['/ws', '//ws', '/./ws', '/a/../ws', '/%77s'], ['/', '/ws/', '/wss', '/WS', '/ws/x', '/a/ws']],
    ['ws', ['/ws'], ['/a/ws', '/ws/']],
    ['/ws/', ['/ws/', '/ws//'], ['/ws']],
    ['/api/*', ['/api/', '/api/x', '/api/x/y', '/api/a%0Ab'], ['/api', '/apix', '/x/api/']],
    ['/a?c', ['/abc', '/a.c'], ['/ac', '/abbc']],
    ['/*.json', ['/openapi.json', '/a/b.json', '/.json'], ['/openapi_json', '/openapi.json/']],
    ['*', ['/', '/anything', '*', ''], []],
    ['/a+(b)', ['/a+(b)'], ['/aab', '/ab']],
  ])('%s matches %j and not %j', (pattern, matching, others) => {
    const matches = pathMatcher(pattern);
    expect(matching.filter((path) => !matches(path))).toEqual([]);
    expect(others.filter((path) => matches(path))).toEqual([]);
  });

  it('without wildcards matches its own normal form alone', () => {
    const path = fc.webPath().map((written) => normalPath(`/${written}`));
    fc.assert(
      fc.property(path, path, (pattern, other) => {
        fc.pre(!/[*?]/.test(pattern));
        expect(pathMatcher(pattern)(other)).toBe(other === pattern);
      }),
    );
  });
});

describe('the normal form', () => {
  it.each([
    ['/a//b///', '/a/b/'],
    ['/a/./b/../c', '/a/c'],
    ['/%2e%2e/ws', '/ws'],
    ['/%7euser/%41%2f', '/~user/A%2F'],
    ['/100%', '/100%'],
    ['*', '*'],
    ['', ''],
  ])('of %s is %s', (path, normal) => {
    expect(normalPath(path)).toBe(normal);
  });

  it('is reached in one step', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        expect(normalPath(normalPath(path))).toBe(normalPath(path));
      }),
    );
  });
});
