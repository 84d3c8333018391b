// The function behind POST /api/ws/...: who may tell a team something, and what is stored of it.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/leads.ts';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import type { Claims } from '../jwt/issuer.ts';
import { useIssuer } from '../jwt/issuer.ts';
import { apiKey, deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext, httpEvent } from './events.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const issuer = useIssuer();
const logged = listenToLogs();

let handler: typeof deployedHandler;

const paths = ['/api/ws/broadcast', '/api/ws/lead-update', '/api/ws/form-submission', '/api/ws/crm-sync'] as const;
type Path = (typeof paths)[number];

const bodies: Readonly<Record<Path, object>> = {
  '/api/ws/broadcast': { type: 'custom_event', data: { message: 'Hello team!' } },
  '/api/ws/lead-update': { leadId: 'lead-1', leadData: { email: 'do-not-log@example.com' }, action: 'created' },
  '/api/ws/form-submission': { formId: 'form-1', submissionData: { name: 'Jane Doe' } },
  '/api/ws/crm-sync': { provider: 'hubspot', action: 'created', success: true },
};

beforeAll(async () => {
  deploy({ tokenJwksUri: issuer.jwksUri(), teams: 'sales-north, sales-south', sensitiveFields: 'password' });
  ({ handler } = await import('../../functions/http/leads.ts'));
});

