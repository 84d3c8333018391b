// What must hold of CORS: which pages may call the HTTP API is a parameter, and what they may send and read is what it knows.
import { describe, expect, it } from 'vitest';
import { rateLimitHeaders } from '../../shared/domain/caller.ts';
import type { Route } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';
import { resourceOf, synthesizedTemplate } from './template.ts';

const template = synthesizedTemplate();
const cors = resourceOf(template, 'HttpApi').Properties['CorsConfiguration'] as Readonly<Record<string, unknown>>;

describe('CORS', () => {
  it('allows the origins of the parameter, and all when it is empty', () => {
    expect(cors['AllowOrigins']).toEqual({
      'Fn::If': ['AllOriginsAllowed', ['*'], { 'Fn::Split': [',', { Ref: 'AllowedOrigins' }] }],
    });
    expect((template as unknown as { readonly Conditions: object }).Conditions).toEqual({
      AllOriginsAllowed: { 'Fn::Equals': [{ Ref: 'AllowedOrigins' }, ''] },
    });
  });

  it('allows every method that a route has, and no other', () => {
    const used = Object.values<Route>(routes).flatMap((route) => (route.kind === 'http' ? [route.method] : []));
    expect(cors['AllowMethods']).toEqual([...new Set(used)].sort());
  });

  it('allows the headers that callers send, for a day, and no credentials', () => {
    expect(cors).toMatchObject({
      AllowHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-internal-api-key', 'x-api-key'],
      MaxAge: 86_400,
    });
    expect(cors).not.toHaveProperty('AllowCredentials');
  });

  it('lets pages read the headers that answers have', () => {
    const rates = rateLimitHeaders({ exceeded: false, limit: 1, remaining: 1, resetSeconds: 1 });
    const exposed = [...Object.keys(rates), 'retry-after', 'location', 'idempotent-replayed', 'apigw-requestid'];
    expect([...(cors['ExposeHeaders'] as string[])].sort()).toEqual(exposed.sort());
  });
});
