// The function behind GET /api/inbox: what a person has not got yet, page by page.
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/get-inbox.ts';
import type { Notification } from '../../shared/domain/log.ts';
import { writeInboxMark } from '../../shared/protocol/inbox-mark.ts';
import { aNotification } from '../builders/notification.ts';
import { useIssuer } from '../jwt/issuer.ts';
import { deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext, httpEvent } from './events.ts';
import type { StockedTopic } from './inbox-tables.ts';
import { stockInbox } from './inbox-tables.ts';

const tables = mockClient(DynamoDBDocumentClient);
const issuer = useIssuer();
const logged = listenToLogs();
const person = { tenant: 'hotel-1', user: 'user-1' };

let handler: typeof deployedHandler;

beforeAll(async () => {
  deploy({ tokenJwksUri: issuer.jwksUri() });
  ({ handler } = await import('../../functions/http/get-inbox.ts'));
});

function notifications(count: number, given: Partial<Notification> = {}): readonly Notification[] {
  return Array.from({ length: count }, () => aNotification(given));
}

const own: StockedTopic = {
  topic: 'user:user-1',
  epoch: 'u1',
  notifications: notifications(3),
  cursor: { deliveredSeq: 1 },
};
const all: StockedTopic = { topic: 'all', epoch: 'a1', notifications: notifications(2), cursor: { deliveredSeq: 2 } };
const role: StockedTopic = { topic: 'role:guest', epoch: 'r1', notifications: notifications(1), cursor: {} };

beforeEach(() => {
  tables.reset();
  stockInbox(tables, person, [own, all, role]);
});

async function ask(query?: Readonly<Record<string, string>>, authorization?: string) {
  const token = await issuer.sign({ exp: Math.floor(Date.now() / 1_000) + 3_600 });
  const headers = { authorization: authorization ?? `Bearer ${token}` };
  const request = { method: 'GET', path: '/api/inbox', headers, ...(query === undefined ? {} : { query }) };
  const answer = await handler(httpEvent(request), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Inbox };
}

interface Inbox {
  readonly frames: readonly { readonly type: string; readonly topic: string; readonly seq?: number }[];
  readonly positions: readonly { readonly topic: string; readonly epoch: string; readonly seq: number }[];
  readonly complete: boolean;
  readonly next: string;
  readonly topics: readonly object[];
  readonly error?: unknown;
}

function shown({ frames }: Inbox): readonly string[] {
  return frames.map(({ type, topic, seq }) => `${type} ${topic} ${String(seq)}`);
}

const everything = ['notification user:user-1 2', 'notification user:user-1 3', 'notification role:guest 1'];

