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
  FrameMeter,
  IdempotencyStore,
  Ids,
  LogStore,
  OpenerStarter,
  PresenceStore,
  SocketDialects,
  SubscriptionStore,
  Telemetry,
  TokenVerifier,
  TypingStore,
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
  readonly presence: PresenceStore;
  readonly queue: FanOutQueue;
  readonly subscriptions: SubscriptionStore;
  readonly tokens: TokenVerifier;
  readonly typing: TypingStore;
  readonly clock: Clock;
  readonly dialects: SocketDialects;
  readonly digest: Digest;
  readonly ids: Ids;
  readonly meter: FrameMeter;
  readonly telemetry: Telemetry;
  readonly lookBackMs: number;
  readonly allowedOrigins: readonly string[];
  readonly sensitiveFields: readonly string[];
  readonly teams: readonly string[];
}

/** Those whose calls leave the process. A token is verified with keys that are at hand, and a polite client's frames are counted there. */
export const remotePortNames = [
  'broadcasts',
  'connections',
  'cursors',
  'deadlines',
  'gateway',
  'idempotency',
  'logs',
  'opener',
  'presence',
  'queue',
  'subscriptions',
  'typing',
] as const;
export type RemotePortName = (typeof remotePortNames)[number];
