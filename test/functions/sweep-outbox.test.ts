// The function that runs each minute: what is in the outbox is queued and taken out.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/schedule/sweep-outbox.ts';
import { outboxLimits } from '../../shared/protocol/limits.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { deploy, listenToLogs, sdkError } from './deployed.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const logged = listenToLogs();

let handler: typeof deployedHandler;

beforeAll(async () => {
  deploy();
  ({ handler } = await import('../../functions/schedule/sweep-outbox.ts'));
});

beforeEach(() => {
  tables.reset();
  queues.reset();
  tables.on(QueryCommand).resolves({ Items: [] });
  tables.on(UpdateCommand).resolves({});
  queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

/** Puts broadcasts into the outbox. What is given is what the item has by now, which the index may not know yet; null: none. */
function outboxHas(items: Readonly<Record<string, object | null>>): void {
  const listed = Object.keys(items).map((pk, index) => ({ pk, acceptedAtMs: index }));
  tables.on(QueryCommand).resolvesOnce({ Items: listed }).resolves({ Items: [] });
  for (const [id, given] of Object.entries(items)) {
    const item = { broadcast: JSON.stringify(aBroadcast({ id })), ...given };
    const found = given === null ? {} : { Item: item };
    tables.on(GetCommand, { TableName: 'broadcasts', Key: { pk: id, sk: 'broadcast' } }).resolves(found);
  }
}

function queued(): readonly unknown[] {
  return queues
    .commandCalls(SendMessageBatchCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? [])
    .map(({ MessageBody }) => JSON.parse(MessageBody ?? '') as unknown);
}

function marked(): readonly unknown[] {
  return tables.commandCalls(UpdateCommand).map(({ args }) => String(args[0].input.Key?.['pk']));
}

describe('the sweep', () => {
  it('asks each shard of the outbox for what has been there for a while', async () => {
    const before = Date.now();
    await handler();
    const asked = tables.commandCalls(QueryCommand).map(({ args }) => args[0].input);
    expect(asked).toHaveLength(outboxLimits.shards);
    const shards = new Set(asked.map(({ ExpressionAttributeValues: values }) => String(values?.[':outbox'])));
    expect(shards.size).toBe(outboxLimits.shards);
    for (const { ExpressionAttributeValues } of asked) {
      const acceptedBeforeMs = Number(ExpressionAttributeValues?.[':before']);
      expect(acceptedBeforeMs).toBeGreaterThanOrEqual(before - outboxLimits.afterMs);
      expect(acceptedBeforeMs).toBeLessThanOrEqual(Date.now() - outboxLimits.afterMs);
    }
  });

  it('queues each of them and then takes it out, and logs how many', async () => {
    outboxHas({ b1: {}, b2: {} });
    await handler();
    expect(queued()).toEqual(['b1', 'b2'].map((broadcastId) => ({ kind: 'broadcast', broadcastId })));
    expect(marked()).toEqual(['b1', 'b2']);
    expect(logged()).toContain('outbox_swept');
    expect(logged()).toContain('"queued":2');
  });

  it('of an empty outbox does and says nothing', async () => {
    await handler();
    expect(queued()).toEqual([]);
    expect(logged()).toBe('');
  });

  it('leaves alone what was queued meanwhile, and what is gone', async () => {
    outboxHas({ b1: { dispatchedAtMs: 1 }, b2: null });
    await handler();
    expect(queued()).toEqual([]);
    expect(marked()).toEqual([]);
  });
});

describe('when AWS does not do its part', () => {
  it('a queue that takes one and not the other leaves the other in the outbox, and the run fails', async () => {
    outboxHas({ b1: {}, b2: {} });
    queues.on(SendMessageBatchCommand).rejectsOnce(sdkError('ThrottlingException', 400)).resolves({ Failed: [] });
    await expect(handler()).rejects.toThrow('ThrottlingException');
    expect(queued()).toHaveLength(2);
    expect(marked()).toHaveLength(1);
  });

  it('a mark that fails fails the run: the next one queues it again, which does no harm', async () => {
    outboxHas({ b1: {} });
    tables.on(UpdateCommand).rejects(sdkError('ThrottlingException', 400));
    await expect(handler()).rejects.toThrow('ThrottlingException');
    expect(queued()).toHaveLength(1);
  });

  it('a shard of the outbox that cannot be read fails the run', async () => {
    tables.on(QueryCommand).rejects(sdkError('ProvisionedThroughputExceededException', 400));
    await expect(handler()).rejects.toThrow('ProvisionedThroughputExceededException');
    expect(queued()).toEqual([]);
  });
});
