// The function behind GET /api/communications: what a guest without a socket polls.
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { handler as deployedHandler } from '../../functions/http/hotel.ts';
import { listCommunicationsAnswer } from '../../shared/protocol/hotel-bodies.ts';
import { aNotification } from '../builders/notification.ts';
import { useIssuer } from '../jwt/issuer.ts';
import { deploy, listenToLogs } from './deployed.ts';
import { aContext, httpEvent } from './events.ts';
import { stockInbox } from './inbox-tables.ts';

const tables = mockClient(DynamoDBDocumentClient);
const issuer = useIssuer();
const logged = listenToLogs();

let handler: typeof deployedHandler;

const communication = { hotel_id: 1, type: 'notification', message: 'See you there', recipient_type: 'all' };

beforeAll(async () => {
  deploy({ tokenJwksUri: issuer.jwksUri(), sensitiveFields: '' });
  ({ handler } = await import('../../functions/http/hotel.ts'));
});

describe('a poll', () => {
  const sent = (title: string) =>
    aNotification({ event: 'notification', data: { ...communication, title, status: 'sent' } });
  const own = { topic: 'user:123', epoch: 'u1', notifications: ['One', 'Two'].map(sent) } as const;
  const all = { topic: 'all', epoch: 'a1', notifications: [sent('Three')], cursor: {} } as const;
  const role = { topic: 'role:guest', epoch: 'r1', notifications: [], cursor: {} } as const;

  beforeEach(() => {
    tables.reset();
    stockInbox(tables, { tenant: '1', user: '123' }, [{ ...own, cursor: { deliveredSeq: 1 } }, all, role]);
  });

  async function poll(query: Readonly<Record<string, string>> = {}) {
    const token = await issuer.sign({ exp: Math.floor(Date.now() / 1_000) + 3_600, tenant: '1', sub: '123' });
    const headers = { authorization: `Bearer ${token}` };
    const answer = await handler(httpEvent({ method: 'GET', path: '/api/communications', headers, query }), aContext());
    const json = JSON.parse(answer.body ?? '') as Readonly<Record<string, unknown>>;
    const titles = (): readonly unknown[] => z.parse(listCommunicationsAnswer, json).data.map((one) => one['title']);
    return { statusCode: answer.statusCode, json, titles, next: String(json['next']) };
  }

  it('shows what no client of the guest has had, and how many are unread', async () => {
    const { statusCode, json, titles } = await poll();
    expect(statusCode).toBe(200);
    expect(titles()).toEqual(['Two', 'Three']);
    expect(json).toMatchObject({ status: 'success', complete: true, unread: 3 });
    expect(json['data']).toMatchObject([{ ...communication, title: 'Two', status: 'sent' }, { title: 'Three' }]);
  });

  it('goes on after the page before, and from the start when asked to', async () => {
    const first = await poll({ limit: '1' });
    expect([first.titles(), first.json['complete']]).toEqual([['Two'], false]);
    const second = await poll({ after: first.next });
    expect([second.titles(), second.json['complete']]).toEqual([['Three'], true]);
    expect((await poll({ after: second.next })).titles()).toEqual([]);
    expect((await poll({ from: 'start' })).titles()).toEqual(['One', 'Two', 'Three']);
  });

  it('acknowledges nothing, and is logged without its contents', async () => {
    await poll();
    expect(logged()).toContain('"status":200');
    expect(logged()).not.toContain(communication.message);
    expect(tables.commandCalls(UpdateCommand, { TableName: 'cursors' })).toEqual([]);
  });

  it.each([
    ['their own', '123', 200],
    ['those of another guest', '124', 403],
  ])('of a guest who asks for %s is answered', async (_, guestId, status) => {
    const { statusCode, json } = await poll({ guestId });
    expect(statusCode).toBe(status);
    if (status === 403) expect(json).toMatchObject({ error: { code: 'forbidden', field: 'query guestId' } });
  });

  it.each([
    [{ limit: '0' }, 'query limit'],
    [{ after: 'here' }, 'query after'],
    [{ page: '2' }, 'page'],
  ])('with the query %j is refused', async (query, field) => {
    const { statusCode, json } = await poll(query);
    expect(statusCode).toBe(400);
    expect(json).toMatchObject({ error: { field } });
  });
});
