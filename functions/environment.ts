// The only reader of process.env and the only maker of SDK clients: gives each function the ports of its use case.
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { connectionGateway, gatewayClientOptions } from '../shared/apigateway/connection-gateway.ts';
import { broadcastStore } from '../shared/dynamodb/broadcast-store.ts';
import { connectionStore } from '../shared/dynamodb/connection-store.ts';
import { cursorStore } from '../shared/dynamodb/cursor-store.ts';
import { idempotencyStore } from '../shared/dynamodb/idempotency-store.ts';
import { logStore } from '../shared/dynamodb/log-store.ts';
import { rateCounter } from '../shared/dynamodb/rate-counter.ts';
import { subscriptionStore } from '../shared/dynamodb/subscription-store.ts';
import { tokenVerifier } from '../shared/jwt/token-verifier.ts';
import { openerStarter } from '../shared/lambda/opener-starter.ts';
import type { Telemetry } from '../shared/ports.ts';
import type { QueueVariable, SettingName, TableName } from '../shared/protocol/environment-names.ts';
import { queueVariables, settingVariables, tableVariables } from '../shared/protocol/environment-names.ts';
import { retention } from '../shared/protocol/limits.ts';
import { deadlineQueue } from '../shared/sqs/deadline-queue.ts';
import { fanOutQueue } from '../shared/sqs/fan-out-queue.ts';
import { queueDepths } from '../shared/sqs/queue-depths.ts';
import { deferMessage } from '../shared/sqs/visibility.ts';
import { openApiKeys } from '../shared/system/api-keys.ts';
import { systemClock } from '../shared/system/clock.ts';
import { digest } from '../shared/system/digest.ts';
import { randomIds } from '../shared/system/ids.ts';
import { openSourceList } from '../shared/system/source-list.ts';
import { logger } from '../shared/telemetry/logger.ts';
import type { AdmissionPorts } from '../shared/usecases/admit-caller.ts';
import type { UserAdmissionPorts } from '../shared/usecases/admit-user.ts';
import type { ConnectPorts } from '../shared/usecases/connect.ts';
import type { CreateBroadcastPorts } from '../shared/usecases/create-broadcast.ts';
import type { EnforceDeadlinePorts } from '../shared/usecases/enforce-deadline.ts';
import type { FanOutPorts } from '../shared/usecases/fan-out-ports.ts';
import type { DeliveriesPorts } from '../shared/usecases/deliveries-of.ts';
import type { GetStatusPorts } from '../shared/usecases/get-status.ts';
import type { HandleFramePorts } from '../shared/usecases/handle-frame.ts';
import type { MarkReadPorts } from '../shared/usecases/mark-read.ts';
import type { SendMissedPorts } from '../shared/usecases/send-missed.ts';
import type { StandingPorts } from '../shared/usecases/standing-cursors.ts';
import type { SweepOutboxPorts } from '../shared/usecases/sweep-outbox.ts';
import type { ConsumerPorts } from './queue/consumer.ts';

// Each of these is called once, when a function's module is loaded. A variable that is missing stops the function at
// its start, and names itself in the log.

export function admissionPorts(): AdmissionPorts & WithTelemetry {
  return {
    apiKeys: openApiKeys(listOf(setting('apiKeyDigests'))),
    sources: openSourceList(listOf(setting('allowedSources'))),
    rates: rateCounter(documents(), table('guards')),
    rateLimitPerMinute: Number(setting('rateLimitPerMinute')),
    clock: systemClock(),
    telemetry: telemetry(),
  };
}

export function createBroadcastPorts(): CreateBroadcastPorts {
  return {
    broadcasts: broadcasts(),
    idempotency: idempotencyStore(documents(), table('guards')),
    queue: fanOutQueue(queueClient(), queueUrl('broadcasts')),
    digest,
    ids: randomIds(),
    clock: systemClock(),
    telemetry: telemetry(),
  };
}

export function userAdmissionPorts(): UserAdmissionPorts & WithTelemetry {
  return {
    tokens: tokens(),
    rates: rateCounter(documents(), table('guards')),
    clock: systemClock(),
    telemetry: telemetry(),
  };
}

export function getBroadcastPorts(): DeliveriesPorts {
  return { broadcasts: broadcasts(), cursors: cursors(), logs: logs(), clock: systemClock() };
}

