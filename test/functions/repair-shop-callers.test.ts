// The function behind /api/websocket/…: who may call which route, and its health, which anyone may ask for.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/repair-shop.ts';
import type { HttpRouteName } from '../../shared/protocol/routes.ts';
import type { Claims } from '../jwt/issuer.ts';
import { useIssuer } from '../jwt/issuer.ts';
import { apiKey, deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext } from './events.ts';
import { bodies, path } from './repair-shop-requests.ts';
import { routeEvent, routesOf } from './route-event.ts';
import { emptyTables, storedBroadcasts } from './stocked-tables.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const issuer = useIssuer();
const logged = listenToLogs();

let handler: typeof deployedHandler;

beforeAll(async () => {
  deploy({ tokenJwksUri: issuer.jwksUri(), sensitiveFields: '' });
  ({ handler } = await import('../../functions/http/repair-shop.ts'));
});

beforeEach(() => {
  emptyTables(tables);
  queues.reset();
  queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

async function bearer(claims: Claims = {}) {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  return { authorization: `Bearer ${await issuer.sign({ exp, tenant: 'shop-1', sub: 'boss', ...claims })}` };
}

async function ask(route: HttpRouteName, headers: Readonly<Record<string, string>>) {
  const body = bodies[route];
  const request = { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await handler(routeEvent(route, path, request), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Record<string, unknown> };
}

describe('health', () => {
  const asked = async () => handler(routeEvent('getShopHealth'), aContext());

  it('is told to anyone, with nothing about who is there', async () => {
    const answer = await asked();
    expect(answer.statusCode).toBe(200);
    const body = JSON.parse(answer.body ?? '') as Record<string, unknown>;
    expect(body).toEqual({ status: 'healthy', timestamp: expect.stringMatching(/Z$/) as string });
    expect(answer.headers).toMatchObject({ 'ratelimit-remaining': '119' });
    expect(tables.calls()).toHaveLength(1);
  });

  it('is 503 while the table cannot be reached, without details', async () => {
    tables.on(UpdateCommand).rejects(sdkError('ThrottlingException', 400));
    const answer = await asked();
    expect([answer.statusCode, answer.headers?.['retry-after']]).toEqual([503, '5']);
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ success: false, error: { code: 'unavailable' } });
    expect(answer.body).not.toContain('ThrottlingException');
    expect(logged()).toContain('ThrottlingException');
  });

  it('is 429 for who asks too often', async () => {
    tables.on(UpdateCommand).resolves({ Attributes: { count: 121 } });
    expect((await asked()).statusCode).toBe(429);
  });
});

/** Who may call, and nobody else. */
const callers = {
  getShopStats: 'admin',
  getUserRooms: 'admin',
  emitToUser: 'admin',
  emitToRoom: 'admin',
  emitToRole: 'admin',
  notifyStaff: 'office',
  updateWorkOrder: 'office',
  assignWorkOrder: 'office',
  updateTicket: 'office',
} as const;

it('there are no other routes', () => {
  expect(new Set(routesOf('http/repair-shop'))).toEqual(new Set(['getShopHealth', ...Object.keys(callers)]));
});

describe.each(Object.entries(callers) as [keyof typeof callers, string][])('%s', (route, callersOfRoute) => {
  it.each<readonly [string, () => Promise<Readonly<Record<string, string>>>, number, string]>([
    ['somebody without credentials', async () => Promise.resolve({}), 401, 'unauthenticated'],
    ['a wrong key', async () => Promise.resolve({ authorization: 'Bearer wrong' }), 401, ''],
    ['a manager', async () => bearer({ roles: ['manager', 'technician'] }), 403, 'forbidden'],
    ['an admin whose token has expired', async () => bearer({ roles: ['admin'], exp: 1 }), 401, 'token_expired'],
  ])('is not for %s', async (_, credentials, status, code) => {
    const { statusCode, json } = await ask(route, await credentials());
    expect(statusCode).toBe(status);
    expect(json).toMatchObject({ success: false, ...(code === '' ? {} : { error: { code } }) });
    expect(storedBroadcasts(tables)).toEqual([]);
    expect(tables.commandCalls(QueryCommand)).toEqual([]);
  });

  it('is for an admin, who acts for the tenant of the token', async () => {
    const { statusCode } = await ask(route, await bearer({ roles: ['admin'] }));
    expect(statusCode).toBe(route.startsWith('get') ? 200 : 202);
    for (const { tenant } of storedBroadcasts(tables)) expect(tenant).toBe('shop-1');
  });

  it('is for a back office with a key, or for admins alone', async () => {
    const { statusCode, json } = await ask(route, { 'x-api-key': apiKey });
    const isAllowed = callersOfRoute === 'office';
    expect(statusCode).toBe(isAllowed ? 202 : 401);
    expect(json['success']).toBe(isAllowed);
  });
});