beforeEach(() => {
  tables.reset();
  queues.reset();
  tables.on(UpdateCommand).resolves({ Attributes: { count: 1 } });
  tables.on(PutCommand).resolves({});
  queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

interface Asked {
  readonly path?: Path;
  readonly body?: object;
  readonly claims?: Claims;
  readonly headers?: Readonly<Record<string, string>>;
}

async function tokenOf(claims: Claims = {}): Promise<string> {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  return issuer.sign({ exp, tenant: 'sales-north', sub: 'ann', ...claims });
}

async function ask({ path = '/api/ws/lead-update', body = bodies[path], claims, headers }: Asked = {}) {
  const authorization = `Bearer ${await tokenOf(claims)}`;
  const request = { path, headers: { authorization, ...headers }, body: JSON.stringify(body) };
  const answer = await handler(httpEvent(request), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Record<string, unknown> };
}

function stored(): readonly Broadcast[] {
  return tables
    .commandCalls(PutCommand, { TableName: 'broadcasts' })
    .map(({ args }) => JSON.parse(String(args[0].input.Item?.['broadcast'])) as Broadcast);
}

describe('a member of a team', () => {
  it.each([
    ['/api/ws/broadcast', 'custom_event', { message: 'Hello team!' }],
    ['/api/ws/lead-update', 'lead_update', { leadId: 'lead-1', action: 'created', updatedBy: 'ann' }],
    ['/api/ws/form-submission', 'form_submission', { formId: 'form-1' }],
    ['/api/ws/crm-sync', 'crm_sync', { provider: 'hubspot', success: true }],
  ] as const)(
    'tells the whole team with %s, which is stored and queued before it is answered',
    async (path, event, data) => {
      const { statusCode, headers, json } = await ask({ path });
      expect(statusCode).toBe(202);
      expect(json).toMatchObject({ success: true, state: 'accepted', event, team: 'sales-north' });
      expect(headers).toMatchObject({ 'ratelimit-remaining': '239' });
      const id = String(json['broadcastId']);
      expect(stored()).toMatchObject([
        { id, tenant: 'sales-north', event, data, durability: 'durable', audience: { kind: 'topic', topic: 'all' } },
      ]);
      expect(stored()[0]).not.toHaveProperty('except');
      expect(queues.commandCalls(SendMessageBatchCommand)).toHaveLength(1);
      expect(logged()).not.toContain('do-not-log');
    },
  );

  it('speaks to the team of the token', async () => {
    await ask({ claims: { tenant: 'sales-south', sub: 'bob' } });
    expect(stored()).toMatchObject([{ tenant: 'sales-south', data: { updatedBy: 'bob' }, metadata: { from: 'bob' } }]);
  });

  it('leaves nothing of what the operator calls sensitive', async () => {
    await ask({ body: { ...bodies['/api/ws/lead-update'], leadData: { email: 'a@b.c', password: 'secret' } } });
    expect(stored()).toMatchObject([{ data: { leadData: { email: 'a@b.c' } } }]);
    expect(JSON.stringify(stored())).not.toContain('secret');
  });

  it.each<readonly [string, Asked, number, string, string]>([
    [
      'another team',
      { path: '/api/ws/broadcast', body: { type: 'x', data: {}, targetTeam: 'sales-south' } },
      403,
      'forbidden',
      'targetTeam',
    ],
    [
      'a message of the protocol',
      { path: '/api/ws/broadcast', body: { type: 'pong', data: {} } },
      400,
      'invalid_field',
      'type',
    ],
    [
      'an unknown field',
      { body: { ...bodies['/api/ws/lead-update'], tenant: 'sales-south' } },
      400,
      'unknown_field',
      'tenant',
    ],
    [
      'a past expiry',
      { body: { ...bodies['/api/ws/lead-update'], expiresAt: '2020-01-01T00:00:00Z' } },
      400,
      'invalid_field',
      'expiresAt',
    ],
  ])('is refused %s by name, and nothing is stored', async (_, asked, status, code, field) => {
    const { statusCode, json } = await ask(asked);
    expect(statusCode).toBe(status);
    expect(json).toMatchObject({ success: false, error: { code, field } });
    expect(stored()).toEqual([]);
    expect(queues.calls()).toEqual([]);
  });
});

describe('a repeated request', () => {
  const key = { 'idempotency-key': '0b8f5c9e-5f0a-4f0e-9b35-0d7f6f0d2a11' };

  /** Claims as the guards table would keep them: the first one under a key stands. */
  function keepClaims(): void {
    const claims = new Map<unknown, object>();
    tables
      .on(PutCommand, { TableName: 'guards' })
      .callsFake(({ Item: item }: { readonly Item: { readonly pk: unknown } }) => {
        const standing = claims.get(item.pk);
        if (standing === undefined) claims.set(item.pk, item);
        else throw Object.assign(sdkError('ConditionalCheckFailedException', 400), { Item: standing });
        return {};
      });
    tables.on(GetCommand, { TableName: 'guards' }).callsFake(({ Key }: { readonly Key: { readonly pk: unknown } }) => ({
      Item: claims.get(Key.pk),
    }));
    tables.on(GetCommand, { TableName: 'broadcasts' }).callsFake(() => ({
      Item: { broadcast: JSON.stringify(stored()[0] ?? {}), dispatchedAtMs: 1 },
    }));
  }

  it('makes no second broadcast, and says so', async () => {
    keepClaims();
    const first = await ask({ headers: key });
    const second = await ask({ headers: key });
    expect([first.statusCode, second.statusCode]).toEqual([202, 202]);
    expect(second.json['broadcastId']).toBe(first.json['broadcastId']);
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect(stored()).toHaveLength(1);
  });

  it.each<readonly [string, Asked]>([
    ['another body', { body: { ...bodies['/api/ws/lead-update'], action: 'deleted' } }],
    ['another person', { claims: { sub: 'bob' } }],
  ])('with %s is refused: the key stands for one request of one person', async (_, asked) => {
    keepClaims();
    await ask({ headers: key });
    const { statusCode, json } = await ask({ ...asked, headers: key });
    expect(statusCode).toBe(422);
    expect(json).toMatchObject({ error: { code: 'idempotency_mismatch' } });
    expect(stored()).toHaveLength(1);
  });
});

describe.each(paths)('%s', (path) => {
  it.each<readonly [string, Asked, number, string]>([
    ['a guest of a hotel, which is no team', { claims: { tenant: 'hotel-1', roles: ['admin'] } }, 403, 'forbidden'],
    ['somebody without credentials', { headers: { authorization: '' } }, 401, 'unauthenticated'],
    ['a back office with a key', { headers: { authorization: '', 'x-api-key': apiKey } }, 401, 'unauthenticated'],
    ['somebody with junk', { headers: { authorization: 'Bearer junk' } }, 401, 'token_invalid'],
    ['somebody whose token has expired', { claims: { exp: 1 } }, 401, 'token_expired'],
  ])('is not for %s', async (_, asked, status, code) => {
    const { statusCode, json } = await ask({ path, ...asked });
    expect(statusCode).toBe(status);
    expect(json).toMatchObject({ success: false, error: { code } });
    expect(stored()).toEqual([]);
    expect(queues.calls()).toEqual([]);
  });
});

it('what the queue does not take is accepted all the same, and left to the sweep of the outbox', async () => {
  queues.on(SendMessageBatchCommand).rejects(sdkError('ThrottlingException', 400));
  expect((await ask()).statusCode).toBe(202);
  expect(logged()).toContain('broadcast_not_queued');
});

it('a table that fails means 500 without details', async () => {
  tables.on(PutCommand).rejects(sdkError('ThrottlingException', 400));
  const { statusCode, json } = await ask();
  expect(statusCode).toBe(500);
  expect(JSON.stringify(json)).not.toContain('ThrottlingException');
  expect(queues.calls()).toEqual([]);
});
