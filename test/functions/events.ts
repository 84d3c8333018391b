// Events as Lambda gets them from API Gateway and SQS.
import type { APIGatewayProxyEventV2, APIGatewayProxyWebsocketEventV2, Context, SQSEvent, SQSRecord } from 'aws-lambda';

export interface GivenRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly sourceIp?: string;
}

/** A request to the HTTP API, payload format 2.0: header names are in lower case. */
export function httpEvent(given: GivenRequest = {}): APIGatewayProxyEventV2 {
  const { method = 'POST', path = '/api/notifications/broadcast', sourceIp = '203.0.113.7' } = given;
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: new URLSearchParams({ ...given.query }).toString(),
    headers: { ...given.headers },
    ...(given.query === undefined ? {} : { queryStringParameters: { ...given.query } }),
    ...(given.pathParameters === undefined ? {} : { pathParameters: { ...given.pathParameters } }),
    requestContext: {
      accountId: '1',
      apiId: 'api',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'test' },
      requestId: 'request-1',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '21/Nov/2026:08:30:00 +0000',
      timeEpoch: 1_795_249_800_000,
    },
    ...(given.body === undefined ? {} : { body: given.body }),
    isBase64Encoded: given.isBase64Encoded ?? false,
  };
}

/** What a WebSocket route gets. Only `$connect` has headers and a query. */
export function webSocketEvent(
  connectionId: string,
  given: {
    readonly body?: string;
    readonly connectedAt?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly queryStringParameters?: Readonly<Record<string, string>>;
  } = {},
): APIGatewayProxyWebsocketEventV2 {
  const { connectedAt = Date.now(), ...rest } = given;
  return {
    ...rest,
    isBase64Encoded: false,
    requestContext: {
      routeKey: '$connect',
      messageId: 'message-1',
      eventType: 'CONNECT',
      extendedRequestId: 'extended-1',
      requestTime: '21/Nov/2026:08:30:00 +0000',
      messageDirection: 'IN',
      stage: 'live',
      connectedAt,
      requestTimeEpoch: connectedAt,
      requestId: 'request-1',
      domainName: 'socket.example.com',
      connectionId,
      apiId: 'api',
    },
  };
}

export function sqsRecord(messageId: string, body: string, receives = 1): SQSRecord {
  return {
    messageId,
    receiptHandle: `receipt-of-${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '1795249800000',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '1795249800000',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:1:broadcasts',
    awsRegion: 'eu-central-1',
  };
}

export function sqsEvent(...records: readonly SQSRecord[]): SQSEvent {
  return { Records: [...records] };
}

/** An invocation with so much time left. */
export function aContext(remainingMs: () => number = () => 30_000): Context {
  const context: Partial<Context> = { awsRequestId: 'request-1', getRemainingTimeInMillis: remainingMs };
  return context as Context;
}
