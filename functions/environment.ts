// The only reader of process.env and the only maker of SDK clients: gives functions/ports.ts the adapters and the settings.
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { connectionGateway, gatewayClientOptions } from '../shared/apigateway/connection-gateway.ts';
import { broadcastStore } from '../shared/dynamodb/broadcast-store.ts';
import { connectionStore } from '../shared/dynamodb/connection-store.ts';
import { cursorStore } from '../shared/dynamodb/cursor-store.ts';
import { idempotencyStore } from '../shared/dynamodb/idempotency-store.ts';
import { logStore } from '../shared/dynamodb/log-store.ts';
import { presenceStore } from '../shared/dynamodb/presence-store.ts';
import { rateCounter } from '../shared/dynamodb/rate-counter.ts';
import { subscriptionStore } from '../shared/dynamodb/subscription-store.ts';
import { typingStore } from '../shared/dynamodb/typing-store.ts';
import { secretsIn } from '../shared/jwt/secret-signature.ts';
import type { SharedSecret } from '../shared/jwt/token-verifier.ts';
import { tokenVerifier } from '../shared/jwt/token-verifier.ts';
import { openerStarter } from '../shared/lambda/opener-starter.ts';
import type { FanOutQueue, IdempotencyStore, QueueDepths, RateCounter } from '../shared/ports.ts';
import type { QueueVariable, SettingName, TableName } from '../shared/protocol/environment-names.ts';
import { queueVariables, settingVariables, tableVariables } from '../shared/protocol/environment-names.ts';
import { deadlineQueue } from '../shared/sqs/deadline-queue.ts';
import { fanOutQueue } from '../shared/sqs/fan-out-queue.ts';
import { queueDepths } from '../shared/sqs/queue-depths.ts';
import { deferMessage } from '../shared/sqs/visibility.ts';
import { secureParameter } from '../shared/ssm/secure-parameter.ts';
import { openApiKeys } from '../shared/system/api-keys.ts';
import { systemClock } from '../shared/system/clock.ts';
import { openSourceList } from '../shared/system/source-list.ts';
import { logger } from '../shared/telemetry/logger.ts';

// Each of these is called once, when a function's module is loaded. A variable that is missing stops the function at
// its start, and names itself in the log.

export const broadcasts = () => broadcastStore(documents(), table('broadcasts'), systemClock());
export const connections = () =>
  connectionStore(documents(), { connections: table('connections'), subscriptions: table('subscriptions') });
export const cursors = () => cursorStore(documents(), table('cursors'), systemClock());
export const deadlines = () => deadlineQueue(queueClient(), queueUrl('deadlines'));
export const presence = () => presenceStore(documents(), table('guards'));
export const typing = () => typingStore(documents(), table('guards'));
export const logs = () => logStore(documents(), table('logs'), systemClock(), setting('logEra'));
export const subscriptions = () => subscriptionStore(documents(), table('subscriptions'));
export const telemetry = () => logger(systemClock());

export const rates = (): RateCounter => rateCounter(documents(), table('guards'));
export const idempotency = (): IdempotencyStore => idempotencyStore(documents(), table('guards'));
export const broadcastQueue = (): FanOutQueue => fanOutQueue(queueClient(), queueUrl('broadcasts'));
export const depths = (): QueueDepths => queueDepths(queueClient(), queueUrl('broadcasts'), queueUrl('deadLetters'));
export const opener = () => openerStarter(new LambdaClient(), setting('openerFunction'));
export const apiKeys = () => openApiKeys(listSetting('apiKeyDigests'));
export const sources = () => openSourceList(listSetting('allowedSources'));

export const tokens = () => {
  const issuer = setting('tokenIssuer');
  return tokenVerifier({
    issuer,
    audience: setting('tokenAudience'),
    jwksUri: setting('tokenJwksUri') || `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`,
    userClaim: setting('tokenUserClaim'),
    tenantClaim: setting('tokenTenantClaim'),
    rolesClaim: setting('tokenRolesClaim'),
    defaultTenant: setting('defaultTenant'),
    sharedSecret: sharedSecret(),
  });
};

/** Nothing is read unless a parameter is named, and not before a token comes that is signed with a secret. */
function sharedSecret(): SharedSecret | null {
  const parameter = setting('jwtSecretParameter');
  if (parameter === '') return null;
  const read = secureParameter(new SSMClient(), parameter, secretsIn, telemetry());
  return { issuer: setting('jwtSecretIssuer'), read };
}

// One client of each kind for a function, so that its connections are kept alive and shared. The marks let esbuild
// leave out the clients that a function does not reach.
const documents = /* @__PURE__ */ once(() => DynamoDBDocumentClient.from(new DynamoDBClient()));
const queueClient = /* @__PURE__ */ once(() => new SQSClient());
export const gateway = /* @__PURE__ */ once(() =>
  connectionGateway(new ApiGatewayManagementApiClient({ ...gatewayClientOptions, endpoint: setting('callbackUrl') })),
);

function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined;
  return () => (made ??= { value: make() }).value;
}

function table(name: TableName): string {
  return variable(tableVariables[name]);
}

function queueUrl(name: QueueVariable): string {
  return variable(queueVariables[name]);
}

/** Makes a message of a queue visible again after so many seconds. */
export function deferring(queue: QueueVariable): (receiptHandle: string, seconds: number) => Promise<void> {
  const client = queueClient();
  const url = queueUrl(queue);
  return (receiptHandle, seconds) => deferMessage(client, url, receiptHandle, seconds);
}

/** A setting that is a number. */
export function numberSetting(name: SettingName): number {
  return Number(setting(name));
}

/** A setting that is a list, with commas between its entries. */
export function listSetting(name: SettingName): readonly string[] {
  return listOf(setting(name));
}

function setting(name: SettingName): string {
  return variable(settingVariables[name]);
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
  return value;
}
