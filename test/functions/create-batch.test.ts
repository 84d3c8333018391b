// The function behind POST /api/notifications/batch: several broadcasts from the CRM's bytes to stored, queued and answered.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { handler as deployedHandler } from '../../functions/http/create-batch.ts';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import { createBatchAnswer } from '../../shared/protocol/http-bodies.ts';
import { fanOutLimits } from '../../shared/protocol/limits.ts';
import { apiKey, deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext, httpEvent } from './events.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const logged = listenToLogs();

let handler: typeof deployedHandler;

const tasks = ['a', 'b', 'c'].map((contractor, id) => ({
  eventType: 'task:new',
  taskData: { id, priority: 'High', secret: 'do-not-log' },
  contractorIds: [contractor],
}));

beforeAll(async () => {
  deploy({ sensitiveFields: '' });
  ({ handler } = await import('../../functions/http/create-batch.ts'));
});

beforeEach(() => {
  tables.reset();
  queues.reset();
  tables.on(UpdateCommand).resolves({ Attributes: { count: 1 } });
  tables.on(PutCommand).resolves({});
  queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

interface Asked {
  readonly broadcasts?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remainingMs?: () => number;
}

async function ask({ broadcasts = tasks, headers = { 'x-api-key': apiKey }, remainingMs }: Asked = {}) {
  const path = '/api/notifications/batch';
  const event = httpEvent({ path, headers, body: JSON.stringify({ broadcasts }) });
  const answer = await handler(event, aContext(remainingMs));
  return { ...answer, json: JSON.parse(answer.body ?? '') as Readonly<Record<string, unknown>> };
}

function stored(): readonly Broadcast[] {
  return tables
    .commandCalls(PutCommand, { TableName: 'broadcasts' })
    .map(({ args }) => JSON.parse(String(args[0].input.Item?.['broadcast'])) as Broadcast);
}

describe('a batch', () => {
  it('is stored, queued, and answered 202 with the answer of each broadcast', async () => {
    const { statusCode, headers, json } = await ask();
    expect(statusCode).toBe(202);
    const answer = z.parse(createBatchAnswer, json);
    expect(answer).toEqual(json);
    expect(answer).toMatchObject({ success: true, accepted: 3 });
    expect(answer.broadcasts.map(({ broadcastId }) => broadcastId)).toEqual(stored().map(({ id }) => id));
    expect(answer.broadcasts).toMatchObject(tasks.map(() => ({ recipients: { kind: 'contractors', count: 1 } })));
    expect(stored().map(({ data }) => data['taskData'])).toEqual(tasks.map(({ taskData }) => taskData));
    expect(stored()).toMatchObject(tasks.map(() => ({ metadata: { alert: { priority: 'high', vibrate: true } } })));
    expect(queues.commandCalls(SendMessageBatchCommand)).toHaveLength(3);
    expect(headers).not.toHaveProperty('idempotent-replayed');
    expect(logged()).not.toMatch(/do-not-log|the-secret-api-key/);
  });

  it.each([
    ['one without its data', [...tasks, { eventType: 'task:new' }], 'missing_field', 'broadcasts[3].taskData'],
    ['one of no known event', [{ ...tasks[0], eventType: 'x' }], 'invalid_field', 'broadcasts[0].eventType'],
    [
      'one that has expired',
      [...tasks, { ...tasks[0], expiresAt: '2020-01-01T00:00:00Z' }],
      'invalid_field',
      'broadcasts[3].expiresAt',
    ],
    ['none', [], 'invalid_field', 'broadcasts'],
    ['no list', undefined, 'missing_field', 'broadcasts'],
  ])('with %s is refused by name, and nothing is stored', async (_, broadcasts, code, field) => {
    const { statusCode, json } = await ask({ broadcasts: broadcasts ?? null });
    expect(statusCode).toBe(400);
    expect(json['error']).toMatchObject(broadcasts === undefined ? { field } : { code, field });
    expect(stored()).toEqual([]);
    expect(queues.calls()).toEqual([]);
  });

  it.each([
    ['nothing', {}],
    ['a wrong key', { 'x-api-key': 'wrong-key' }],
    ['a token', { authorization: 'Bearer eyJh.eyJz.c2ln' }],
  ])('of somebody with %s is refused', async (_, headers) => {
    expect((await ask({ headers })).statusCode).toBe(401);
    expect(tables.calls()).toEqual([]);
  });
});

describe('a repeated batch', () => {
  const headers = { 'x-api-key': apiKey, 'idempotency-key': 'monday' };

  it('gets the same answer, marked as a replay; another batch with the key is refused', async () => {
    const first = await ask({ headers });
    const claims = tables.commandCalls(PutCommand, { TableName: 'guards' });
    expect(claims).toHaveLength(1);
    const claim: unknown = claims[0]?.args[0].input.Item?.['claim'];
    const queued = queues.calls().length;
    tables.on(PutCommand, { TableName: 'guards' }).rejects(sdkError('ConditionalCheckFailedException', 400));
    tables.on(GetCommand, { TableName: 'guards' }).resolves({ Item: { claim } });
    tables
      .on(GetCommand, { TableName: 'broadcasts' })
      .resolves({ Item: { broadcast: JSON.stringify(stored()[0]), dispatchedAtMs: 1 } });
    const second = await ask({ headers });
    expect(second.json).toEqual(first.json);
    expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect(queues.calls()).toHaveLength(queued);
    const other = await ask({ headers, broadcasts: [...tasks, ...tasks] });
    expect(other.statusCode).toBe(422);
    expect(other.json).toMatchObject({ error: { code: 'idempotency_mismatch' } });
    expect(stored()).toHaveLength(3);
  });
});

describe('a batch that cannot be accepted as a whole', () => {
  it('since a store fails is answered 503 with what was accepted, and without details', async () => {
    tables
      .on(PutCommand, { TableName: 'broadcasts' })
      .resolvesOnce({})
      .rejectsOnce(sdkError('ThrottlingException', 400))
      .resolves({});
    const { statusCode, headers, json } = await ask();
    expect([statusCode, headers?.['retry-after']]).toEqual([503, '2']);
    const accepted = [0, 2].map((index) => ({ index, broadcastId: stored()[index]?.id }));
    expect(json).toMatchObject({ success: false, error: { code: 'unavailable', requestId: 'request-1' } });
    expect((json['error'] as { accepted: unknown }).accepted).toEqual(accepted);
    expect(JSON.stringify(json)).not.toContain('ThrottlingException');
    expect(logged()).toContain('ThrottlingException');
  });

  it('since the deadline is near is told how many were accepted', async () => {
    let asked = 0;
    const remainingMs = (): number => {
      asked += 1;
      return asked <= 2 ? fanOutLimits.deadlineMarginMs + 1 : fanOutLimits.deadlineMarginMs;
    };
    const { statusCode, json } = await ask({ remainingMs });
    expect(statusCode).toBe(503);
    expect(json).toMatchObject({ error: { message: '2 of 3 broadcasts were accepted, then the time was up' } });
    expect(stored()).toHaveLength(2);
  });
});

it('a claim that fails means 500 without details, and nothing is stored', async () => {
  tables.on(PutCommand, { TableName: 'guards' }).rejects(sdkError('ThrottlingException', 400));
  const { statusCode, json } = await ask({ headers: { 'x-api-key': apiKey, 'idempotency-key': 'monday' } });
  expect(statusCode).toBe(500);
  expect(JSON.stringify(json)).not.toContain('ThrottlingException');
  expect(stored()).toEqual([]);
});
