// The only reader of process.env and the only maker of SDK clients: gives each function the ports of its use case.
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
import { socketDialects } from '../shared/dialects/sockets.ts';
import { secretsIn } from '../shared/jwt/secret-signature.ts';
import type { SharedSecret } from '../shared/jwt/token-verifier.ts';
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
import { secureParameter } from '../shared/ssm/secure-parameter.ts';
import { openApiKeys } from '../shared/system/api-keys.ts';
import { systemClock } from '../shared/system/clock.ts';
import { digest } from '../shared/system/digest.ts';
import { frameMeter } from '../shared/system/frame-meter.ts';
import { randomIds } from '../shared/system/ids.ts';
import { openSourceList } from '../shared/system/source-list.ts';
import { logger } from '../shared/telemetry/logger.ts';
import type { AdmissionPorts } from '../shared/usecases/admit-caller.ts';
import type { OfficePorts } from '../shared/usecases/admit-office.ts';
import type { UserAdmissionPorts } from '../shared/usecases/admit-user.ts';
import type { VisitorPorts } from '../shared/usecases/admit-visitor.ts';
import type { ConnectPorts } from '../shared/usecases/connect.ts';
import type { AcceptPorts, CreateBroadcastPorts } from '../shared/usecases/create-broadcast.ts';
import type { DisconnectPorts } from '../shared/usecases/disconnect.ts';
import type { EnforceDeadlinePorts } from '../shared/usecases/enforce-deadline.ts';
import type { FanOutPorts } from '../shared/usecases/fan-out-ports.ts';
import type { DeliveriesPorts } from '../shared/usecases/deliveries-of.ts';
import type { GetStatusPorts } from '../shared/usecases/get-status.ts';
import type { HandleFramePorts } from '../shared/usecases/handle-frame.ts';
import type { ConnectionsOfPorts } from '../shared/usecases/list-present.ts';
import type { MarkReadPorts } from '../shared/usecases/mark-read.ts';
import type { GreetPorts } from '../shared/usecases/open-connection.ts';
import type { SendMissedPorts } from '../shared/usecases/send-missed.ts';
import type { StandingPorts } from '../shared/usecases/standing-cursors.ts';
import type { SubscribersOfPorts } from '../shared/usecases/subscribers-of.ts';
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
    sensitiveFields: listOf(setting('sensitiveFields')),
  };
}

/** For routes of a back office, which has a key or sends an admin. */
export function officePorts(): OfficePorts & WithTelemetry {
  return { ...admissionPorts(), tokens: tokens() };
}

/** For routes that need no credentials. */
export function visitorPorts(): VisitorPorts & WithTelemetry {
  return { rates: rateCounter(documents(), table('guards')), clock: systemClock(), telemetry: telemetry() };
}

export function presentPorts(): SubscribersOfPorts {
  return { subscriptions: subscriptions(), clock: systemClock() };
}

export function connectionsOfPorts(): ConnectionsOfPorts {
  return { ...presentPorts(), connections: connections() };
}

/** The tenants whose members may tell each other anything; `*` is every tenant. */
export function teams(): readonly string[] {
  return listOf(setting('teams'));
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
  return { ...postingPorts(), subscriptions: subscriptions() };
}

function postingPorts(): SendMissedPorts {
  return { ...standingPorts(), connections: connections(), gateway: gateway(), dialects: socketDialects };
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

/** What it takes to make a broadcast without a caller's request. */
function acceptPorts(): AcceptPorts {
  return {
    broadcasts: broadcasts(),
    queue: fanOutQueue(queueClient(), queueUrl('broadcasts')),
    ids: randomIds(),
    clock: systemClock(),
    telemetry: telemetry(),
    sensitiveFields: listOf(setting('sensitiveFields')),
  };
}

export function connectPorts(): ConnectPorts & WithTelemetry {
  return {
    ...standingPorts(),
    connections: connections(),
    tokens: tokens(),
    opener: openerStarter(new LambdaClient(), setting('openerFunction')),
    deadlines: deadlines(),
    allowedOrigins: listOf(setting('allowedOrigins')),
    telemetry: telemetry(),
  };
}

export function disconnectPorts(): DisconnectPorts {
  return { connections: connections(), deadlines: deadlines(), clock: systemClock() };
}

export function openConnectionPorts(): GreetPorts {
  return { ...postingPorts(), ...acceptPorts(), presence: presence(), deadlines: deadlines() };
}

export function handleFramePorts(): HandleFramePorts {
  return {
    ...openConnectionPorts(),
    subscriptions: subscriptions(),
    typing: typing(),
    tokens: tokens(),
    teams: teams(),
    meter: frameMeter(rateCounter(documents(), table('guards'))),
  };
}

export function fanOutPorts(): FanOutPorts {
  return {
    broadcasts: broadcasts(),
    logs: logs(),
    subscriptions: subscriptions(),
    cursors: cursors(),
    connections: connections(),
    queue: fanOutQueue(queueClient(), queueUrl('broadcasts')),
    gateway: gateway(),
    dialects: socketDialects,
    clock: systemClock(),
  };
}

export function enforceDeadlinePorts(): EnforceDeadlinePorts {
  return { ...openConnectionPorts(), subscriptions: subscriptions(), typing: typing() };
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
const deadlines = () => deadlineQueue(queueClient(), queueUrl('deadlines'));
const presence = () => presenceStore(documents(), table('guards'));
const typing = () => typingStore(documents(), table('guards'));
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
