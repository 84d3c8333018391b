// Queues as a template would describe them, with times that a test can wait for.
import type { QueueModel } from '../../local/contracts.ts';

export function queueModel(name: string, differences: Partial<QueueModel> = {}): QueueModel {
  return {
    logicalId: name,
    name,
    arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    url: `http://127.0.0.1:1/000000000000/${name}`,
    visibilityTimeoutMs: 30_000,
    retentionMs: 345_600_000,
    delayMs: 0,
    receiveWaitMs: 0,
    messageBytesMax: 1_048_576,
    deadLetters: null,
    ...differences,
  };
}
