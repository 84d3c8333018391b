// The function behind /api/communications: who may call which route, what is stored, and what is shown.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { handler as deployedHandler } from '../../functions/http/hotel.ts';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import { everyone, shardOf } from '../../shared/domain/topic.ts';
import { shardKey } from '../../shared/dynamodb/keys.ts';
import {
  createCommunicationAnswer,
  getGuestConnectionsAnswer,
  sendGuestTestAnswer,
} from '../../shared/protocol/hotel-bodies.ts';
import { digest } from '../../shared/system/digest.ts';
import type { Claims } from '../jwt/issuer.ts';
import { useIssuer } from '../jwt/issuer.ts';
import { apiKey, deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext, httpEvent } from './events.ts';
import { stockInbox } from './inbox-tables.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const issuer = useIssuer();
const logged = listenToLogs();

let handler: typeof deployedHandler;

const create = ['POST', '/api/communications'] as const;
const list = ['GET', '/api/communications'] as const;
const stats = ['GET', '/api/communications/websocket/stats'] as const;
const test = ['POST', '/api/communications/websocket/test'] as const;
type Route = typeof create | typeof list | typeof stats | typeof test;

const communication = {
  hotel_id: 1,
  type: 'notification',
  title: 'Pool Maintenance',
  message: 'do-not-log',
  category: 'service',
  recipient_type: 'all',
  priority: 'normal',
  sender_type: 'hotel',
};

/** Of the hotel whose tenant is called 1. */
const hotelKey = { 'x-api-key': apiKey };

beforeAll(async () => {
  const apiKeyDigests = `1:${digest.sha256Hex(apiKey)}`;
  deploy({ tokenJwksUri: issuer.jwksUri(), sensitiveFields: '', apiKeyDigests });
  ({ handler } = await import('../../functions/http/hotel.ts'));
});