describe('an inbox', () => {
  it('has what no client has acknowledged, in order within each topic, and what is unread', async () => {
    const { statusCode, json } = await ask();
    expect(statusCode).toBe(200);
    expect(shown(json)).toEqual(everything);
    expect(json.frames[0]).toMatchObject({ id: own.notifications[1]?.id, epoch: 'u1', data: { taskId: 42 } });
    expect(json.complete).toBe(true);
    expect(json.positions).toEqual([
      { topic: 'user:user-1', epoch: 'u1', seq: 3 },
      { topic: 'all', epoch: 'a1', seq: 2 },
      { topic: 'role:guest', epoch: 'r1', seq: 1 },
    ]);
    expect(json.topics).toMatchObject([
      { topic: 'user:user-1', count: 3, asOfSeq: 3, version: 0, readSeq: 0, readBeyond: [] },
      { topic: 'all', count: 2 },
      { topic: 'role:guest', count: 1 },
    ]);
  });

  it('goes on after the mark of the page before, until it is complete', async () => {
    const first = (await ask({ limit: '2' })).json;
    expect(first.complete).toBe(false);
    expect(first.next).toBe(writeInboxMark(first.positions));
    const second = (await ask({ limit: '2', after: first.next })).json;
    expect([...shown(first), ...shown(second)]).toEqual(everything);
    expect(second.complete).toBe(true);
    const third = (await ask({ after: second.next })).json;
    expect([shown(third), third.complete]).toEqual([[], true]);
  });

  it('begins with the oldest that is kept when asked to', async () => {
    const { json } = await ask({ from: 'start' });
    expect(json.frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 1, 2, 1]);
  });

  it('is not acknowledged by being looked at', async () => {
    await ask();
    await ask({ from: 'start' });
    expect(tables.commandCalls(UpdateCommand, { TableName: 'cursors' })).toEqual([]);
  });

  it('says what is skipped, and notes that it was passed over', async () => {
    const expired = notifications(1, { createdAtMs: 1, expiresAtMs: 2 });
    const except = notifications(1, { except: ['user-1'] });
    stockInbox(tables, person, [
      { ...own, notifications: [...expired, ...except, ...notifications(1)], cursor: {} },
      { ...all, notifications: [], cursor: {} },
      { ...role, notifications: [], cursor: {} },
    ]);
    const { json } = await ask();
    expect(json.frames).toMatchObject([
      { type: 'skipped', fromSeq: 1, toSeq: 1, reason: 'expired' },
      { type: 'skipped', fromSeq: 2, toSeq: 2, reason: 'suppressed' },
      { type: 'notification', seq: 3 },
    ]);
    expect(json.topics).toMatchObject([{ count: 1 }, { count: 0 }, { count: 0 }]);
    expect(tables.commandCalls(UpdateCommand, { TableName: 'cursors' })).toHaveLength(1);
  });

  it('says where a mark of an epoch before is now', async () => {
    const past = [{ epoch: 'u0', endSeq: 2 }];
    stockInbox(tables, person, [{ ...own, past }, all, role]);
    const { json } = await ask({ after: writeInboxMark([{ topic: 'user:user-1', epoch: 'u0', seq: 9 }]) });
    expect(json.frames).toMatchObject([
      { type: 'reset', topic: 'user:user-1', epoch: 'u1', seq: 2, reason: 'new_epoch' },
      { type: 'notification', seq: 3 },
      { type: 'notification', topic: 'role:guest' },
    ]);
  });

  it('of somebody who was never there begins with everything of their own, and with what comes in wide topics', async () => {
    stockInbox(
      tables,
      person,
      [own, all, role].map((topic) => ({ ...topic, cursor: null })),
    );
    const { json } = await ask();
    expect(json.frames.map(({ seq, topic }) => `${topic} ${String(seq)}`)).toEqual(
      [1, 2, 3].map((seq) => `user:user-1 ${String(seq)}`),
    );
    expect(tables.commandCalls(PutCommand, { TableName: 'cursors' })).toHaveLength(3);
  });

  it.each([
    ['a limit of none', { limit: '0' }, 'invalid_field', 'query limit'],
    ['a limit that is too high', { limit: '101' }, 'invalid_field', 'query limit'],
    ['a mark that is none', { after: 'here' }, 'invalid_field', 'query after'],
    ['another beginning', { from: 'end' }, 'invalid_field', 'from'],
    ['a user', { user: 'user-2' }, 'unknown_field', 'user'],
  ])('is refused for a query with %s', async (_, query, code, field) => {
    const { statusCode, json } = await ask(query);
    expect(statusCode).toBe(400);
    expect(json.error).toMatchObject({ code, field });
  });

  it('gives nothing for the mark of topics of others', async () => {
    const after = writeInboxMark([{ topic: 'user:user-2', epoch: 'x1', seq: 0 }]);
    expect(shown((await ask({ after })).json)).toEqual(everything);
  });
});

describe('a person without a good token', () => {
  it.each([
    ['none', '', 'unauthenticated'],
    ['junk', 'Bearer junk', 'token_invalid'],
  ])('but %s is refused before any table is asked', async (_, authorization, code) => {
    const { statusCode, json } = await ask({}, authorization);
    expect(statusCode).toBe(401);
    expect(json.error).toMatchObject({ code });
    expect(tables.calls()).toEqual([]);
  });

  it('but one that has expired is told so', async () => {
    const token = await issuer.sign({ exp: Math.floor(Date.now() / 1_000) - 1 });
    expect((await ask({}, `Bearer ${token}`)).json.error).toMatchObject({ code: 'token_expired' });
    for (const part of token.split('.')) expect(logged()).not.toContain(part);
  });
});

it('a table that fails means 500 without details', async () => {
  tables.on(GetCommand, { TableName: 'logs' }).rejects(sdkError('ThrottlingException', 400));
  const { statusCode, json } = await ask();
  expect(statusCode).toBe(500);
  expect(json.error).toMatchObject({ code: 'internal' });
  expect(JSON.stringify(json)).not.toContain('ThrottlingException');
  expect(logged()).toContain('ThrottlingException');
});
