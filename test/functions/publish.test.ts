// The function behind POST /api/broadcasts: any event for any audience, stored, queued and answered.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/publish.ts';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import { apiKey, deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext, httpEvent } from './events.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const logged = listenToLogs();

let handler: typeof deployedHandler;

const body = { event: 'invoice:paid', data: { secret: 'do-not-log' }, audience: { users: ['a', 'b'] } };

beforeAll(async () => {
  deploy();
  ({ handler } = await import('../../functions/http/publish.ts'));
});

beforeEach(() => {
  tables.reset();
  queues.reset();
  tables.on(UpdateCommand).resolves({ Attributes: { count: 1 } });
  tables.on(PutCommand).resolves({});
  queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

async function ask(change: object = {}, key: string = apiKey) {
  const request = {
    path: '/api/broadcasts',
    headers: { 'x-api-key': key },
    body: JSON.stringify({ ...body, ...change }),
  };
  const answer = await handler(httpEvent(request), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Record<string, unknown> };
}

function stored(): readonly Broadcast[] {
  return tables
    .commandCalls(PutCommand, { TableName: 'broadcasts' })
    .map(({ args }) => JSON.parse(String(args[0].input.Item?.['broadcast'])) as Broadcast);
}

describe('a broadcast', () => {
  it('is stored, queued, and answered 202 with where its deliveries are', async () => {
    const { statusCode, headers, json } = await ask();
    expect(statusCode).toBe(202);
    const id = String(json['broadcastId']);
    expect(json).toMatchObject({ success: true, state: 'accepted', event: 'invoice:paid', audience: { users: 2 } });
    expect(headers).toMatchObject({ location: `/api/broadcasts/${id}/deliveries`, 'ratelimit-remaining': '599' });
    expect(stored()).toMatchObject([{ id, tenant: 'default', event: 'invoice:paid', durability: 'durable' }]);
    expect(queues.commandCalls(SendMessageBatchCommand)).toHaveLength(1);
    expect(JSON.stringify(queues.commandCalls(SendMessageBatchCommand)[0]?.args[0].input.Entries)).toContain(id);
    expect(logged()).not.toMatch(/do-not-log|the-secret-api-key/);
  });

  it.each([
    [{ role: 'technician' }, { kind: 'topic', topic: 'role:technician' }],
    [{ everyone: true }, { kind: 'topic', topic: 'all' }],
    [{ room: 'work_order_7' }, { kind: 'topic', topic: 'room:work_order_7' }],
    [{ room: 'role_technician' }, { kind: 'topic', topic: 'role:technician' }],
    [{ room: 'user_42' }, { kind: 'users', users: ['42'] }],
  ])('for %j is stored for %j', async (audience, expected) => {
    expect((await ask({ audience })).statusCode).toBe(202);
    expect(stored()).toMatchObject([{ audience: expected }]);
  });

  it('keeps its expiry, and whom it is not for', async () => {
    const expiresAtMs = Date.now() + 60_000;
    const { json } = await ask({ expiresAt: new Date(expiresAtMs).toISOString(), except: ['b', 'b'] });
    expect(json).toMatchObject({ expiresAt: new Date(expiresAtMs).toISOString() });
    expect(stored()).toMatchObject([{ expiresAtMs, except: ['b'] }]);
  });

  it.each([
    ['no event', { event: undefined }, 'missing_field', 'event'],
    ['nobody to tell', { audience: {} }, 'missing_field', 'audience'],
    ['two audiences', { audience: { role: 'a', everyone: true } }, 'invalid_field', 'audience'],
    ['a room without a name', { audience: { room: '' } }, 'invalid_field', 'audience.room'],
    ['a room and everyone', { audience: { room: 'b', everyone: true } }, 'invalid_field', 'audience'],
    ['a kind that nobody can follow', { audience: { team: 'b' } }, 'unknown_field', 'audience.team'],
    ['an audience of another kind', { audience: { topic: 'all' } }, 'unknown_field', 'audience.topic'],
    ['an expiry that is no time', { expiresAt: 'tomorrow' }, 'invalid_field', 'expiresAt'],
    ['an expiry that is over', { expiresAt: '2020-01-01T00:00:00Z' }, 'invalid_field', 'expiresAt'],
    ['a durability of its own', { durability: 'forever' }, 'invalid_field', 'durability'],
  ])('with %s is refused by name, and nothing is stored', async (_, change, code, field) => {
    const { statusCode, json } = await ask(change);
    expect(statusCode).toBe(400);
    expect(json).toMatchObject({ success: false, error: { code, field } });
    expect(stored()).toEqual([]);
    expect(queues.calls()).toEqual([]);
  });

  it('of somebody without a key is refused', async () => {
    expect((await ask({}, 'wrong-key')).statusCode).toBe(401);
    expect(tables.calls()).toEqual([]);
  });
});

describe('when the queue does not take it', () => {
  beforeEach(() => {
    queues.on(SendMessageBatchCommand).rejects(sdkError('ThrottlingException', 400));
  });

  it('a durable one is accepted, and left to the sweep of the outbox', async () => {
    expect((await ask()).statusCode).toBe(202);
    expect(tables.commandCalls(UpdateCommand, { TableName: 'broadcasts' })).toEqual([]);
    expect(logged()).toContain('broadcast_not_queued');
  });

  it('an ephemeral one is answered 503, for later would be too late', async () => {
    const { statusCode, headers, json } = await ask({ durability: 'ephemeral' });
    expect([statusCode, headers?.['retry-after']]).toEqual([503, '2']);
    expect(json).toMatchObject({ error: { code: 'unavailable' } });
    expect(logged()).toContain('request_unavailable');
    expect(logged()).toContain('ThrottlingException');
    expect(JSON.stringify(json)).not.toContain('ThrottlingException');
  });
});

it.each(['ThrottlingException', 'TimeoutError'])(
  'a table that fails with %s means 500 without details',
  async (name) => {
    tables.on(PutCommand).rejects(sdkError(name, 400));
    const { statusCode, json } = await ask();
    expect(statusCode).toBe(500);
    expect(JSON.stringify(json)).not.toContain(name);
    expect(queues.calls()).toEqual([]);
  },
);
