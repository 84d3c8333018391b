// The queue of deadlines: messages that arrive when something must have happened.
import type { SQSClient } from '@aws-sdk/client-sqs';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { DeadlineQueue } from '../ports.ts';
import { sendLimits } from '../protocol/limits.ts';

export function deadlineQueue(client: SQSClient, queueUrl: string): DeadlineQueue {
  return {
    schedule: async (message, delayMs) => {
      const delaySeconds = Math.ceil(delayMs / 1_000);
      // Sent with a shorter delay it would arrive before its time, which is worse than not at all.
      if (delaySeconds > sendLimits.delaySecondsMax)
        throw new RangeError(`a deadline of ${String(delayMs)} ms is too far away`);
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(message),
          DelaySeconds: delaySeconds,
        }),
      );
    },
  };
}
