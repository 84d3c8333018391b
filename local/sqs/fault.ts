// The refusals of SQS, in the shape of its JSON protocol.

import type { AwsResponse } from '../contracts.ts';

interface FaultKind {
  readonly status: number;
  /** What the older query protocol called it; the SDK expects it in a header. */
  readonly queryCode: string;
}

const kinds = {
  BatchEntryIdsNotDistinct: { status: 400, queryCode: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct' },
  BatchRequestTooLong: { status: 400, queryCode: 'AWS.SimpleQueueService.BatchRequestTooLong' },
  EmptyBatchRequest: { status: 400, queryCode: 'AWS.SimpleQueueService.EmptyBatchRequest' },
  InvalidAttributeName: { status: 400, queryCode: 'InvalidAttributeName' },
  InvalidBatchEntryId: { status: 400, queryCode: 'AWS.SimpleQueueService.InvalidBatchEntryId' },
  InvalidMessageContents: { status: 400, queryCode: 'InvalidMessageContents' },
  InvalidParameterValue: { status: 400, queryCode: 'InvalidParameterValue' },
  MessageNotInflight: { status: 400, queryCode: 'AWS.SimpleQueueService.MessageNotInflight' },
  MissingParameter: { status: 400, queryCode: 'MissingParameter' },
  QueueDoesNotExist: { status: 400, queryCode: 'AWS.SimpleQueueService.NonExistentQueue' },
  ReceiptHandleIsInvalid: { status: 404, queryCode: 'ReceiptHandleIsInvalid' },
  TooManyEntriesInBatchRequest: { status: 400, queryCode: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest' },
  UnsupportedOperation: { status: 400, queryCode: 'AWS.SimpleQueueService.UnsupportedOperation' },
} as const satisfies Record<string, FaultKind>;

export type SqsFaultName = keyof typeof kinds;

export class SqsFault extends Error {
  override readonly name = 'SqsFault';
  readonly code: SqsFaultName;

  constructor(code: SqsFaultName, message: string) {
    super(message);
    this.code = code;
  }
}

export function faultResponse({ code, message }: SqsFault): AwsResponse {
  const { status, queryCode } = kinds[code];
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${queryCode};Sender` },
    body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
  };
}

/** How one entry of a batch fails while the others go on. */
export function faultEntry(id: string, { code, message }: SqsFault): object {
  return { Id: id, SenderFault: true, Code: kinds[code].queryCode, Message: message };
}
