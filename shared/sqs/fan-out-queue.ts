// The queue of fan-out work.
import type { SQSClient, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { FanOutQueue } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import { sendLimits } from '../protocol/limits.ts';

export function fanOutQueue(client: SQSClient, queueUrl: string): FanOutQueue {
  return {
    send: async (messages) => {
      const entries = messages.map((message, index) => ({ Id: String(index), MessageBody: JSON.stringify(message) }));
      for (let from = 0; from < entries.length; from += sendLimits.entriesPerBatchMax) {
        await sendBatch(client, queueUrl, entries.slice(from, from + sendLimits.entriesPerBatchMax));
      }
    },
  };
}

/** A batch may be taken in part; what was refused is sent once more. What was taken twice by a lost answer is done once: consumers are idempotent. */
async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  entries: readonly SendMessageBatchRequestEntry[],
): Promise<void> {
  const refused = await refusedOf(client, queueUrl, entries);
  if (refused.length === 0) return;
  const refusedAgain = await refusedOf(client, queueUrl, refused);
  if (refusedAgain.length === 0) return;
  throw new Failure('unavailable', {
    message: `the queue did not take ${String(refusedAgain.length)} of ${String(entries.length)} messages`,
    remedy: 'Try again in a moment.',
    retryAfterSeconds: 1,
  });
}

async function refusedOf(
  client: SQSClient,
  queueUrl: string,
  entries: readonly SendMessageBatchRequestEntry[],
): Promise<readonly SendMessageBatchRequestEntry[]> {
  const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...entries] }));
  const refusedIds = new Set((answer.Failed ?? []).map(({ Id }) => Id));
  return entries.filter(({ Id }) => refusedIds.has(Id));
}
