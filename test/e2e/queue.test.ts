// The queue's adapter against a real queue of the runtime: one that no function empties.
import type { SQSClient } from '@aws-sdk/client-sqs';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fanOutMessage } from '../../shared/protocol/queue-messages.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { fanOutQueue } from '../../shared/sqs/fan-out-queue.ts';
import { queueDepths } from '../../shared/sqs/queue-depths.ts';
import { fanOutQueueContract } from '../contracts/fan-out-queue.contract.ts';
import type { Stack } from './stack.ts';
import { startStack } from './stack.ts';

let stack: Stack;
let client: SQSClient;
let QueueUrl: string;

beforeAll(async () => {
  stack = await startStack();
  client = stack.sqs();
  QueueUrl = stack.runtime.model.queues.find(({ logicalId }) => logicalId === 'DeadlineDeadLetters')?.url ?? '';
});
afterAll(async () => {
  client.destroy();
  await stack.stop();
});

async function takeAll(): Promise<readonly FanOutMessage[]> {
  const taken: FanOutMessage[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return taken;
    for (const { Body, ReceiptHandle } of Messages) {
      taken.push(fanOutMessage.parse(JSON.parse(Body ?? '')));
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

describe('the queue of fan-out work', () => {
  fanOutQueueContract(() => ({ queue: fanOutQueue(client, QueueUrl), received: takeAll }));

  it('knows how much waits and how much is being worked on', async () => {
    const depths = queueDepths(client, QueueUrl, QueueUrl);
    await fanOutQueue(client, QueueUrl).send([1, 2, 3].map((n) => ({ kind: 'broadcast', broadcastId: String(n) })));
    await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
    expect(await depths.depths()).toEqual({ waiting: 2, inFlight: 1, deadLetters: 2 });
  });
});
