// The ports of each function: what its use case needs, from the adapters that the environment gives.
import { socketDialects } from '../shared/dialects/sockets.ts';
import type { Telemetry } from '../shared/ports.ts';
import type { QueueVariable } from '../shared/protocol/environment-names.ts';
import { retention } from '../shared/protocol/limits.ts';
import { systemClock } from '../shared/system/clock.ts';
import { digest } from '../shared/system/digest.ts';
import { frameMeter } from '../shared/system/frame-meter.ts';
import { randomIds } from '../shared/system/ids.ts';
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
import {
  apiKeys,
  broadcastQueue,
  broadcasts,
  connections,
  cursors,
  deadlines,
  deferring,
  depths,
  gateway,
  idempotency,
  listSetting,
  logs,
  numberSetting,
  opener,
  presence,
  rates,
  sources,
  subscriptions,
  telemetry,
  tokens,
  typing,
} from './environment.ts';
import type { ConsumerPorts } from './queue/consumer.ts';

export function admissionPorts(): AdmissionPorts & WithTelemetry {
  return {
    apiKeys: apiKeys(),
    sources: sources(),
    rates: rates(),
    rateLimitPerMinute: numberSetting('rateLimitPerMinute'),
    clock: systemClock(),
    telemetry: telemetry(),
  };
}

export function createBroadcastPorts(): CreateBroadcastPorts {
  return { ...acceptPorts(), idempotency: idempotency(), digest };
}

/** For routes of a back office, which has a key or sends an admin. */
export function officePorts(): OfficePorts & WithTelemetry {
  return { ...admissionPorts(), tokens: tokens() };
}

/** For routes that need no credentials. */
export function visitorPorts(): VisitorPorts & WithTelemetry {
  return { rates: rates(), clock: systemClock(), telemetry: telemetry() };
}

export function presentPorts(): SubscribersOfPorts {
  return { subscriptions: subscriptions(), clock: systemClock() };
}

export function connectionsOfPorts(): ConnectionsOfPorts {
  return { ...presentPorts(), connections: connections() };
}

/** The tenants whose members may tell each other anything; `*` is every tenant. */
export function teams(): readonly string[] {
  return listSetting('teams');
}

export function userAdmissionPorts(): UserAdmissionPorts & WithTelemetry {
  return {
    tokens: tokens(),
    rates: rates(),
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
    lookBackMs: numberSetting('lookBackHours') * retention.lookBackUnitMs,
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
    queue: broadcastQueue(),
    clock: systemClock(),
    telemetry: telemetry(),
  };
}

export function getStatusPorts(): GetStatusPorts {
  return {
    subscriptions: subscriptions(),
    depths: depths(),
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
    queue: broadcastQueue(),
    ids: randomIds(),
    clock: systemClock(),
    telemetry: telemetry(),
    sensitiveFields: listSetting('sensitiveFields'),
  };
}

export function connectPorts(): ConnectPorts & WithTelemetry {
  return {
    ...standingPorts(),
    connections: connections(),
    tokens: tokens(),
    opener: opener(),
    deadlines: deadlines(),
    allowedOrigins: listSetting('allowedOrigins'),
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
    meter: frameMeter(rates()),
  };
}

export function fanOutPorts(): FanOutPorts {
  return {
    broadcasts: broadcasts(),
    logs: logs(),
    subscriptions: subscriptions(),
    cursors: cursors(),
    connections: connections(),
    queue: broadcastQueue(),
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
  return { telemetry: telemetry(), defer: deferring(queue) };
}
