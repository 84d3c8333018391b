// What GetQueueAttributes tells about a queue.

import { SqsFault } from './fault.ts';
import type { Queue } from './queue.ts';

/** All values are text, as on SQS. */
export function queueAttributes(queue: Queue, names: readonly string[]): Readonly<Record<string, string>> {
  const { model } = queue;
  const { ready, inFlight, delayed } = queue.counts();
  const all: Readonly<Record<string, string>> = {
    ApproximateNumberOfMessages: String(ready),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    DelaySeconds: String(model.delayMs / 1000),
    MaximumMessageSize: String(model.messageBytesMax),
    MessageRetentionPeriod: String(model.retentionMs / 1000),
    QueueArn: model.arn,
    ReceiveMessageWaitTimeSeconds: String(model.receiveWaitMs / 1000),
    VisibilityTimeout: String(model.visibilityTimeoutMs / 1000),
    ...(model.deadLetters !== null && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: model.deadLetters.queueArn,
        maxReceiveCount: model.deadLetters.receivesMax,
      }),
    }),
  };
  if (names.includes('All')) return all;
  const unknown = names.find((name) => !Object.hasOwn(all, name) && name !== 'RedrivePolicy');
  if (unknown !== undefined) throw new SqsFault('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
