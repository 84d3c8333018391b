// A server that answers like API Gateway's management API, or like anything else that may stand in its place.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import type { PostOutcome } from '../../shared/ports.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What API Gateway really sends: the name in a header, and often no body at all. */
const answers: Readonly<Record<PostOutcome, Answer>> = {
  posted: { status: 200 },
  gone: { status: 410, headers: { 'x-amzn-ErrorType': 'GoneException' } },
  too_large: { status: 413, headers: { 'x-amzn-ErrorType': 'PayloadTooLargeException' } },
  throttled: { status: 429, headers: { 'x-amzn-ErrorType': 'LimitExceededException' } },
  unavailable: { status: 503 },
};

export interface StubGateway {
  readonly endpoint: () => string;
  readonly answer: (connectionId: string, answer: PostOutcome | Answer | 'silence' | 'reset') => void;
  readonly frames: (connectionId: string) => readonly unknown[];
  readonly requests: readonly IncomingMessage[];
  /** Resolves when the client has given up the next request that is met with silence. */
  readonly abandoned: () => Promise<void>;
}

export function useStubGateway(): StubGateway {
  const planned = new Map<string, Answer | 'silence' | 'reset'>();
  const received = new Map<string, unknown[]>();
  const requests: IncomingMessage[] = [];
  let onAbandoned: () => void = () => undefined;

  const respond = (connectionId: string, body: string, response: ServerResponse): void => {
    const answer = planned.get(connectionId) ?? answers.posted;
    if (answer === 'silence') {
      response.on('close', () => {
        onAbandoned();
      });
      return;
    }
    if (answer === 'reset') {
      response.destroy();
      return;
    }
    if (answer.status === 200) received.set(connectionId, [...(received.get(connectionId) ?? []), JSON.parse(body)]);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };

  const server = createServer((request, response) => {
    requests.push(request);
    const connectionId = decodeURIComponent((request.url ?? '').replace(/^\/live\/@connections\//, ''));
    void bodyOf(request).then((body) => {
      if (request.method === 'POST') {
        respond(connectionId, body, response);
        return;
      }
      const isGone = planned.get(connectionId) === answers.gone;
      planned.set(connectionId, answers.gone);
      response.writeHead(isGone ? 410 : 204, isGone ? answers.gone.headers : {}).end();
    });
  });

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    endpoint: () => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/live`,
    answer: (connectionId, answer) => {
      const isOutcome = typeof answer === 'string' && answer !== 'silence' && answer !== 'reset';
      planned.set(connectionId, isOutcome ? answers[answer] : answer);
    },
    frames: (connectionId) => received.get(connectionId) ?? [],
    requests,
    abandoned: async () =>
      new Promise((resolve) => {
        onAbandoned = resolve;
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
