// The function behind the broadcasts queue: what the gateway's and the tables' answers mean for a batch.
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/queue/fan-out.ts';
import { unpackReceipts } from '../../shared/dynamodb/receipts.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext, sqsEvent, sqsRecord } from './events.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const gateway = mockClient(ApiGatewayManagementApiClient);
listenToLogs();

let handler: typeof deployedHandler;

const broadcast = aBroadcast({
  id: 'b1',
  tenant: 'default',
  audience: { kind: 'users', users: ['a'] },
  acceptedAtMs: Date.now(),
});
const message = JSON.stringify({ kind: 'broadcast', broadcastId: 'b1' });
const event = sqsEvent(sqsRecord('m1', message));

beforeAll(async () => {
  deploy();
  ({ handler } = await import('../../functions/queue/fan-out.ts'));
});

beforeEach(() => {
  for (const mock of [tables, queues, gateway]) mock.reset();
  const nowMs = Date.now();
  const subscription = { sk: 'c1', user: 'a', connectedAtMs: nowMs - 60_000, expiresAtMs: nowMs + 60_000 };
  tables.on(GetCommand, { TableName: 'broadcasts' }).resolves({ Item: { broadcast: JSON.stringify(broadcast) } });
  tables.on(GetCommand, { TableName: 'logs' }).resolves({ Item: { epoch: 'epoch-1', era: '1', lastSeq: 0 } });
  tables.on(QueryCommand).resolves({ Items: [] });
  tables.on(QueryCommand, { TableName: 'subscriptions' }).resolves({ Items: [subscription] });
  tables.on(PutCommand).resolves({});
  tables.on(UpdateCommand).resolves({ Attributes: {} });
  gateway.on(PostToConnectionCommand).resolves({});
  queues.on(ChangeMessageVisibilityCommand).resolves({});
});

/** The receipts as they were stored at last, without their times. */
function receipts(): readonly object[] {
  const put = tables.commandCalls(PutCommand, { TableName: 'broadcasts' }).at(-1);
  const packed = put?.args[0].input.Item?.['receipts'] as Uint8Array;
  return unpackReceipts(packed).map(({ atMs, ...receipt }) => {
    expect(atMs).toBeLessThanOrEqual(Date.now());
    return receipt;
  });
}

const position = { epoch: 'epoch-1', seq: 1 };
const sent = { user: 'a', position, outcome: 'sent' };
const queued = { user: 'a', position, outcome: 'queued', reason: 'not_connected' };
const queuedSlow = { ...queued, reason: 'connection_slow' };

describe('the gateway says', () => {
  it('nothing: the frame is posted, and the batch is done', async () => {
    expect(await handler(event, aContext())).toEqual({ batchItemFailures: [] });
    const [post, ...more] = gateway.commandCalls(PostToConnectionCommand).map(({ args }) => args[0].input);
    expect(more).toEqual([]);
    expect(post?.ConnectionId).toBe('c1');
    expect(JSON.parse(new TextDecoder().decode(post?.Data as Uint8Array))).toMatchObject({
      type: 'notification',
      topic: 'user:a',
      epoch: 'epoch-1',
      seq: 1,
      id: 'b1',
    });
    expect(receipts()).toEqual([sent]);
  });

  it('gone: the connection is closed, the user queued, and the batch is done', async () => {
    gateway.on(PostToConnectionCommand).rejects(sdkError('GoneException', 410));
    expect(await handler(event, aContext())).toEqual({ batchItemFailures: [] });
    expect(tables.commandCalls(UpdateCommand, { TableName: 'connections', Key: { pk: 'c1' } })).toHaveLength(1);
    expect(receipts()).toEqual([queued]);
  });

  it.each([
    ['too many posts', sdkError('LimitExceededException', 429)],
    ['an error of its own', sdkError('InternalServerError', 500)],
    ['nothing within the time limit', sdkError('TimeoutError', 0)],
    ['nothing, for the network broke', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
  ])('%s: the post is tried again, and then the next resume has to bring it', async (_, error) => {
    gateway.on(PostToConnectionCommand).rejectsOnce(error).resolves({});
    expect(await handler(event, aContext())).toEqual({ batchItemFailures: [] });
    expect(receipts()).toEqual([sent]);
    gateway.on(PostToConnectionCommand).rejects(error);
    expect(await handler(event, aContext())).toEqual({ batchItemFailures: [] });
    expect(receipts()).toEqual([queuedSlow]);
  });

  it('that we may not post: a bug, so the record comes again and ends as a dead letter', async () => {
    gateway.on(PostToConnectionCommand).rejects(sdkError('ForbiddenException', 403));
    expect(await handler(event, aContext())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });
});

describe('a record', () => {
  it('whose tables throttle is given back with a short wait', async () => {
    tables.on(PutCommand, { TableName: 'logs' }).rejects(sdkError('ThrottlingException', 400));
    expect(await handler(event, aContext())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(queues.commandCalls(ChangeMessageVisibilityCommand).map(({ args }) => args[0].input)).toEqual([
      {
        QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/1/broadcasts',
        ReceiptHandle: 'receipt-of-m1',
        VisibilityTimeout: 1,
      },
    ]);
    expect(gateway.calls()).toEqual([]);
  });

  it('that finds its notification appended already takes the place that it has', async () => {
    tables.on(PutCommand, { TableName: 'logs' }).rejects(sdkError('ConditionalCheckFailedException', 400));
    const entry = { seq: 1, epoch: 'epoch-1', id: 'b1', appendedAtMs: Date.now() };
    tables
      .on(QueryCommand, { TableName: 'logs' })
      .resolvesOnce({ Items: [] })
      .resolves({ Items: [entry] });
    expect(await handler(event, aContext())).toEqual({ batchItemFailures: [] });
    expect(receipts()).toEqual([sent]);
  });

  it('of a broadcast that is not stored fails alone', async () => {
    tables.on(GetCommand, { TableName: 'broadcasts', Key: { pk: 'b0', sk: 'broadcast' } }).resolves({});
    const poison = sqsRecord('m0', JSON.stringify({ kind: 'broadcast', broadcastId: 'b0' }));
    const answer = await handler(sqsEvent(poison, sqsRecord('m1', message)), aContext());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(gateway.commandCalls(PostToConnectionCommand)).toHaveLength(1);
  });

  it('that comes with the deadline near is given back untouched', async () => {
    expect(
      await handler(
        event,
        aContext(() => 1_000),
      ),
    ).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(gateway.calls()).toEqual([]);
  });
});
