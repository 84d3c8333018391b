// The way from a function to a socket: API Gateway's management API.
import type {
  ApiGatewayManagementApiClient,
  ApiGatewayManagementApiClientConfig,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DeleteConnectionCommand, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import type { ConnectionGateway, PostOutcome } from '../ports.ts';
import { fanOutLimits } from '../protocol/limits.ts';

/**
 * How the client must be made. One attempt, because fan-out decides what is tried again. The middleware is built once
 * instead of once a call, a fifth of the SDK's time; it only works for calls without options, so the time limit is the
 * request handler's, not an abort signal. A socket for each post that may be under way.
 */
export const gatewayClientOptions = {
  maxAttempts: 1,
  cacheMiddleware: true,
  requestHandler: {
    connectionTimeout: fanOutLimits.postTimeoutMs,
    requestTimeout: fanOutLimits.postTimeoutMs,
    throwOnRequestTimeout: true,
    httpsAgent: { keepAlive: true, maxSockets: fanOutLimits.postsAtOnce },
  },
} as const satisfies ApiGatewayManagementApiClientConfig;

export function connectionGateway(client: ApiGatewayManagementApiClient): ConnectionGateway {
  return {
    post: async (connectionId, frame) => {
      const request = new PostToConnectionCommand({
        ConnectionId: connectionId,
        Data: new TextEncoder().encode(frame),
      });
      return withinTimeLimit(client.send(request).then(() => 'posted', outcomeOf));
    },
    close: async (connectionId) => {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
      } catch (error) {
        if (outcomeOf(error) !== 'gone') throw error;
      }
    },
  };
}

/** The SDK's own time limit has been seen to fail (aws-sdk-js-v3 issues 6896 and 7632); this one lets nothing wait longer. */
async function withinTimeLimit(post: Promise<PostOutcome>): Promise<PostOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<PostOutcome>((resolve) => {
    timer = setTimeout(resolve, fanOutLimits.postTimeoutMs, 'unavailable');
  });
  try {
    return await Promise.race([post, limit]);
  } finally {
    clearTimeout(timer);
  }
}

const outcomesByName = new Map<string, PostOutcome>([
  ['GoneException', 'gone'],
  // What the gateway calls a connection id that it can never have given out.
  ['BadRequestException', 'gone'],
  ['PayloadTooLargeException', 'too_large'],
  // Too many posts, or the buffer of this one client is full: nothing here can tell which.
  ['LimitExceededException', 'throttled'],
  ['ThrottlingException', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
]);

/** What a failed call says about the connection. What it cannot say (403: a wrong address or permission) is a bug, and thrown. */
function outcomeOf(error: unknown): PostOutcome {
  if (!(error instanceof Error)) throw error;
  const outcome = outcomesByName.get(error.name) ?? outcomeOfStatus(statusOf(error)) ?? outcomeOfNetwork(error);
  if (outcome === null) throw error;
  return outcome;
}

/** Version 3 of the SDK sets no `statusCode` on its errors. An answer without a body may have no name either, but it has a status. */
function statusOf(error: Error & { readonly $metadata?: { readonly httpStatusCode?: number } }): number | undefined {
  return error.$metadata?.httpStatusCode;
}

function outcomeOfStatus(status: number | undefined): PostOutcome | null {
  if (status === undefined) return null;
  if (status === 410 || status === 400) return 'gone';
  if (status === 413) return 'too_large';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'unavailable' : null;
}

/** Codes of the operating system (`ECONNRESET`, `EPIPE`) and the SDK's time-out mean that the network failed; Node's own (`ERR_…`) that we did. */
function outcomeOfNetwork(error: Error & { readonly code?: unknown }): PostOutcome | null {
  const isNetwork = error.name === 'TimeoutError' || (typeof error.code === 'string' && /^E(?!RR_)/.test(error.code));
  return isNetwork ? 'unavailable' : null;
}
