// Deferring messages in SQS.
import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { deferMessage } from '../../shared/sqs/visibility.ts';

it('makes a message visible after so many seconds', async () => {
  const sqs = mockClient(SQSClient);
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
  await deferMessage(sqs as unknown as SQSClient, 'http://127.0.0.1/broadcasts', 'receipt-1', 4);
  expect(sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args: [{ input }] }) => input)).toEqual([
    { QueueUrl: 'http://127.0.0.1/broadcasts', ReceiptHandle: 'receipt-1', VisibilityTimeout: 4 },
  ]);
});
