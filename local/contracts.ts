// What the parts of the local runtime promise each other: what the template says, and how functions are called.

/** Everything that a template asks the local runtime to serve. */
export interface TemplateModel {
  readonly functions: readonly FunctionModel[];
  readonly tables: readonly TableModel[];
  readonly queues: readonly QueueModel[];
  readonly eventSources: readonly EventSourceModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly httpApi: HttpApiModel | null;
  readonly webSocketApi: WebSocketApiModel | null;
  /** What stands before both APIs. */
  readonly frontDoor: FrontDoorModel | null;
  /** Where clients connect on the public port: the first door for sockets, or without doors the stage. Null without sockets. */
  readonly webSocketPath: string | null;
  readonly outputs: Readonly<Record<string, string>>;
}

/** One Lambda function of the template, with every intrinsic resolved. */
export interface FunctionModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The folder that holds the code. */
  readonly codeDirectory: string;
  /** `index.handler`: file without its ending, then the export. */
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  /** What its role allows. */
  readonly permissions: readonly Statement[];
  /** Reserved concurrency; null leaves it to the runtime. */
  readonly concurrencyMax: number | null;
  /** What Lambda does with an asynchronous invocation that fails. */
  readonly asynchronous: { readonly retriesMax: number; readonly ageMaxMs: number };
}

/** One statement of an IAM policy, always as lists. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export interface TableModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly attributes: readonly AttributeModel[];
  readonly key: readonly KeyModel[];
  readonly globalIndexes: readonly IndexModel[];
  readonly localIndexes: readonly IndexModel[];
  /** The attribute that holds the second of the epoch at which an item expires; null when items do not. */
  readonly expiryAttribute: string | null;
}

export interface AttributeModel {
  readonly AttributeName: string;
  readonly AttributeType: 'S' | 'N' | 'B';
}

export interface KeyModel {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

export interface IndexModel {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyModel[];
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
}

export interface QueueModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutMs: number;
  readonly retentionMs: number;
  readonly delayMs: number;
  /** How long a receive waits for a message when it does not say so itself. */
  readonly receiveWaitMs: number;
  readonly messageBytesMax: number;
  readonly deadLetters: { readonly queueArn: string; readonly receivesMax: number } | null;
}

export interface EventSourceModel {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly batchWindowMs: number;
  readonly concurrencyMax: number | null;
  readonly reportsItemFailures: boolean;
}

/** A schedule of EventBridge Scheduler that calls a function at a steady rate. */
export interface ScheduleModel {
  readonly name: string;
  readonly arn: string;
  readonly functionName: string;
  readonly intervalMs: number;
  /** The event as JSON text; null for the one that EventBridge Scheduler sends when the template gives none. */
  readonly input: string | null;
}

export interface HttpApiModel {
  readonly apiId: string;
  readonly stage: string;
  readonly routes: readonly HttpRouteModel[];
  /** Null where the template configures none. */
  readonly cors: CorsModel | null;
}

/** Which web pages may call an HTTP API, and what they may send and read. */
export interface CorsModel {
  /** Whole origins; `*` is all, `https://*` all of that scheme. */
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number | null;
}

export interface HttpRouteModel {
  readonly method: string;
  /** As in the template: `/api/notifications/broadcasts/{id}`. */
  readonly path: string;
  readonly functionName: string;
  readonly timeoutMs: number;
}

export interface WebSocketApiModel {
  readonly apiId: string;
  readonly stage: string;
  readonly routeSelectionExpression: string;
  /** By route key: `$connect`, `$disconnect`, `$default`, or a custom one. */
  readonly routes: Readonly<Record<string, { readonly functionName: string; readonly timeoutMs: number }>>;
}

/** A CloudFront distribution. */
export interface FrontDoorModel {
  readonly distributionId: string;
  readonly domainName: string;
  /** In order of precedence; the last one takes every path. */
  readonly behaviours: readonly BehaviourModel[];
}

export interface BehaviourModel {
  /** `*` stands for any characters, `?` for one. */
  readonly pathPattern: string;
  /** Where its requests go. */
  readonly api: 'http' | 'websocket';
  readonly apiId: string;
  readonly methods: readonly string[];
  /** What runs before a request is passed on. */
  readonly viewerRequest: EdgeFunctionModel | null;
}

/** A CloudFront Function. */
export interface EdgeFunctionModel {
  readonly name: string;
  /** JavaScript that declares `handler`. */
  readonly code: string;
}

/** What came of one invocation. `error` carries what the function threw, for the log; callers outside never see it. */
export type InvocationResult =
  | { readonly outcome: 'returned'; readonly payload: unknown }
  | { readonly outcome: 'error' | 'timeout' | 'throttled'; readonly message: string };

export interface Functions {
  /** Calls a function and waits for its answer; resolves whatever happens. */
  invoke(functionName: string, payload: unknown): Promise<InvocationResult>;
  /** Calls a function asynchronously, as Lambda's `Event` invocation does. */
  invokeLater(functionName: string, payload: unknown): void;
}

/** What goes wrong on purpose, as shares between 0 and 1; all 0 unless asked for. */
export interface Faults {
  /** `$disconnect` that never reaches its function. */
  readonly disconnectLostShare: number;
  /** Queue messages that are delivered twice. */
  readonly queueDuplicateShare: number;
  /** Posts to connections that are answered with 429. */
  readonly postThrottledShare: number;
}

/** One AWS API call after routing and the permission check. */
export interface AwsRequest {
  readonly method: string;
  /** The path as sent, still percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A line for the person who watches the start, or for the log files. */
export type Report = (line: string) => void;
