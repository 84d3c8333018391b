// Feeds the messages of a queue to a function in batches, as Lambda's event source mapping for SQS does.

import { region } from './account.ts';
import type { EventSourceModel, Faults, Functions, InvocationResult } from './contracts.ts';
import { systemAttributes } from './sqs/api.ts';
import type { MessageAttributes } from './sqs/message.ts';
import type { Queue, ReceivedMessage } from './sqs/queue.ts';

export interface EventSourceOptions {
  readonly model: EventSourceModel;
  readonly queue: Queue;
  readonly functions: Functions;
  readonly faults: Pick<Faults, 'queueDuplicateShare'>;
  readonly onError: (error: unknown) => void;
  readonly random?: () => number;
}

export interface EventSource {
  /** Takes no more messages and waits for the batches that run. */
  stop(): Promise<void>;
}

/** As many as there are copies of a function here: more would take messages only to let their visibility run out. */
const lanesMax = 4;
/** Only how often an idle lane looks again; a message wakes it at once. */
const idleWaitMs = 20_000;
/** Lambda closes a batch before the event is larger than an invocation may be. */
const batchBytesMax = 5 * 1024 * 1024;

export function startEventSource(options: EventSourceOptions): EventSource {
  const stopping = new AbortController();
  const lanes = Array.from({ length: Math.min(options.model.concurrencyMax ?? lanesMax, lanesMax) }, () =>
    runLane(options, stopping.signal),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(lanes);
    },
  };
}

async function runLane(options: EventSourceOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const batch = await collectBatch(options, signal);
      if (batch.length > 0) await deliver(options, batch);
    } catch (error) {
      // What it had taken becomes visible again by itself.
      options.onError(error);
    }
  }
}

/** The first message opens the batch; the window may add more. */
async function collectBatch(
  { model, queue }: EventSourceOptions,
  signal: AbortSignal,
): Promise<readonly ReceivedMessage[]> {
  const limits = { bytesMax: batchBytesMax, signal };
  const batch = [...(await queue.receive({ ...limits, max: model.batchSize, waitMs: idleWaitMs }))];
  const untilMs = Date.now() + model.batchWindowMs;
  while (batch.length > 0 && batch.length < model.batchSize && !signal.aborted) {
    const waitMs = untilMs - Date.now();
    const bytesMax = batchBytesMax - batch.reduce((sum, { body }) => sum + body.length, 0);
    if (waitMs <= 0 || bytesMax <= 0) break;
    batch.push(...(await queue.receive({ signal, bytesMax, max: model.batchSize - batch.length, waitMs })));
  }
  return batch;
}

async function deliver(options: EventSourceOptions, batch: readonly ReceivedMessage[]): Promise<void> {
  const { model, queue, functions, faults, random = Math.random } = options;
  const result = await functions.invoke(model.functionName, eventOf(model, batch));
  const failed = failedIds(model, batch, result);
  await queue.remove(batch.filter(({ id }) => !failed.has(id)).map(({ receiptHandle }) => receiptHandle));
  const repeated = batch.filter(() => random() < faults.queueDuplicateShare);
  // Standard queues may deliver what was already deleted; what the function says to it changes nothing any more.
  if (repeated.length > 0) await functions.invoke(model.functionName, eventOf(model, repeated));
}

/** The ids that stay in the queue until their visibility ends. */
function failedIds(
  model: EventSourceModel,
  batch: readonly ReceivedMessage[],
  result: InvocationResult,
): ReadonlySet<string> {
  const all = new Set(batch.map(({ id }) => id));
  if (result.outcome !== 'returned') return all;
  return model.reportsItemFailures ? (reportedIds(result.payload, all) ?? all) : new Set();
}

/** Null for a report that Lambda does not understand, which fails the whole batch. */
function reportedIds(payload: unknown, all: ReadonlySet<string>): ReadonlySet<string> | null {
  if (payload === null) return new Set();
  if (typeof payload !== 'object') return null;
  const failures: unknown = (payload as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return null;
  const ids = failures.map((failure: unknown) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  return ids.every((id): id is string => typeof id === 'string' && all.has(id)) ? new Set(ids) : null;
}

function eventOf({ queueArn }: EventSourceModel, batch: readonly ReceivedMessage[]): object {
  return {
    Records: batch.map((message) => ({
      messageId: message.id,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: systemAttributes(message),
      messageAttributes: messageAttributesOf(message.attributes),
      md5OfBody: message.bodyMd5,
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: region,
    })),
  };
}

/** Lambda's spelling of message attributes differs from that of SQS. */
function messageAttributesOf(attributes: MessageAttributes): object {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        dataType: DataType,
        stringListValues: [],
        binaryListValues: [],
        ...(StringValue !== undefined && { stringValue: StringValue }),
        ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
      },
    ]),
  );
}
