// The queue of deadlines in SQS.
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { deadlineQueue } from '../../shared/sqs/deadline-queue.ts';

const sqs = mockClient(SQSClient);
const queue = deadlineQueue(sqs as unknown as SQSClient, 'http://127.0.0.1:9324/queue/deadlines');
const message = { kind: 'authenticate', connectionId: 'Ab1=' } as const;

beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({});
});

describe('the queue of deadlines', () => {
  it.each([
    ['whole seconds', 10_000, 10],
    ['part of a second, which is not cut off', 10_001, 11],
    ['no time', 0, 0],
    ['the longest time that SQS has', 900_000, 900],
  ])('delays a message: %s', async (_, delayMs, DelaySeconds) => {
    await queue.schedule(message, delayMs);
    expect(sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => input)).toEqual([
      {
        QueueUrl: 'http://127.0.0.1:9324/queue/deadlines',
        MessageBody: '{"kind":"authenticate","connectionId":"Ab1="}',
        DelaySeconds,
      },
    ]);
  });

  it('refuses a delay that SQS would shorten', async () => {
    await expect(queue.schedule(message, 900_001)).rejects.toThrow(RangeError);
    expect(sqs.calls()).toHaveLength(0);
  });
});
