// One HTTP server for every AWS API: finds the service and the caller in the signature's scope and hands the call over.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsRequest, AwsResponse } from '../contracts.ts';
import type { Guard } from '../permissions.ts';
import { callerOf, failure, type AwsService } from './caller.ts';

export interface AwsEndpoint {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Until this is called, every call is answered with 503. */
  open(guard: Guard, services: Readonly<Record<string, AwsService>>): void;
  close(): Promise<void>;
}

/** DynamoDB's largest request; the other services check smaller limits themselves. */
const bodyBytesMax = 16 * 1024 * 1024;
/** `Credential=<key>/<day>/<region>/<service>/aws4_request` of Signature Version 4. */
const credentialScope = /Credential=([^/,\s]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/;

interface Opened {
  readonly guard: Guard;
  readonly services: Readonly<Record<string, AwsService>>;
}

/** Listens on a free port of 127.0.0.1. Signatures are not verified: whoever reaches the port can read the keys anyway. */
export async function listenForAws(onError: (error: unknown) => void): Promise<AwsEndpoint> {
  let opened: Opened | null = null;
  const server = http.createServer((request, response) => {
    handle(opened, request, response).catch((error: unknown) => {
      // A caller that was ended in the middle of its request has not failed here.
      if (request.complete) onError(error);
      send(response, failure(500, 'InternalFailure', 'The local runtime failed; see its log.'));
    });
  });
  // Frozen functions keep their connections; closing them meanwhile would fail their next call.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    open: (guard, services) => {
      opened = { guard, services };
    },
    close: () =>
      new Promise((resolve) => {
        opened = null;
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function handle(
  opened: Opened | null,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === null) {
    send(response, failure(413, 'RequestEntityTooLarge', 'The request is too large.'));
    return;
  }
  if (opened === null) {
    send(response, failure(503, 'ServiceUnavailable', 'The local runtime is not ready.'));
    return;
  }
  const hangUp = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) hangUp.abort();
  });
  send(response, await answer(opened, request, body, hangUp.signal));
}

function answer(
  { guard, services }: Opened,
  request: http.IncomingMessage,
  body: Buffer,
  signal: AbortSignal,
): Promise<AwsResponse> | AwsResponse {
  const [, accessKeyId, service] = credentialScope.exec(request.headers.authorization ?? '') ?? [];
  if (accessKeyId === undefined || service === undefined) {
    return failure(400, 'MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  }
  const identity = guard.identify(accessKeyId);
  if (identity === undefined) {
    return failure(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  const serve = Object.hasOwn(services, service) ? services[service] : undefined;
  if (serve === undefined) {
    return failure(400, 'UnknownOperationException', `The local runtime does not serve ${service}.`);
  }
  const awsRequest: AwsRequest = {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: request.headers as Readonly<Record<string, string | undefined>>,
    body,
  };
  return serve(awsRequest, callerOf(guard, identity, signal));
}

/** Null when it is larger than any service takes. */
function readBody(request: http.IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyBytesMax) chunks.push(chunk);
    });
    request.on('end', () => {
      resolve(bytes > bodyBytesMax ? null : Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}

function send(response: http.ServerResponse, { status, headers = {}, body = '' }: AwsResponse): void {
  if (response.headersSent || response.destroyed) return;
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}