export function standingPorts(): StandingPorts {
  return {
    cursors: cursors(),
    logs: logs(),
    clock: systemClock(),
    lookBackMs: Number(setting('lookBackHours')) * retention.lookBackUnitMs,
  };
}

export function updateInboxPorts(): MarkReadPorts {
  return { ...openConnectionPorts(), subscriptions: subscriptions() };
}

export function sweepOutboxPorts(): SweepOutboxPorts & WithTelemetry {
  return {
    broadcasts: broadcasts(),
    queue: fanOutQueue(queueClient(), queueUrl('broadcasts')),
    clock: systemClock(),
    telemetry: telemetry(),
  };
}

export function getStatusPorts(): GetStatusPorts {
  return {
    subscriptions: subscriptions(),
    depths: queueDepths(queueClient(), queueUrl('broadcasts'), queueUrl('deadLetters')),
    clock: systemClock(),
  };
}

export function sendTestPorts(): CreateBroadcastPorts & GetStatusPorts {
  return { ...createBroadcastPorts(), ...getStatusPorts() };
}

export function connectPorts(): ConnectPorts & WithTelemetry {
  return {
    ...standingPorts(),
    connections: connections(),
    tokens: tokens(),
    opener: openerStarter(new LambdaClient(), setting('openerFunction')),
    deadlines: deadlineQueue(queueClient(), queueUrl('deadlines')),
    allowedOrigins: listOf(setting('allowedOrigins')),
    telemetry: telemetry(),
  };
}

export function disconnectPorts(): Pick<ConnectPorts, 'connections' | 'clock'> {
  return { connections: connections(), clock: systemClock() };
}

export function openConnectionPorts(): SendMissedPorts {
  return { ...standingPorts(), connections: connections(), gateway: gateway() };
}

export function handleFramePorts(): HandleFramePorts {
  return { ...updateInboxPorts(), tokens: tokens() };
}

export function fanOutPorts(): FanOutPorts {
  return {
    broadcasts: broadcasts(),
    logs: logs(),
    subscriptions: subscriptions(),
    connections: connections(),
    queue: fanOutQueue(queueClient(), queueUrl('broadcasts')),
    gateway: gateway(),
    clock: systemClock(),
  };
}

export function enforceDeadlinePorts(): EnforceDeadlinePorts {
  return { connections: connections(), gateway: gateway(), clock: systemClock() };
}

export function broadcastConsumerPorts(): ConsumerPorts {
  return consumerPorts('broadcasts');
}

export function deadlineConsumerPorts(): ConsumerPorts {
  return consumerPorts('deadlines');
}

interface WithTelemetry {
  readonly telemetry: Telemetry;
}

function consumerPorts(queue: QueueVariable): ConsumerPorts {
  const client = queueClient();
  const url = queueUrl(queue);
  return {
    telemetry: telemetry(),
    defer: (receiptHandle, seconds) => deferMessage(client, url, receiptHandle, seconds),
  };
}

const broadcasts = () => broadcastStore(documents(), table('broadcasts'), systemClock());
const connections = () =>
  connectionStore(documents(), { connections: table('connections'), subscriptions: table('subscriptions') });
const cursors = () => cursorStore(documents(), table('cursors'), systemClock());
const logs = () => logStore(documents(), table('logs'), systemClock(), setting('logEra'));
const subscriptions = () => subscriptionStore(documents(), table('subscriptions'));
const telemetry = () => logger(systemClock());

const tokens = () => {
  const issuer = setting('tokenIssuer');
  return tokenVerifier({
    issuer,
    audience: setting('tokenAudience'),
    jwksUri: setting('tokenJwksUri') || `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`,
    userClaim: setting('tokenUserClaim'),
    tenantClaim: setting('tokenTenantClaim'),
    rolesClaim: setting('tokenRolesClaim'),
    defaultTenant: setting('defaultTenant'),
  });
};

// One client of each kind for a function, so that its connections are kept alive and shared. The marks let esbuild
// leave out the clients that a function does not reach.
const documents = /* @__PURE__ */ once(() => DynamoDBDocumentClient.from(new DynamoDBClient()));
const queueClient = /* @__PURE__ */ once(() => new SQSClient());
const gateway = /* @__PURE__ */ once(() =>
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
