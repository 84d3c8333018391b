// The whole system on this machine, for a test: the real template and bundles in the local runtime.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
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
  token(user: string, options?: TokenOptions): Promise<string>;
  /** Calls the HTTP API as the contractor CRM does, with the key of the default tenant unless told. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Calls it as this person's app does, without a socket. */
  callAs(token: string, method: string, path: string, body?: unknown): Promise<Answer>;
  sqs(): SQSClient;
  /** The tables, with the operator's credentials. */
  documents(): DynamoDBDocumentClient;
  tableName(logicalId: string): string;
  stop(): Promise<void>;
}

export interface TokenOptions {
  readonly tenant?: string;
  readonly roles?: readonly string[];
  readonly lifetimeMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface StackOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  /** What lies in the Parameter Store. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly faults?: Partial<Faults>;
  readonly timeScale?: number;
  /** The data folder of an earlier start, which stays; without one it is a new one, which goes with the stack. */
  readonly directory?: string;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'bellhop-e2e-')));
  const issuer = await openIssuer(directory);
  const runtime = await startRuntime({
    template: inject('template'),
    assemblyDirectory: inject('assemblyDirectory'),
    dataDirectory: directory,
    port: 0,
    secrets: options.secrets ?? {},
    faults: options.faults ?? {},
    timeScale: options.timeScale ?? 1,
    parameters: {
      ApiKeyDigests: `${digestOf(apiKey)},${digestOf(nextApiKey)},acme:${digestOf(otherTenantKey)}`,
      TokenIssuer: issuer.issuer,
      TokenAudience: issuer.audience,
      TokenJwksUri: '{publicUrl}/.well-known/jwks.json',
      ...options.parameters,
    },
  });
  const { awsEndpoint: endpoint, rootCredentials } = runtime;
  const client = { region: 'us-east-1', endpoint, credentials: { ...rootCredentials } };
  return {
    runtime,
    issuer,
    directory,
    token: (user, { tenant = 'default', roles = ['technician'], lifetimeMs = 3_600_000 } = {}) =>
      issuer.sign({ user, tenant, roles, lifetimeMs }, Date.now()),
    call: (method, path, body, headers) => call(`${runtime.httpUrl}${path}`, method, body, headers),
    callAs: (token, method, path, body) =>
      call(`${runtime.httpUrl}${path}`, method, body, { authorization: `Bearer ${token}` }),
    sqs: () => new SQSClient(client),
    documents: () => DynamoDBDocumentClient.from(new DynamoDBClient(client)),
    tableName: (logicalId) => {
      const table = runtime.model.tables.find((candidate) => candidate.logicalId === logicalId);
      if (table === undefined) throw new Error(`the template has no ${logicalId}`);
      return table.name;
    },
    stop: async () => {
      await runtime.stop();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
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
