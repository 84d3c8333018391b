// How much waits in the queue of fan-out work, and how much of it was given up.
import type { QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { QueueDepths } from '../ports.ts';

/** The numbers are SQS's approximations, which may lag by a minute. */
export function queueDepths(client: SQSClient, queueUrl: string, deadLetterQueueUrl: string): QueueDepths {
  const read = async (url: string): Promise<(name: QueueAttributeName) => number> => {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return (name) => Number(Attributes?.[name] ?? 0);
  };
  return {
    depths: async () => {
      const [queue, deadLetters] = await Promise.all([read(queueUrl), read(deadLetterQueueUrl)]);
      return {
        waiting: queue('ApproximateNumberOfMessages'),
        inFlight: queue('ApproximateNumberOfMessagesNotVisible'),
        deadLetters: deadLetters('ApproximateNumberOfMessages'),
      };
    },
  };
}
