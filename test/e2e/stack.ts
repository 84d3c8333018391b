// The whole system on this machine, for a test: the real template and bundles in the local runtime.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import { digestOf } from '../../commands/api-keys.ts';
import type { Faults } from '../../local/contracts.ts';
import type { Issuer } from '../../local/issuer.ts';
import { openIssuer } from '../../local/issuer.ts';
import type { Runtime } from '../../local/runtime.ts';
import { startRuntime } from '../../local/runtime.ts';

export const apiKey = 'test-key';
export const nextApiKey = 'test-key-2';
export const otherTenantKey = 'test-key-of-acme';

export interface Stack {
  readonly runtime: Runtime;
  readonly issuer: Issuer;
  readonly directory: string;
  token(user: string, options?: { readonly tenant?: string; readonly lifetimeMs?: number }): Promise<string>;
  /** Calls the HTTP API as the contractor CRM does, with the key of the default tenant unless told. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  sqs(): SQSClient;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface StackOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly faults?: Partial<Faults>;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const directory = await mkdtemp(join(tmpdir(), 'bellhop-e2e-'));
  const issuer = await openIssuer(directory);
  const runtime = await startRuntime({
    template: inject('template'),
    assemblyDirectory: inject('assemblyDirectory'),
    dataDirectory: directory,
    port: 0,
    webSocketPath: '/ws',
    faults: options.faults ?? {},
    parameters: {
      ApiKeyDigests: `${digestOf(apiKey)},${digestOf(nextApiKey)},acme:${digestOf(otherTenantKey)}`,
      TokenIssuer: issuer.issuer,
      TokenAudience: issuer.audience,
      TokenJwksUri: '{publicUrl}/.well-known/jwks.json',
      ...options.parameters,
    },
  });
  return {
    runtime,
    issuer,
    directory,
    token: (user, { tenant = 'default', lifetimeMs = 3_600_000 } = {}) =>
      issuer.sign({ user, tenant, roles: ['technician'], lifetimeMs }, Date.now()),
    call: (method, path, body, headers) => call(`${runtime.httpUrl}${path}`, method, body, headers),
    sqs: () =>
      new SQSClient({ region: 'us-east-1', endpoint: runtime.awsEndpoint, credentials: runtime.rootCredentials }),
    stop: async () => {
      await runtime.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A body that is text is sent as it is, so that broken JSON can be sent too. */
export async function call(
  url: string,
  method: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = { 'x-internal-api-key': apiKey },
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

export function broadcastIdOf(answer: Answer): string {
  const id = answer.body['broadcastId'];
  if (answer.status !== 202 || typeof id !== 'string') {
    throw new Error(`not accepted: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
  }
  return id;
}

/** The report of a broadcast once `isThere` says so; the last one when it never does within fifteen seconds. */
export async function reportWhen(
  stack: Pick<Stack, 'call'>,
  broadcastId: string,
  isThere: (counts: Readonly<Record<string, number>>) => boolean,
): Promise<Record<string, unknown>> {
  const untilMs = Date.now() + 15_000;
  for (;;) {
    const { body } = await stack.call('GET', `/api/notifications/broadcasts/${broadcastId}`);
    const counts = body['counts'] as Readonly<Record<string, number>> | undefined;
    if ((counts !== undefined && isThere(counts)) || Date.now() > untilMs) return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
