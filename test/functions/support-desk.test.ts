// The function behind /websocket/…: what the support desk's back office sends, what is stored of it, and who is connected.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/support-desk.ts';
import type { HttpRouteName } from '../../shared/protocol/routes.ts';
import { aConnection } from '../builders/connection.ts';
import type { Claims } from '../jwt/issuer.ts';
import { useIssuer } from '../jwt/issuer.ts';
import { apiKey, deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext } from './events.ts';
import { routeEvent, routesOf } from './route-event.ts';
import { emptyTables, keepClaims, stockConnections, storedBroadcasts } from './stocked-tables.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const issuer = useIssuer();
const logged = listenToLogs();

let handler: typeof deployedHandler;

beforeAll(async () => {
  deploy({ tokenJwksUri: issuer.jwksUri(), sensitiveFields: 'password' });
  ({ handler } = await import('../../functions/http/support-desk.ts'));
});

beforeEach(() => {
  emptyTables(tables);
  queues.reset();
  queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

const notification = { type: 'info', title: 'Welcome', message: 'do-not-log' };
const path = { clientId: 'client 1/2', roomName: 'support', eventName: 'userUpdate' };

interface Asked {
  readonly route?: HttpRouteName;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const withKey = { 'x-internal-api-key': apiKey };

async function ask({ route = 'notifyClient', path: parameters = path, ...given }: Asked = {}) {
  const { body = notification, query, headers = withKey } = given;
  const request = { headers, body: JSON.stringify(body), ...(query === undefined ? {} : { query }) };
  const answer = await handler(routeEvent(route, parameters, request), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Record<string, unknown> };
}

async function bearer(claims: Claims = {}) {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  return { authorization: `Bearer ${await issuer.sign({ exp, tenant: 'desk-1', sub: 'ann', ...claims })}` };
}

const client = { kind: 'users', users: ['client 1/2'] };
const room = { kind: 'topic', topic: 'room:support' };
const everybody = { kind: 'topic', topic: 'all' };

const sends = [
  ['notifyClient', 'notification', client],
  ['notifyRoom', 'notification', room],
  ['notifyEverybody', 'notification', everybody],
  ['chatWithClient', 'chatMessage', client],
  ['chatWithRoom', 'chatMessage', room],
  ['sendEventToClient', 'userUpdate', client],
  ['sendEventToRoom', 'userUpdate', room],
  ['sendEventToEverybody', 'userUpdate', everybody],
  ['sendWhatsappStatus', 'whatsappStatusUpdate', client],
  ['sendWhatsappMessage', 'whatsappMessageUpdate', client],
  ['sendConversation', 'conversationUpdate', client],
] as const;

const questions = ['getDeskStatus', 'listClients', 'getClientStatus'] as const;

describe('what the back office sends', () => {
  it.each(sends)('by %s is stored as %s for %j, queued, and answered 202', async (route, event, audience) => {
    const { statusCode, headers, json } = await ask({ route });
    expect(statusCode).toBe(202);
    const id = String(json['broadcastId']);
    const deliveries = `/api/broadcasts/${id}/deliveries`;
    expect(json).toMatchObject({ success: true, state: 'accepted', links: { deliveries } });
    expect(headers).toMatchObject({ location: deliveries, 'ratelimit-remaining': '599' });
    expect(storedBroadcasts(tables)).toMatchObject([
      { id, tenant: 'default', event, audience, data: notification, durability: 'durable' },
    ]);
    expect(JSON.stringify(queues.commandCalls(SendMessageBatchCommand)[0]?.args[0].input.Entries)).toContain(id);
    expect(logged()).not.toMatch(/do-not-log|the-secret-api-key/);
  });

  it.each(sends)('by %s may be ephemeral', async (route) => {
    expect((await ask({ route, query: { durability: 'ephemeral' } })).statusCode).toBe(202);
    expect(storedBroadcasts(tables)).toMatchObject([{ durability: 'ephemeral' }]);
  });

  it('holds nothing of what the operator calls sensitive', async () => {
    await ask({ body: { ...notification, customer: { name: 'Ann', Password: 'secret' } } });
    expect(storedBroadcasts(tables)).toMatchObject([{ data: { ...notification, customer: { name: 'Ann' } } }]);
    expect(JSON.stringify(storedBroadcasts(tables))).not.toContain('secret');
  });

  it.each<readonly [string, Asked, string, string]>([
    ['no title', { body: { type: 'info', message: 'm' } }, 'missing_field', 'title'],
    ['a list', { route: 'sendConversation', body: [] }, 'invalid_field', 'body'],
    ['another durability', { query: { durability: 'no' } }, 'invalid_field', 'durability'],
    ['a client too long', { path: { clientId: 'x'.repeat(129) } }, 'invalid_field', 'path clientId'],
    [
      'an event of Socket.IO',
      { route: 'sendEventToRoom', path: { ...path, eventName: 'disconnect' } },
      'invalid_field',
      'path eventName',
    ],
  ])('with %s is refused by name, and nothing is stored', async (_, asked, code, field) => {
    const { statusCode, json } = await ask(asked);
    expect(statusCode).toBe(400);
    expect(json).toMatchObject({ success: false, error: { code, field } });
    expect(storedBroadcasts(tables)).toEqual([]);
    expect(queues.calls()).toEqual([]);
  });
});

describe('a repeated request', () => {
  const headers = { ...withKey, 'idempotency-key': '0b8f5c9e-5f0a-4f0e-9b35-0d7f6f0d2a11' };

  beforeEach(() => {
    keepClaims(tables);
  });

  it('makes no second broadcast, and says so', async () => {
    const first = await ask({ headers });
    const second = await ask({ headers });
    expect([first.statusCode, second.statusCode]).toEqual([202, 202]);
    expect(second.json).toEqual(first.json);
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect(storedBroadcasts(tables)).toHaveLength(1);
  });

  it.each<readonly [string, Asked]>([
    ['another client', { path: { clientId: 'client124' } }],
    ['another body', { body: { ...notification, title: 'Bye' } }],
    ['another durability', { query: { durability: 'ephemeral' } }],
  ])('for %s is another one, which the key does not stand for', async (_, asked) => {
    await ask({ headers });
    const { statusCode, json } = await ask({ ...asked, headers });
    expect(statusCode).toBe(422);
    expect(json).toMatchObject({ error: { code: 'idempotency_mismatch' } });
    expect(storedBroadcasts(tables)).toHaveLength(1);
  });
});

describe('who is connected', () => {
  const nowMs = Date.now();
  const at = (agoMs: number) => new Date(nowMs - agoMs).toISOString();

  beforeEach(async () => {
    const given = { tenant: 'default', roles: [] };
    await stockConnections(tables, [
      aConnection({ ...given, user: 'b', connectedAtMs: nowMs - 9_000, dialect: 'socketio' }),
      aConnection({ ...given, user: 'a', connectedAtMs: nowMs - 2_000, dialect: 'socketio' }),
      aConnection({ ...given, user: 'a', connectedAtMs: nowMs - 5_000 }),
      aConnection({ ...given, user: 'away', connectedAtMs: nowMs - 5_000, leaseUntilMs: nowMs - 1 }),
      aConnection({ ...given, user: 'gone', connectedAtMs: nowMs - 5_000, expiresAtMs: nowMs - 1 }),
      aConnection({ ...given, tenant: 'desk-1', user: 'c', connectedAtMs: nowMs - 1_000 }),
    ]);
  });

  it('is counted', async () => {
    const { statusCode, json } = await ask({ route: 'getDeskStatus' });
    expect(statusCode).toBe(200);
    expect(json).toEqual({
      status: 'running',
      connectedClients: 2,
      totalConnections: 3,
      timestamp: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/) as string,
    });
    expect(Math.abs(Date.parse(String(json['timestamp'])) - nowMs)).toBeLessThan(60_000);
  });

  it('is listed', async () => {
    const { statusCode, json } = await ask({ route: 'listClients' });
    expect(statusCode).toBe(200);
    expect(json).toEqual({
      clients: [
        { clientId: 'a', connections: 2, connectedAt: at(5_000), dialects: ['bellhop', 'socketio'] },
        { clientId: 'b', connections: 1, connectedAt: at(9_000), dialects: ['socketio'] },
      ],
      count: 2,
      next: null,
    });
    expect((await ask({ route: 'listClients', query: { after: 'a' } })).json).toMatchObject({
      clients: [{ clientId: 'b' }],
      count: 2,
    });
    const refused = await ask({ route: 'listClients', query: { before: 'a' } });
    expect([refused.statusCode, refused.json]).toMatchObject([400, { error: { field: 'before' } }]);
  });

  it.each([
    ['a', { connected: true, connections: 2, connectedAt: at(5_000), rooms: ['user_a'] }],
    ['away', { connected: false, connections: 0, connectedAt: null, rooms: [] }],
    ['gone', { connected: false, connections: 0, connectedAt: null, rooms: [] }],
    ['c', { connected: false, connections: 0, connectedAt: null, rooms: [] }],
  ])('is known of the client %s', async (clientId, status) => {
    const { statusCode, json } = await ask({ route: 'getClientStatus', path: { clientId } });
    expect([statusCode, json]).toEqual([200, { clientId, ...status }]);
  });

  it('is told to an admin of another tenant for that tenant alone', async () => {
    const headers = await bearer({ roles: ['admin'] });
    expect((await ask({ route: 'listClients', headers })).json).toMatchObject({ clients: [{ clientId: 'c' }] });
    expect((await ask({ route: 'getClientStatus', path: { clientId: 'a' }, headers })).json).toMatchObject({
      connected: false,
    });
  });
});

describe.each(routesOf('http/support-desk'))('%s', (route) => {
  it.each<readonly [string, () => Promise<Asked['headers']>, number, string]>([
    ['somebody without credentials', async () => Promise.resolve({}), 401, 'unauthenticated'],
    ['a wrong key', async () => Promise.resolve({ 'x-api-key': 'wrong' }), 401, 'unauthenticated'],
    ['somebody who is no admin', async () => bearer({ roles: ['agent'] }), 403, 'forbidden'],
    ['an admin whose token has expired', async () => bearer({ roles: ['admin'], exp: 1 }), 401, 'token_expired'],
  ])('is not for %s', async (_, credentials, status, code) => {
    const headers = (await credentials()) ?? {};
    const { statusCode, json } = await ask({ route, headers });
    expect(statusCode).toBe(status);
    expect(json).toMatchObject({ success: false, error: { code } });
    expect(storedBroadcasts(tables)).toEqual([]);
    expect(tables.commandCalls(QueryCommand)).toEqual([]);
  });

  it('is for an admin, who acts for the tenant of the token', async () => {
    const { statusCode } = await ask({ route, headers: await bearer({ roles: ['admin'] }) });
    expect(statusCode).toBe(questions.some((question) => question === route) ? 200 : 202);
    for (const { tenant } of storedBroadcasts(tables)) expect(tenant).toBe('desk-1');
  });
});

it('every route of the table is either a send or a question', () => {
  const tested = [...sends.map(([route]) => route), ...questions];
  expect(new Set(tested)).toEqual(new Set(routesOf('http/support-desk')));
  expect(tested).toHaveLength(14);
});

describe('when something fails', () => {
  it('a durable message that the queue does not take is accepted, and left to the sweep of the outbox', async () => {
    queues.on(SendMessageBatchCommand).rejects(sdkError('ThrottlingException', 400));
    expect((await ask()).statusCode).toBe(202);
    expect(logged()).toContain('broadcast_not_queued');
  });

  it('an ephemeral one is answered 503, for later would be too late', async () => {
    queues.on(SendMessageBatchCommand).rejects(sdkError('ThrottlingException', 400));
    const { statusCode, headers } = await ask({ query: { durability: 'ephemeral' } });
    expect([statusCode, headers?.['retry-after']]).toEqual([503, '2']);
  });

  it.each(['notifyClient', 'getDeskStatus', 'listClients', 'getClientStatus'] as const)(
    '%s answers 500 without details for a table that fails',
    async (route) => {
      tables.on(PutCommand).rejects(sdkError('ThrottlingException', 400));
      tables.on(QueryCommand).rejects(sdkError('ThrottlingException', 400));
      const { statusCode, json } = await ask({ route });
      expect(statusCode).toBe(500);
      expect(JSON.stringify(json)).not.toContain('ThrottlingException');
      expect(queues.calls()).toEqual([]);
    },
  );
});
