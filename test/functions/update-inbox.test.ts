// The function behind PATCH /api/inbox: what was shown is acknowledged, what was read is marked, and the devices are told.
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/update-inbox.ts';
import { aNotification } from '../builders/notification.ts';
import { useIssuer } from '../jwt/issuer.ts';
import { deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext, httpEvent } from './events.ts';
import type { StockedTopic } from './inbox-tables.ts';
import { stockInbox } from './inbox-tables.ts';

const tables = mockClient(DynamoDBDocumentClient);
const gateway = mockClient(ApiGatewayManagementApiClient);
const issuer = useIssuer();
const logged = listenToLogs();

let handler: typeof deployedHandler;

beforeAll(async () => {
  deploy({ tokenJwksUri: issuer.jwksUri() });
  ({ handler } = await import('../../functions/http/update-inbox.ts'));
});

const three = [1, 2, 3].map(() => aNotification());
const own: StockedTopic = { topic: 'user:user-1', epoch: 'u1', notifications: three, cursor: {} };
const all: StockedTopic = { topic: 'all', epoch: 'a1', notifications: three, cursor: { deliveredSeq: 2 } };
const role: StockedTopic = { topic: 'role:guest', epoch: 'r1', notifications: [], cursor: {} };

beforeEach(() => {
  tables.reset();
  gateway.reset();
  tables.on(QueryCommand, { TableName: 'subscriptions' }).resolves({ Items: [device('c1'), device('c2')] });
  stockInbox(tables, { tenant: 'hotel-1', user: 'user-1' }, [own, all, role]);
  gateway.on(PostToConnectionCommand).resolves({});
});

function device(connectionId: string): object {
  const nowMs = Date.now();
  return { sk: connectionId, user: 'user-1', connectedAtMs: nowMs - 60_000, expiresAtMs: nowMs + 60_000 };
}

async function ask(body: unknown, authorization?: string) {
  const token = await issuer.sign({ exp: Math.floor(Date.now() / 1_000) + 3_600 });
  const headers = { authorization: authorization ?? `Bearer ${token}` };
  const request = { method: 'PATCH', path: '/api/inbox', headers, body: JSON.stringify(body) };
  const answer = await handler(httpEvent(request), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Record<string, unknown> };
}

/** The frames that were posted to each device. */
function told(): readonly (readonly [connectionId: string | undefined, frame: unknown])[] {
  return gateway
    .commandCalls(PostToConnectionCommand)
    .map(({ args: [{ input }] }) => [
      input.ConnectionId,
      JSON.parse(new TextDecoder().decode(input.Data as Uint8Array)),
    ]);
}

const moves = () => tables.commandCalls(UpdateCommand, { TableName: 'cursors' }).length;
const ownPlace = (seq: number): object => ({ topic: 'user:user-1', epoch: 'u1', seq });

describe('an acknowledgement', () => {
  it('moves the cursor, and changes nothing of what is unread', async () => {
    const { statusCode, json } = await ask({ acknowledge: [ownPlace(2)] });
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({ unread: [{ topic: 'user:user-1', count: 3 }, { count: 3 }, { count: 0 }] });
    const [update] = tables.commandCalls(UpdateCommand, { TableName: 'cursors' });
    expect(update?.args[0].input.ExpressionAttributeValues).toMatchObject({ ':epoch': 'u1', ':seq': 2 });
    expect(told()).toEqual([]);
  });

  it('of what was acknowledged before is answered all the same', async () => {
    expect((await ask({ acknowledge: [{ topic: 'all', epoch: 'a1', seq: 1 }] })).statusCode).toBe(200);
  });
});

describe('a mark of what was read', () => {
  it('changes what is unread, and every device is told', async () => {
    const { json } = await ask({ read: [{ topic: 'user:user-1', epoch: 'u1', upToSeq: 1, seqs: [3] }] });
    const unread = { topic: 'user:user-1', epoch: 'u1', count: 1, asOfSeq: 3, version: 1 };
    expect(json).toMatchObject({ unread: [unread, { topic: 'all', count: 3 }, { topic: 'role:guest', count: 0 }] });
    const frame = { type: 'unread', ...unread, readSeq: 1, readBeyond: [{ fromSeq: 3, toSeq: 3 }] };
    expect(told()).toEqual([
      ['c1', frame],
      ['c2', frame],
    ]);
  });

  it('may be of everything, and only topics with something unread are touched', async () => {
    const { json } = await ask({ readAll: true });
    expect(json).toMatchObject({ unread: [{ count: 0 }, { count: 0 }, { count: 0 }] });
    expect(moves()).toBe(2);
  });

  it('is made though a device cannot be reached: it learns it from its next pong', async () => {
    gateway.on(PostToConnectionCommand).rejects(sdkError('GoneException', 410));
    const { statusCode, json } = await ask({ read: [{ topic: 'user:user-1', epoch: 'u1', upToSeq: 3 }] });
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({ unread: [{ count: 0 }, { count: 3 }, { count: 0 }] });
  });
});

describe('a body that is refused', () => {
  it.each([
    ['that changes nothing', {}, 400, 'missing_field', 'body'],
    ['of something unknown', { deleteAll: true }, 400, 'unknown_field', 'deleteAll'],
    [
      'that names nothing read',
      { read: [{ topic: 'user:user-1', epoch: 'u1' }] },
      400,
      'missing_field',
      'read[0].upToSeq',
    ],
    ['beyond the end of the log', { acknowledge: [ownPlace(4)] }, 400, 'invalid_field', 'acknowledge[0].seq'],
    [
      'of an epoch that is over',
      { acknowledge: [{ ...ownPlace(1), epoch: 'u0' }] },
      400,
      'invalid_field',
      'acknowledge[0].epoch',
    ],
    [
      'of the inbox of somebody else',
      { acknowledge: [{ ...ownPlace(1), topic: 'user:user-2' }] },
      403,
      'forbidden',
      'acknowledge[0].topic',
    ],
    [
      'of a role that the token does not have',
      { read: [{ topic: 'role:admin', epoch: 'r1', upToSeq: 1 }] },
      403,
      'forbidden',
      'read[0].topic',
    ],
  ])('%s moves no cursor', async (_, body, status, code, field) => {
    const { statusCode, json } = await ask(body);
    expect(statusCode).toBe(status);
    expect(json).toMatchObject({ success: false, error: { code, field } });
    expect(moves()).toBe(0);
  });

  it.each([
    ['', 'unauthenticated'],
    ['Bearer junk', 'token_invalid'],
  ])('for the token %j moves no cursor either', async (authorization, code) => {
    const { statusCode, json } = await ask({ readAll: true }, authorization);
    expect(statusCode).toBe(401);
    expect(json).toMatchObject({ error: { code } });
    expect(tables.calls()).toEqual([]);
  });
});

it('a table that fails means 500 without details', async () => {
  tables.on(UpdateCommand, { TableName: 'cursors' }).rejects(sdkError('ThrottlingException', 400));
  const { statusCode, json } = await ask({ acknowledge: [ownPlace(2)] });
  expect(statusCode).toBe(500);
  expect(JSON.stringify(json)).not.toContain('ThrottlingException');
  expect(logged()).toContain('ThrottlingException');
});
