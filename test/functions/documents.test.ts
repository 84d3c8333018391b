// The function behind /openapi.json, /asyncapi.json and /docs: documents that anybody may read and keep for a while.
import { createHash } from 'node:crypto';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/documents.ts';
import { asyncApi } from '../../shared/protocol/asyncapi.ts';
import { requestLimits } from '../../shared/protocol/limits.ts';
import { openApi } from '../../shared/protocol/openapi.ts';
import { deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext, httpEvent } from './events.ts';

const tables = mockClient(DynamoDBDocumentClient);
listenToLogs();

let handler: typeof deployedHandler;

beforeAll(async () => {
  deploy();
  ({ handler } = await import('../../functions/http/documents.ts'));
});

beforeEach(() => {
  tables.reset();
  tables.on(UpdateCommand).resolves({ Attributes: { count: 1 } });
});

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  return handler(httpEvent({ method: 'GET', path, headers }), aContext());
}

describe.each([
  ['/openapi.json', openApi],
  ['/asyncapi.json', asyncApi],
])('%s', (path, make) => {
  it('is the document, without credentials, to be kept for five minutes', async () => {
    const { statusCode, headers, body } = await get(path);
    expect(statusCode).toBe(200);
    expect(JSON.parse(body ?? '')).toEqual(make());
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
      'ratelimit-limit': String(requestLimits.visitorRequestsMax),
    });
  });
});

describe('/docs', () => {
  it('is a page, to be kept for five minutes', async () => {
    const { statusCode, headers, body } = await get('/docs');
    expect(statusCode).toBe(200);
    expect(body).toMatch(/^<!doctype html>/);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=300',
    });
  });

  it('allows nothing but its own style, by its hash', async () => {
    const { headers, body } = await get('/docs');
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(body ?? '') ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers?.['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  });
});

describe.each(['/openapi.json', '/asyncapi.json', '/docs'])('%s', (path) => {
  it('is the same for whoever sends credentials, good or bad', async () => {
    const { body } = await get(path);
    expect((await get(path, { authorization: 'Bearer junk', 'x-api-key': 'junk' })).body).toBe(body);
  });

  it('is refused to an address that asks too often', async () => {
    tables.on(UpdateCommand).resolves({ Attributes: { count: requestLimits.visitorRequestsMax + 1 } });
    const { statusCode, headers, body } = await get(path);
    expect(statusCode).toBe(429);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'ratelimit-remaining': '0' });
    expect(JSON.parse(body ?? '')).toMatchObject({ success: false, error: { code: 'rate_limited' } });
  });

  it('without the table that counts means 500 without details', async () => {
    tables.on(UpdateCommand).rejects(sdkError('ThrottlingException', 400));
    const { statusCode, headers, body } = await get(path);
    expect([statusCode, headers?.['cache-control']]).toEqual([500, 'no-store']);
    expect(body).not.toContain('ThrottlingException');
  });
});
