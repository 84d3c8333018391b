// The JSON protocol of SQS: one function an operation, each with the permission check of its caller.

import { failure, json, type AwsService, type Caller } from '../aws/caller.ts';
import type { AwsRequest, AwsResponse } from '../contracts.ts';
import { faultEntry, faultResponse, SqsFault } from './fault.ts';
import {
  readEntries,
  readInput,
  readMessage,
  readSeconds,
  readText,
  readTexts,
  readWhole,
  type BatchEntry,
  type Input,
} from './input.ts';
import { attributesMd5, readHandle, type MessageAttributes, type StoredMessage } from './message.ts';
import type { Queue, ReceivedMessage } from './queue.ts';
import { queueAttributes } from './queue-attributes.ts';
import type { Queues } from './queues.ts';

interface Operation {
  /** The permission; batches need the same as single calls. */
  readonly action: string;
  readonly run: (queue: Queue, input: Input, signal: AbortSignal) => Promise<object> | object;
}

const batchBytesMax = 1_048_576;
const visibilitySecondsMax = 43_200;

const operations: Readonly<Record<string, Operation>> = {
  SendMessage: { action: 'SendMessage', run: sendMessage },
  SendMessageBatch: { action: 'SendMessage', run: sendMessageBatch },
  ReceiveMessage: { action: 'ReceiveMessage', run: receiveMessage },
  DeleteMessage: { action: 'DeleteMessage', run: deleteMessage },
  DeleteMessageBatch: {
    action: 'DeleteMessage',
    run: (queue, input) => eachEntry(readEntries(input), (entry) => deleteMessage(queue, entry)),
  },
  ChangeMessageVisibility: { action: 'ChangeMessageVisibility', run: changeMessageVisibility },
  ChangeMessageVisibilityBatch: {
    action: 'ChangeMessageVisibility',
    run: (queue, input) => eachEntry(readEntries(input), (entry) => changeMessageVisibility(queue, entry)),
  },
  GetQueueAttributes: {
    action: 'GetQueueAttributes',
    run: (queue, input) => ({ Attributes: queueAttributes(queue, readTexts(input, 'AttributeNames')) }),
  },
  GetQueueUrl: { action: 'GetQueueUrl', run: ({ model }) => ({ QueueUrl: model.url }) },
  PurgeQueue: {
    action: 'PurgeQueue',
    run: async (queue) => {
      await queue.purge();
      return {};
    },
  },
};

/** Serves the queues that the template names; queues cannot be made or deleted by calls. */
export function sqsService(queues: Queues): AwsService {
  return async (request, caller) => {
    try {
      return await serve(queues, request, caller);
    } catch (error) {
      if (error instanceof SqsFault) return faultResponse(error);
      throw error;
    }
  };
}

async function serve(queues: Queues, request: AwsRequest, caller: Caller): Promise<AwsResponse> {
  const target = request.headers['x-amz-target'] ?? '';
  const name = target.replace('AmazonSQS.', '');
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined) {
    return failure(400, 'UnknownOperationException', `The local runtime does not serve ${target || 'this request'}.`);
  }
  const input = readInput(request.body);
  const queueName = name === 'GetQueueUrl' ? readText(input, 'QueueName') : queueNameIn(readText(input, 'QueueUrl'));
  const queue = queues.named(queueName);
  if (queue === undefined) throw new SqsFault('QueueDoesNotExist', 'The specified queue does not exist.');
  const refused = caller.refusal(`sqs:${operation.action}`, queue.model.arn);
  return refused ?? json(200, await operation.run(queue, input, caller.signal));
}

