// The queue of fan-out work in SQS.
import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { SQSClient, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { fanOutMessage } from '../../shared/protocol/queue-messages.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { fanOutQueue } from '../../shared/sqs/fan-out-queue.ts';
import { fanOutQueueContract } from '../contracts/fan-out-queue.contract.ts';

const sqs = mockClient(SQSClient);
const url = 'http://127.0.0.1:9324/queue/broadcasts';
const queue = fanOutQueue(sqs as unknown as SQSClient, url);

/** Takes every entry but those whose number, counted over all calls, is refused. */
function refusing(...refused: readonly number[]): FanOutMessage[] {
  const taken: FanOutMessage[] = [];
  let number = 0;
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries = [] }: SendMessageBatchCommandInput) => {
    const Failed = [];
    for (const { Id, MessageBody = '' } of Entries) {
      number += 1;
      if (refused.includes(number)) Failed.push({ Id, SenderFault: false, Code: 'InternalError' });
      else taken.push(fanOutMessage.parse(JSON.parse(MessageBody)));
    }
    return { Failed };
  });
  return taken;
}

function messages(count: number): FanOutMessage[] {
  return Array.from({ length: count }, (_, number) => ({ kind: 'broadcast', broadcastId: `b${String(number)}` }));
}

const batchSizes = () =>
  sqs.commandCalls(SendMessageBatchCommand).map(({ args: [{ input }] }) => input.Entries?.length);

beforeEach(() => {
  sqs.reset();
});

describe('the queue of fan-out work', () => {
  fanOutQueueContract(() => {
    const taken = refusing();
    return { queue, received: async () => Promise.resolve(taken) };
  });

  it('sends ten at a time, and nothing for nothing', async () => {
    refusing();
    await queue.send([]);
    await queue.send(messages(23));
    expect(batchSizes()).toEqual([10, 10, 3]);
    expect(sqs.commandCalls(SendMessageBatchCommand)[0]?.args[0].input.QueueUrl).toBe(url);
  });

  it('sends again what was refused, and only that', async () => {
    const taken = refusing(2, 5);
    await queue.send(messages(6));
    expect(batchSizes()).toEqual([6, 2]);
    expect(taken.map((message) => message.broadcastId).sort()).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5']);
  });

  it('is unavailable when a message is refused again', async () => {
    refusing(2, 5, 8);
    await expect(queue.send(messages(6))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('does not hide that the queue cannot be reached', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new Error('connect ECONNREFUSED'));
    await expect(queue.send(messages(1))).rejects.toThrow('ECONNREFUSED');
  });
});
