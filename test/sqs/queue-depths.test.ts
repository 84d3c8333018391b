// The depths of the queues in SQS.
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { queueDepths } from '../../shared/sqs/queue-depths.ts';

it('reads what waits, what is being worked on, and what was given up', async () => {
  const sqs = mockClient(SQSClient);
  sqs
    .on(GetQueueAttributesCommand, { QueueUrl: 'http://127.0.0.1/broadcasts' })
    .resolves({ Attributes: { ApproximateNumberOfMessages: '12', ApproximateNumberOfMessagesNotVisible: '3' } });
  sqs
    .on(GetQueueAttributesCommand, { QueueUrl: 'http://127.0.0.1/dead-letters' })
    .resolves({ Attributes: { ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '7' } });
  const queues = queueDepths(
    sqs as unknown as SQSClient,
    'http://127.0.0.1/broadcasts',
    'http://127.0.0.1/dead-letters',
  );
  expect(await queues.depths()).toEqual({ waiting: 12, inFlight: 3, deadLetters: 1 });
});
