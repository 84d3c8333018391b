// What the runtime and a function's worker thread tell each other.

/** Lambda's limit for the request and for the response of an invocation. */
export const payloadBytesMax = 6 * 1024 * 1024;

export interface WorkerSetup {
  readonly file: string;
  readonly exportName: string;
  /** Counts the invocations that were sent; the frozen worker waits for it to change. */
  readonly invocations: SharedArrayBuffer;
}

export interface ToWorker {
  /** JSON, so that functions see exactly what Lambda would hand them. */
  readonly event: string;
  readonly context: InvocationContext;
}

/** What handlers get as `context`, apart from its methods. */
export interface InvocationContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly deadlineMs: number;
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'returned'; readonly payload: string }
  | { readonly kind: 'failed'; readonly message: string };
