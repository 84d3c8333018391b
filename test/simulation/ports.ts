// All ports that the use cases of a run need, in one object.
import type {
  BroadcastStore,
  Clock,
  ConnectionGateway,
  ConnectionStore,
  CursorStore,
  DeadlineQueue,
  Digest,
  FanOutQueue,
  IdempotencyStore,
  Ids,
  LogStore,
  OpenerStarter,
  SubscriptionStore,
  Telemetry,
  TokenVerifier,
} from '../../shared/ports.ts';

export interface Ports {
  readonly broadcasts: BroadcastStore;
  readonly connections: ConnectionStore;
  readonly cursors: CursorStore;
  readonly deadlines: DeadlineQueue;
  readonly gateway: ConnectionGateway;
  readonly idempotency: IdempotencyStore;
  readonly logs: LogStore;
  readonly opener: OpenerStarter;
  readonly queue: FanOutQueue;
  readonly subscriptions: SubscriptionStore;
  readonly tokens: TokenVerifier;
  readonly clock: Clock;
  readonly digest: Digest;
  readonly ids: Ids;
  readonly telemetry: Telemetry;
  readonly lookBackMs: number;
  readonly allowedOrigins: readonly string[];
}

/** Those whose calls leave the process. A token is verified with keys that are at hand. */
export const remotePortNames = [
  'broadcasts',
  'connections',
  'cursors',
  'deadlines',
  'gateway',
  'idempotency',
  'logs',
  'opener',
  'queue',
  'subscriptions',
] as const;
export type RemotePortName = (typeof remotePortNames)[number];