function queueNameIn(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

async function sendMessage(queue: Queue, input: Input): Promise<object> {
  const [sent] = await queue.send([readMessage(input, queue.model.messageBytesMax)]);
  return sent === undefined ? {} : sentResult(sent);
}

async function sendMessageBatch(queue: Queue, input: Input): Promise<object> {
  const failed: object[] = [];
  const checked = readEntries(input).flatMap(({ id, input: fields }) => {
    try {
      return [{ id, message: readMessage(fields, queue.model.messageBytesMax) }];
    } catch (error) {
      if (!(error instanceof SqsFault)) throw error;
      failed.push(faultEntry(id, error));
      return [];
    }
  });
  const bytes = checked.reduce((sum, { message }) => sum + message.bytes, 0);
  if (bytes > batchBytesMax) {
    const limit = `Batch requests cannot be longer than ${String(batchBytesMax)} bytes`;
    throw new SqsFault('BatchRequestTooLong', `${limit}. You have sent ${String(bytes)} bytes.`);
  }
  const sent = await queue.send(checked.map(({ message }) => message));
  const successful = sent.map((message, index) => ({ Id: checked[index]?.id, ...sentResult(message) }));
  return { Successful: successful, Failed: failed };
}

function sentResult({ id, bodyMd5, attributes }: StoredMessage): object {
  return { MessageId: id, MD5OfMessageBody: bodyMd5, ...checksumOf(attributes) };
}

function checksumOf(attributes: MessageAttributes): object {
  return Object.keys(attributes).length === 0 ? {} : { MD5OfMessageAttributes: attributesMd5(attributes) };
}

async function receiveMessage(queue: Queue, input: Input, signal: AbortSignal): Promise<object> {
  const visibilityMs = readSeconds(input, 'VisibilityTimeout', visibilitySecondsMax);
  const received = await queue.receive({
    max: readWhole(input, 'MaxNumberOfMessages', 1, 10) ?? 1,
    waitMs: readSeconds(input, 'WaitTimeSeconds', 20) ?? queue.model.receiveWaitMs,
    ...(visibilityMs !== undefined && { visibilityMs }),
    signal,
  });
  const systemNames = [...readTexts(input, 'AttributeNames'), ...readTexts(input, 'MessageSystemAttributeNames')];
  const names = readTexts(input, 'MessageAttributeNames');
  return received.length === 0 ? {} : { Messages: received.map((message) => describe(message, systemNames, names)) };
}

function describe(message: ReceivedMessage, systemNames: readonly string[], names: readonly string[]): object {
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => systemNames.includes('All') || systemNames.includes(name),
  );
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => names.some((pattern) => isWanted(name, pattern))),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: message.bodyMd5,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
    ...checksumOf(attributes),
  };
}

/** `All`, `.*`, a name, or a prefix: `trace.*`. */
function isWanted(name: string, pattern: string): boolean {
  return pattern === 'All' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -2)));
}

/** What SQS says about a received message, all as text. */
export function systemAttributes(message: ReceivedMessage): Readonly<Record<string, string>> {
  return {
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    SentTimestamp: String(message.sentAtMs),
    SenderId: 'LOCAL',
    ...(message.deadLetterSourceArn !== null && { DeadLetterQueueSourceArn: message.deadLetterSourceArn }),
  };
}

async function deleteMessage(queue: Queue, input: Input): Promise<object> {
  await queue.remove([readReceiptHandle(input)]);
  return {};
}

function changeMessageVisibility(queue: Queue, input: Input): object {
  const handle = readReceiptHandle(input);
  const visibilityMs = readSeconds(input, 'VisibilityTimeout', visibilitySecondsMax);
  if (visibilityMs === undefined) throw new SqsFault('MissingParameter', 'VisibilityTimeout is missing.');
  switch (queue.changeVisibility(handle, visibilityMs)) {
    case 'changed':
      return {};
    case 'not-in-flight':
      throw new SqsFault('MessageNotInflight', 'The message is not in flight.');
    case 'unknown':
      throw new SqsFault(
        'InvalidParameterValue',
        'Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.',
      );
  }
}

function readReceiptHandle(input: Input): string {
  const handle = readText(input, 'ReceiptHandle');
  if (readHandle(handle) !== null) return handle;
  throw new SqsFault('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
}

/** Runs every entry of a batch; one that fails leaves the others alone. */
async function eachEntry(
  entries: readonly BatchEntry[],
  run: (input: Input) => Promise<object> | object,
): Promise<object> {
  const successful: object[] = [];
  const failed: object[] = [];
  for (const { id, input } of entries) {
    try {
      await run(input);
      successful.push({ Id: id });
    } catch (error) {
      if (!(error instanceof SqsFault)) throw error;
      failed.push(faultEntry(id, error));
    }
  }
  return { Successful: successful, Failed: failed };
}
