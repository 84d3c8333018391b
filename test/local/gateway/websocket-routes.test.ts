// The route selection expression on all kinds of bodies.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebSocketApiModel } from '../../../local/contracts.ts';
import { selectRoute } from '../../../local/gateway/websocket-routes.ts';

function selected(routeSelectionExpression: string, body: string, keys: readonly string[] = []): string | null {
  const routeKeys = ['$connect', '$disconnect', '$default', ...keys];
  const routes = Object.fromEntries(routeKeys.map((key) => [key, { functionName: key, timeoutMs: 1 }]));
  const api: WebSocketApiModel = { apiId: 'abcd1234', stage: 'prod', routeSelectionExpression, routes };
  return selectRoute(api, body)?.routeKey ?? null;
}

describe('selectRoute', () => {
  it.each([
    [String.raw`\$default`, '{"action":"join"}', '$default'],
    ['join', 'anything', 'join'],
    ['$request.body.action', '{"action":"join"}', 'join'],
    ['${request.body.action}', '{"action":"join"}', 'join'],
    ['$request.body.a.b', '{"a":{"b":"join"}}', 'join'],
    ['$request.body.list[1].name', '{"list":[0,{"name":"join"}]}', 'join'],
    ['${request.body.a}/${request.body.b}', '{"a":"x","b":"y"}', 'x/y'],
    ['${request.body.a}/${request.body.b}', '{"a":"x"}', 'x/'],
    ['$request.body.action', '{"action":7}', '7'],
    ['$request.body.action', '{"action":true}', 'true'],
  ])('%s on %s is %s', (expression, body, key) => {
    expect(selected(expression, body, ['join', 'x/y', 'x/', '7', 'true'])).toBe(key);
  });

  it.each([
    ['a key without a route', '{"action":"unknown"}'],
    ['no key', '{"other":"join"}'],
    ['a body that is not JSON', 'join'],
    ['an empty body', ''],
    ['a number', '40'],
    ['a list', '["join"]'],
    ['null', 'null'],
    ['$connect', '{"action":"$connect"}'],
    ['$disconnect', '{"action":"$disconnect"}'],
  ])('%s goes to $default', (_what, body) => {
    expect(selected('$request.body.action', body, ['join'])).toBe('$default');
  });

  it('what every object inherits is not in the body', () => {
    expect(selected('$request.body.__proto__', '{}', ['{}'])).toBe('$default');
  });

  it('never throws, and never selects what a client must not', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(['$default', 'join']).toContain(selected('$request.body.action', body, ['join']));
      }),
    );
  });

  it('is null without $default when nothing matches', () => {
    const api = { apiId: 'a', stage: 'prod', routeSelectionExpression: '$request.body.action', routes: {} };
    expect(selectRoute(api, '{"action":"join"}')).toBeNull();
  });
});