beforeEach(() => {
  tables.reset();
  queues.reset();
  tables.on(UpdateCommand).resolves({ Attributes: { count: 1 } });
  tables.on(PutCommand).resolves({});
  tables.on(QueryCommand).resolves({ Items: [] });
  queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly query?: Readonly<Record<string, string>>;
}

async function ask([method, path]: Route, { headers = hotelKey, body, query }: Asked = {}) {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const request = { method, path, headers, ...text, ...(query === undefined ? {} : { query }) };
  const answer = await handler(httpEvent(request), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Readonly<Record<string, unknown>> };
}

async function tokenOf(claims: Claims = {}): Promise<{ readonly authorization: string }> {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  return { authorization: `Bearer ${await issuer.sign({ exp, tenant: '1', sub: '123', ...claims })}` };
}

function stored(): readonly Broadcast[] {
  return tables
    .commandCalls(PutCommand, { TableName: 'broadcasts' })
    .map(({ args }) => JSON.parse(String(args[0].input.Item?.['broadcast'])) as Broadcast);
}

describe('who may call', () => {
  const admin = { roles: ['admin'] };
  const guest = { roles: ['guest'] };
  const bodies: Readonly<Record<string, object>> = {
    [create.join(' ')]: communication,
    [test.join(' ')]: { guestId: 1 },
  };

  it.each([
    [create, 'key', 201],
    [create, 'admin', 201],
    [create, 'guest', 403],
    [create, 'nobody', 401],
    [list, 'key', 401],
    [list, 'admin', 200],
    [list, 'guest', 200],
    [list, 'nobody', 401],
    [stats, 'key', 200],
    [stats, 'admin', 200],
    [stats, 'guest', 403],
    [stats, 'nobody', 401],
    [test, 'key', 200],
    [test, 'admin', 200],
    [test, 'guest', 403],
    [test, 'nobody', 401],
  ] as const)('%j: %s is answered %i', async (route, caller, expected) => {
    const person = { tenant: '1', user: '123' };
    const nothing = { epoch: 'e1', notifications: [], cursor: {} };
    const role = caller === 'admin' ? 'admin' : 'guest';
    stockInbox(tables, person, [
      { topic: 'user:123', ...nothing },
      { topic: 'all', ...nothing },
      { topic: `role:${role}`, ...nothing },
    ]);
    const headers = {
      key: hotelKey,
      admin: await tokenOf(admin),
      guest: await tokenOf(guest),
      nobody: {},
    }[caller];
    const body = bodies[route.join(' ')];
    const { statusCode } = await ask(route, { headers, ...(body === undefined ? {} : { body }) });
    expect(statusCode).toBe(expected);
    if (expected > 299) expect(stored()).toEqual([]);
  });
});

describe('a communication', () => {
  it('is stored, queued, and answered 201 as its guests get it', async () => {
    const { statusCode, headers, json } = await ask(create, { body: communication });
    expect(statusCode).toBe(201);
    const answer = z.parse(createCommunicationAnswer, json);
    expect(answer).toEqual(json);
    expect(answer.data).toMatchObject({ ...communication, status: 'sent' });
    const [broadcast] = stored();
    expect(broadcast).toMatchObject({
      id: answer.broadcastId,
      tenant: '1',
      event: 'notification',
      data: { ...communication, status: 'sent' },
      audience: { kind: 'topic', topic: 'all' },
      durability: 'durable',
    });
    expect(headers).toMatchObject({ location: `/api/broadcasts/${answer.broadcastId}/deliveries` });
    expect(queues.commandCalls(SendMessageBatchCommand)).toHaveLength(1);
    expect(logged()).not.toMatch(/do-not-log|the-secret-api-key/);
  });

  it('of an admin is for the hotel of the token', async () => {
    const headers = await tokenOf({ tenant: 'hotel-2', roles: ['admin'] });
    const body = { ...communication, hotel_id: 2, recipient_type: 'guest', recipient_id: 123 };
    expect((await ask(create, { headers, body })).statusCode).toBe(201);
    expect(stored()).toMatchObject([{ tenant: 'hotel-2', audience: { kind: 'users', users: ['123'] } }]);
  });

  it.each([
    ['another hotel', { hotel_id: 2 }, 403, 'forbidden', 'hotel_id'],
    ['a guest who is not named', { recipient_type: 'guest' }, 400, 'missing_field', 'recipient_id'],
    ['everybody and one guest', { recipient_id: 7 }, 400, 'invalid_field', 'recipient_id'],
    ['a field too many', { draft: true }, 400, 'unknown_field', 'draft'],
    ['an expiry that is over', { expiresAt: '2020-01-01T00:00:00Z' }, 400, 'invalid_field', 'expiresAt'],
  ])('for %s is refused by name, and nothing is stored', async (_, change, status, code, field) => {
    const { statusCode, json } = await ask(create, { body: { ...communication, ...change } });
    expect(statusCode).toBe(status);
    expect(json).toMatchObject({ success: false, error: { code, field } });
    expect(stored()).toEqual([]);
    expect(queues.calls()).toEqual([]);
  });

  it('that is repeated with its key is the same one', async () => {
    const headers = { ...hotelKey, 'idempotency-key': 'pool-7' };
    const first = await ask(create, { headers, body: communication });
    const claim: unknown = tables.commandCalls(PutCommand, { TableName: 'guards' })[0]?.args[0].input.Item?.['claim'];
    tables.on(PutCommand, { TableName: 'guards' }).rejects(sdkError('ConditionalCheckFailedException', 400));
    tables.on(GetCommand, { TableName: 'guards' }).resolves({ Item: { claim } });
    tables
      .on(GetCommand, { TableName: 'broadcasts' })
      .resolves({ Item: { broadcast: JSON.stringify(stored()[0]), dispatchedAtMs: 1 } });
    const second = await ask(create, { headers, body: communication });
    expect([second.statusCode, second.json]).toEqual([201, first.json]);
    expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect(queues.commandCalls(SendMessageBatchCommand)).toHaveLength(1);
  });

  it('that cannot be stored means 500 without details', async () => {
    tables.on(PutCommand, { TableName: 'broadcasts' }).rejects(sdkError('ThrottlingException', 400));
    const { statusCode, json } = await ask(create, { body: communication });
    expect(statusCode).toBe(500);
    expect(JSON.stringify(json)).not.toContain('ThrottlingException');
    expect(queues.calls()).toEqual([]);
  });
});

describe('the statistics', () => {
  it('are of those whose lease holds, by guest', async () => {
    const soon = Date.now() + 60_000;
    const socket = (user: string, connectionId: string, leaseUntilMs = soon) => ({
      sk: connectionId,
      user,
      connectedAtMs: soon - 120_000,
      expiresAtMs: soon,
      leaseUntilMs,
      dialect: 'hotel',
    });
    const sockets = [
      socket('123', 'c1'),
      socket('123', 'c2'),
      socket('guest-7', 'c3'),
      socket('456', 'c4', soon - 90_000),
    ];
    for (const user of ['123', 'guest-7', '456']) {
      const pk = shardKey('1', everyone, shardOf(everyone, user));
      tables.on(QueryCommand, { TableName: 'subscriptions', ExpressionAttributeValues: { ':pk': pk } }).resolves({
        Items: sockets.filter((one) => shardOf(everyone, one.user) === shardOf(everyone, user)),
      });
    }
    const { statusCode, json } = await ask(stats);
    expect(statusCode).toBe(200);
    expect(z.parse(getGuestConnectionsAnswer, json)).toEqual(json);
    expect(json).toEqual({
      status: 'success',
      data: {
        totalConnections: 3,
        uniqueGuests: 2,
        guests: [
          { guestId: 123, connections: 2 },
          { guestId: 'guest-7', connections: 1 },
        ],
      },
    });
  });
});

describe('a test', () => {
  it('is queued for the guest, as something that leaves nothing behind, and answered as printed', async () => {
    const { statusCode, json } = await ask(test, { body: { guestId: 123, message: 'This is a test notification' } });
    expect(statusCode).toBe(200);
    expect(z.parse(sendGuestTestAnswer, json)).toEqual(json);
    expect(json).toMatchObject({ status: 'success', message: 'Test notification sent to guest 123' });
    expect(stored()).toMatchObject([
      {
        tenant: '1',
        event: 'notification',
        data: { hotel_id: 1, title: 'Test Notification', category: 'test', recipient_id: 123 },
        audience: { kind: 'users', users: ['123'] },
        durability: 'ephemeral',
      },
    ]);
  });

  it('that cannot be queued is answered 503, for later would be too late', async () => {
    queues.on(SendMessageBatchCommand).rejects(sdkError('ThrottlingException', 400));
    const { statusCode, json } = await ask(test, { body: { guestId: 123 } });
    expect(statusCode).toBe(503);
    expect(json).toMatchObject({ error: { code: 'unavailable' } });
  });

  it('of nobody is refused', async () => {
    const { statusCode, json } = await ask(test, { body: { message: 'hi' } });
    expect(statusCode).toBe(400);
    expect(json).toMatchObject({ error: { code: 'missing_field', field: 'guestId' } });
  });
});
