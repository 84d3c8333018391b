// The function behind $connect: its answers to the gateway, and what it does when AWS does not do its part.
import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/websocket/connect.ts';
import { useIssuer } from '../jwt/issuer.ts';
import { deploy, listenToLogs, sdkError } from './deployed.ts';
import { webSocketEvent } from './events.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const functions = mockClient(LambdaClient);
const issuer = useIssuer();
const logged = listenToLogs();

let handler: typeof deployedHandler;

beforeAll(async () => {
  deploy({ tokenJwksUri: issuer.jwksUri() });
  ({ handler } = await import('../../functions/websocket/connect.ts'));
});

beforeEach(() => {
  for (const mock of [tables, queues, functions]) mock.reset();
  tables.on(PutCommand).resolves({});
  tables.on(UpdateCommand).resolves({});
  tables.on(BatchGetCommand).resolves({ Responses: {} });
  tables.on(GetCommand).resolves({ Item: { epoch: 'epoch-1', lastSeq: 4 } });
  tables.on(QueryCommand).resolves({ Items: [] });
  queues.on(SendMessageCommand).resolves({});
  functions.on(InvokeCommand).resolves({ StatusCode: 202 });
});

async function goodToken(): Promise<string> {
  return issuer.sign({ exp: Math.floor(Date.now() / 1_000) + 3_600 });
}

/** The keys of what was put into a table. */
function putInto(table: string): readonly unknown[] {
  return tables
    .commandCalls(PutCommand)
    .map(({ args }) => args[0].input)
    .filter(({ TableName }) => TableName === table)
    .map(({ Item }) => (Item as { readonly pk: unknown }).pk);
}

describe('$connect', () => {
  it('with a good token stores the connection and starts the opener, without waiting for it', async () => {
    const queryStringParameters = { token: await goodToken() };
    expect(await handler(webSocketEvent('c1', { queryStringParameters }))).toEqual({ statusCode: 200 });
    expect(putInto('connections')).toEqual(['c1']);
    expect(putInto('subscriptions')).toHaveLength(3);
    expect(functions.commandCalls(InvokeCommand).map(({ args }) => args[0].input)).toEqual([
      { FunctionName: 'opener-function', InvocationType: 'Event', Payload: '{"connectionId":"c1"}' },
    ]);
    expect(queues.calls()).toEqual([]);
  });

  it('without a token opens an anonymous connection that has ten seconds', async () => {
    expect(await handler(webSocketEvent('c1'))).toEqual({ statusCode: 200 });
    expect(putInto('connections')).toEqual(['c1']);
    expect(putInto('subscriptions')).toEqual([]);
    expect(queues.commandCalls(SendMessageCommand).map(({ args }) => args[0].input)).toMatchObject([
      { DelaySeconds: 10, MessageBody: '{"kind":"authenticate","connectionId":"c1"}' },
    ]);
    expect(functions.calls()).toEqual([]);
  });

  it.each(['junk', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])(
    'with the token %j answers 401 and stores nothing',
    async (token) => {
      const answer = await handler(webSocketEvent('c1', { queryStringParameters: { token } }));
      expect(answer).toEqual({ statusCode: 401, body: '{"error":"token_invalid"}' });
      for (const mock of [tables, queues, functions]) expect(mock.calls()).toEqual([]);
      expect(logged()).toContain('connect_refused');
      expect(logged()).not.toContain(`"${token}"`);
    },
  );

  it('with an expired token answers 401, and neither answer nor log holds any of it', async () => {
    const token = await issuer.sign({ exp: Math.floor(Date.now() / 1_000) - 1 });
    const answer = await handler(webSocketEvent('c1', { queryStringParameters: { token } }));
    expect(answer).toEqual({ statusCode: 401, body: '{"error":"token_expired"}' });
    for (const part of token.split('.')) expect(JSON.stringify(answer) + logged()).not.toContain(part);
    expect(tables.calls()).toEqual([]);
  });

  it.each(['Origin', 'origin', 'ORIGIN'])('from a foreign origin in %s answers 403', async (header) => {
    const headers = { [header]: 'https://evil.example' };
    const queryStringParameters = { token: await goodToken() };
    const answer = await handler(webSocketEvent('c1', { headers, queryStringParameters }));
    expect(answer).toEqual({ statusCode: 403, body: '{"error":"forbidden"}' });
    expect(tables.calls()).toEqual([]);
  });

  it('from an allowed origin opens', async () => {
    const answer = await handler(webSocketEvent('c1', { headers: { Origin: 'https://admin.example.com' } }));
    expect(answer).toEqual({ statusCode: 200 });
  });
});

describe('when AWS does not do its part', () => {
  it.each([
    ['throttled', sdkError('ThrottlingException', 400)],
    ['not allowed', sdkError('AccessDeniedException', 400)],
    ['out of time', sdkError('TimeoutError', 0)],
  ])('a table that is %s refuses the socket by throwing, and no opener is started', async (_, error) => {
    tables.on(PutCommand, { TableName: 'connections' }).rejects(error);
    const queryStringParameters = { token: await goodToken() };
    await expect(handler(webSocketEvent('c1', { queryStringParameters }))).rejects.toThrow(error.message);
    expect(functions.calls()).toEqual([]);
  });

  it('a socket that closed before it was open gets no greeting, and its subscriptions go', async () => {
    tables.on(PutCommand, { TableName: 'connections' }).rejects(sdkError('ConditionalCheckFailedException', 400));
    tables.on(GetCommand, { TableName: 'connections' }).resolves({ Item: { pk: 'c1', state: 'closed' } });
    const queryStringParameters = { token: await goodToken() };
    expect(await handler(webSocketEvent('c1', { queryStringParameters }))).toEqual({ statusCode: 200 });
    expect(functions.calls()).toEqual([]);
  });

  it('an opener that cannot be started refuses the socket: it would never be greeted', async () => {
    functions.on(InvokeCommand).rejects(sdkError('TooManyRequestsException', 429));
    const queryStringParameters = { token: await goodToken() };
    await expect(handler(webSocketEvent('c1', { queryStringParameters }))).rejects.toThrow('TooManyRequestsException');
  });

  it('a queue that does not take the deadline refuses the socket: it would stay open unauthenticated', async () => {
    queues.on(SendMessageCommand).rejects(sdkError('ServiceUnavailable', 503));
    await expect(handler(webSocketEvent('c1'))).rejects.toThrow('ServiceUnavailable');
  });
});
