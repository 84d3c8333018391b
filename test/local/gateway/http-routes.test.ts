// Which of several matching routes an HTTP API takes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRouteModel } from '../../../local/contracts.ts';
import { httpRouter } from '../../../local/gateway/http-routes.ts';

/** Most specific first, as https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html has it. */
const keys = [
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'ANY /pets/dog/{id}',
  'GET /pets/{kind}/1',
  'GET /pets/{proxy+}',
  'ANY /{proxy+}',
  '$default',
];

function routes(routeKeys: readonly string[]): HttpRouteModel[] {
  return routeKeys.map((key) => {
    const [method = '', path = ''] = key.split(' ');
    return { method, path, functionName: key, timeoutMs: 1 };
  });
}

describe('httpRouter', () => {
  it.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
    ['POST', '/pets/dog/2', 'ANY /pets/dog/{id}', { id: '2' }],
    ['GET', '/pets/cat/1', 'GET /pets/{kind}/1', { kind: 'cat' }],
    ['GET', '/pets/cat/2', 'GET /pets/{proxy+}', { proxy: 'cat/2' }],
    ['POST', '/pets/cat/2', 'ANY /{proxy+}', { proxy: 'pets/cat/2' }],
    ['GET', '/', '$default', {}],
    ['OPTIONS', '*', '$default', {}],
  ])('%s %s takes %s, in whatever order they are declared', (method, path, routeKey, pathParameters) => {
    fc.assert(
      fc.property(fc.shuffledSubarray(keys, { minLength: keys.length }), (declared) => {
        expect(httpRouter(routes(declared))(method, path)).toMatchObject({ routeKey, pathParameters });
      }),
      { numRuns: 20 },
    );
  });

  it('takes none when none matches', () => {
    expect(httpRouter(routes(['GET /pets/{id}']))('GET', '/pets')).toBeNull();
  });
});
