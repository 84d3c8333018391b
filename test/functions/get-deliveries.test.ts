// The function behind GET /api/broadcasts/{id}/deliveries: one page of what became of a broadcast, with times.
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/get-deliveries.ts';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import { acknowledged } from '../../shared/domain/cursor.ts';
import type { Receipt } from '../../shared/domain/delivery.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { itemOf } from '../../shared/dynamodb/cursor-item.ts';
import { shardKey } from '../../shared/dynamodb/keys.ts';
import { packReceipts } from '../../shared/dynamodb/receipts.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { aCursor } from '../builders/cursor.ts';
import { aReceipt } from '../builders/receipt.ts';
import { apiKey, deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext, httpEvent } from './events.ts';

const tables = mockClient(DynamoDBDocumentClient);
const logged = listenToLogs();
const acceptedAtMs = Date.now() - 60_000;
const position = { epoch: 'e1', seq: 1 };

let handler: typeof deployedHandler;

beforeAll(async () => {
  deploy();
  ({ handler } = await import('../../functions/http/get-deliveries.ts'));
});

beforeEach(() => {
  tables.reset();
  tables.on(UpdateCommand, { TableName: 'guards' }).resolves({ Attributes: { count: 1 } });
  tables.on(BatchGetCommand).resolves({ Responses: { cursors: [] } });
  tables.on(QueryCommand).resolves({ Items: [] });
  tables.on(GetCommand).resolves({});
});

function stored(given: Partial<Broadcast>): void {
  const broadcast = aBroadcast({ id: 'b1', tenant: 'default', acceptedAtMs, ...given });
  const { position: place, ...fixed } = broadcast;
  const item = { broadcast: JSON.stringify(fixed), ...(place === undefined ? {} : { position: place }) };
  tables.on(GetCommand, { Key: { pk: 'b1', sk: 'broadcast' } }).resolves({ Item: item });
}

function recorded(receipts: readonly Receipt[]): void {
  const item = { write: 'w1', receipts: packReceipts(receipts) };
  tables.on(GetCommand, { Key: { pk: 'b1', sk: 'page#users#000000' } }).resolves({ Item: item });
}

/** The item of a member who acknowledged the first entry a second after it was accepted. */
function acknowledgedBy(user: string, topic: Topic, shard: number): object {
  const cursor = acknowledged(aCursor({ tenant: 'default', user, topic, epoch: 'e1' }), 1, acceptedAtMs + 1_000);
  return itemOf({ pk: shardKey('default', topic, shard), sk: user }, cursor);
}

async function ask(query?: Readonly<Record<string, string>>, key: string = apiKey) {
  const request = {
    method: 'GET',
    path: '/api/broadcasts/b1/deliveries',
    pathParameters: { id: 'b1' },
    headers: { 'x-api-key': key },
    ...(query === undefined ? {} : { query }),
  };
  const answer = await handler(httpEvent(request), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Record<string, unknown> };
}

function iso(afterMs: number): string {
  return new Date(acceptedAtMs + afterMs).toISOString();
}

describe('the deliveries of named users', () => {
  beforeEach(() => {
    stored({ audience: { kind: 'users', users: ['a', 'b', 'c'] } });
    recorded([
      aReceipt('a', { position, atMs: acceptedAtMs + 500 }),
      aReceipt('b', { position, outcome: 'queued', reason: 'not_connected', atMs: acceptedAtMs + 600 }),
    ]);
    tables.on(BatchGetCommand).resolves({ Responses: { cursors: [acknowledgedBy('a', 'user:a', 0)] } });
  });

  it('have their states, reasons and times, in the order in which they were named', async () => {
    const { statusCode, json } = await ask();
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({ broadcastId: 'b1', audience: { users: 3 }, acceptedAt: iso(0), next: null });
    expect(json['deliveries']).toEqual([
      { user: 'a', state: 'delivered', times: { accepted: iso(0), sent: iso(500), delivered: iso(1_000) } },
      { user: 'b', state: 'queued', reason: 'not_connected', times: { accepted: iso(0), queued: iso(600) } },
      { user: 'c', state: 'accepted', times: { accepted: iso(0) } },
    ]);
  });

  it('come page by page', async () => {
    const first = (await ask({ limit: '2' })).json;
    expect(first).toMatchObject({ deliveries: [{ user: 'a' }, { user: 'b' }], next: 'b' });
    const second = (await ask({ limit: '2', after: 'b' })).json;
    expect(second).toMatchObject({ deliveries: [{ user: 'c' }], next: null });
  });

  it.each([
    [{ limit: '0' }, 'invalid_field', 'query limit'],
    [{ limit: '501' }, 'invalid_field', 'query limit'],
    [{ limit: 'all' }, 'invalid_field', 'query limit'],
    [{ after: 'nobody' }, 'invalid_field', 'query after'],
    [{ offset: '1' }, 'unknown_field', 'offset'],
  ])('are refused for %j', async (query, code, field) => {
    const { statusCode, json } = await ask(query);
    expect(statusCode).toBe(400);
    expect(json).toMatchObject({ error: { code, field } });
  });
});

describe('the deliveries of a topic', () => {
  it('are those of its members, shard by shard', async () => {
    stored({ audience: { kind: 'topic', topic: 'role:guest' }, position });
    tables.on(GetCommand, { TableName: 'logs' }).resolves({ Item: { epoch: 'e1', lastSeq: 1 } });
    const members = { ExpressionAttributeValues: { ':pk': shardKey('default', 'role:guest', 3) } };
    tables.on(QueryCommand, { TableName: 'cursors', ...members }).resolves({
      Items: [acknowledgedBy('m', 'role:guest', 3)],
    });
    const { json } = await ask();
    expect(json).toMatchObject({ audience: { topic: 'role:guest' }, next: null });
    expect(json['deliveries']).toEqual([
      { user: 'm', state: 'delivered', times: { accepted: iso(0), delivered: iso(1_000) } },
    ]);
    expect(tables.commandCalls(QueryCommand, { TableName: 'cursors' })).toHaveLength(16);
  });
});

describe('a broadcast', () => {
  it('that is not there, or of another tenant, is not found', async () => {
    const missing = await ask();
    expect(missing.statusCode).toBe(404);
    stored({ tenant: 'hotel-2' });
    expect((await ask()).json).toEqual(missing.json);
  });

  it('is not shown to somebody without a key', async () => {
    expect((await ask({}, 'wrong-key')).statusCode).toBe(401);
    expect(tables.calls()).toEqual([]);
  });
});

it('a table that fails means 500 without details', async () => {
  tables.on(GetCommand).rejects(sdkError('ThrottlingException', 400));
  const { statusCode, json } = await ask();
  expect(statusCode).toBe(500);
  expect(JSON.stringify(json)).not.toContain('ThrottlingException');
  expect(logged()).toContain('ThrottlingException');
});
