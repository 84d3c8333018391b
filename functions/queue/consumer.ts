// Wraps a queue's function: each record on its own, what fails comes again soon, and ends as a dead letter.
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod/mini';
import { receiveBackoffSeconds } from '../../shared/domain/backoff.ts';
import type { Telemetry } from '../../shared/ports.ts';
import { parseJson } from '../../shared/protocol/json.ts';
import { requestLimits } from '../../shared/protocol/limits.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { untilDeadline } from '../deadline.ts';

export interface ConsumerPorts {
  readonly telemetry: Telemetry;
  /** Makes a message visible again after so many seconds, sooner than its visibility timeout would. */
  readonly defer: (receiptHandle: string, seconds: number) => Promise<void>;
}

export function queueConsumer<Schema extends z.ZodMiniType>(
  ports: ConsumerPorts,
  schema: Schema,
  run: (message: z.infer<Schema>, goOn: () => boolean) => Promise<void>,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  return async (event, context) => {
    const goOn = untilDeadline(context);
    const failed = await Promise.all(
      event.Records.map(async (record) => {
        try {
          await run(validate(schema, parseJson(record.body, 'message', requestLimits.jsonDepthMax), 'message'), goOn);
          return [];
        } catch (error) {
          await giveBack(ports, record, error);
          return [{ itemIdentifier: record.messageId }];
        }
      }),
    );
    return { batchItemFailures: failed.flat() };
  };
}

async function giveBack(ports: ConsumerPorts, record: SQSRecord, error: unknown): Promise<void> {
  const receives = Number(record.attributes.ApproximateReceiveCount);
  ports.telemetry.error('message_failed', { messageId: record.messageId, receives }, error);
  try {
    await ports.defer(record.receiptHandle, receiveBackoffSeconds(receives, error));
  } catch (deferError) {
    // Without the shorter wait the message comes again after its visibility timeout.
    ports.telemetry.error('message_not_deferred', { messageId: record.messageId }, deferError);
  }
}
