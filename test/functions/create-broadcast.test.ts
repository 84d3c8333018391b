// The function behind POST /api/notifications/broadcast: from the CRM's bytes to stored, queued and answered.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/create-broadcast.ts';
import { apiKey, deploy, listenToLogs, sdkError } from './deployed.ts';
import type { GivenRequest } from './events.ts';
import { aContext, httpEvent } from './events.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const logged = listenToLogs();

let handler: typeof deployedHandler;

const body = JSON.stringify({
  eventType: 'task:new',
  taskData: { id: 7, secret: 'do-not-log' },
  contractorIds: ['a', 'b'],
});

beforeAll(async () => {
  deploy();
  ({ handler } = await import('../../functions/http/create-broadcast.ts'));
});

beforeEach(() => {
  tables.reset();
  queues.reset();
  tables.on(UpdateCommand).resolves({ Attributes: { count: 1 } });
  tables.on(PutCommand).resolves({});
  queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

async function ask(given: GivenRequest = {}) {
  const headers = { 'x-internal-api-key': apiKey, ...given.headers };
  const answer = await handler(httpEvent({ body, ...given, headers }), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Record<string, unknown> };
}

/** What the tables and the queue were asked for, without the counting of the rate limit. */
function steps(): readonly string[] {
  return [...tables.calls().slice(1), ...queues.calls()].map(({ args }) => args[0].constructor.name);
}

describe('a broadcast', () => {
  it('is stored, queued and answered 202 with where to ask for it', async () => {
    const { statusCode, headers, json } = await ask();
    expect(statusCode).toBe(202);
    expect(json).toMatchObject({ success: true, state: 'accepted', recipients: { kind: 'contractors', count: 2 } });
    expect(headers).toMatchObject({ location: `/api/notifications/broadcasts/${String(json['broadcastId'])}` });
    expect(headers).not.toHaveProperty('idempotent-replayed');
    expect(steps()).toEqual(['PutCommand', 'UpdateCommand', 'SendMessageBatchCommand']);
  });

  it('is in the table before it is in the queue, and marked after', async () => {
    let beforeQueued: readonly string[] = [];
    queues.on(SendMessageBatchCommand).callsFake(() => {
      beforeQueued = steps();
      return { Successful: [], Failed: [] };
    });
    await ask();
    expect(beforeQueued).toEqual(['PutCommand', 'SendMessageBatchCommand']);
  });

  it('is logged without its contents and without the key', async () => {
    await ask();
    expect(logged()).toContain('"status":202');
    expect(logged()).not.toMatch(/do-not-log|the-secret-api-key/);
  });

  it.each([
    ['an unknown event', { eventType: 'task:gone' }, 'invalid_field', 'eventType'],
    ['a list that is none', { contractorIds: 'a' }, 'invalid_field', 'contractorIds'],
    ['an empty name', { contractorIds: ['a', ''] }, 'invalid_field', 'contractorIds[1]'],
    ['a field too many', { priority: 1 }, 'unknown_field', 'priority'],
    ['no data', { taskData: undefined }, 'missing_field', 'taskData'],
    ['an expiry that is no time', { expiresAt: 'tomorrow' }, 'invalid_field', 'expiresAt'],
    ['an expiry that is over', { expiresAt: '2020-01-01T00:00:00Z' }, 'invalid_field', 'expiresAt'],
    ['an expiry that is too far', { expiresAt: '2120-01-01T00:00:00Z' }, 'invalid_field', 'expiresAt'],
  ])('with %s is refused by name, and nothing is stored', async (_, change, code, field) => {
    const changed = JSON.stringify({ ...(JSON.parse(body) as object), ...change });
    const { statusCode, json } = await ask({ body: changed });
    expect(statusCode).toBe(400);
    expect(json).toMatchObject({ success: false, error: { code, field } });
    expect(steps()).toEqual([]);
  });

  it('whose numbers outgrow a frame when written out is refused, though its text is short', async () => {
    const long = `{"eventType":"task:new","taskData":{"n":[${'1e20,'.repeat(9_000)}1]}}`;
    const { statusCode, json } = await ask({ body: long });
    expect(statusCode).toBe(413);
    expect(json).toMatchObject({ error: { code: 'payload_too_large' } });
    expect(steps()).toEqual([]);
  });
});

describe('a repeated request', () => {
  const headers = { 'idempotency-key': 'order-7' };

  it('with the same bytes gets the same broadcast, marked as a replay', async () => {
    const first = await ask({ headers });
    const claim: unknown = tables.commandCalls(PutCommand)[0]?.args[0].input.Item?.['claim'];
    const stored: unknown = tables.commandCalls(PutCommand)[1]?.args[0].input.Item;
    tables.on(PutCommand, { TableName: 'guards' }).rejects(sdkError('ConditionalCheckFailedException', 400));
    tables.on(GetCommand, { TableName: 'guards' }).resolves({ Item: { claim } });
    tables.on(GetCommand, { TableName: 'broadcasts' }).resolves({ Item: { ...(stored as object), dispatchedAtMs: 1 } });
    const sent = queues.calls().length;
    const second = await ask({ headers });
    expect(second.statusCode).toBe(202);
    expect(second.json).toEqual(first.json);
    expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect(queues.calls()).toHaveLength(sent);
    const other = await ask({ headers, body: body.replace('"id":7', '"id":8') });
    expect(other.statusCode).toBe(422);
    expect(other.json).toMatchObject({ error: { code: 'idempotency_mismatch' } });
  });

  it('with a key that is no key is refused', async () => {
    const { json } = await ask({ headers: { 'idempotency-key': '' } });
    expect(json).toMatchObject({ error: { code: 'invalid_field', field: 'header Idempotency-Key' } });
  });
});

describe('when AWS does not do its part', () => {
  it.each([
    ['throttles', () => queues.on(SendMessageBatchCommand).rejects(sdkError('ThrottlingException', 400))],
    [
      'refuses the message',
      () => {
        const refused = { Id: '0', Code: 'InternalError', SenderFault: false };
        queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [refused] });
      },
    ],
  ])('a queue that %s means 202 all the same: stored is accepted, and the sweep queues it', async (_, fail) => {
    fail();
    const { statusCode, json } = await ask();
    expect(statusCode).toBe(202);
    expect(json).toMatchObject({ success: true, state: 'accepted' });
    expect(steps()).toContain('PutCommand');
    // The mark would take it out of the outbox.
    expect(steps()).not.toContain('UpdateCommand');
    expect(logged()).toContain('broadcast_not_queued');
  });

  it.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'TimeoutError'])(
    'a table that fails with %s means 500 without details, and nothing is queued',
    async (name) => {
      tables.on(PutCommand).rejects(sdkError(name, 400));
      const { statusCode, json } = await ask();
      expect(statusCode).toBe(500);
      expect(JSON.stringify(json)).not.toContain(name);
      expect(logged()).toContain(name);
      expect(queues.calls()).toEqual([]);
    },
  );

  it('a mark that fails means 202 all the same', async () => {
    tables.on(UpdateCommand, { TableName: 'broadcasts' }).rejects(sdkError('ThrottlingException', 400));
    expect((await ask()).statusCode).toBe(202);
  });
});
