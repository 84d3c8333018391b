// Subscriptions as items: one connection in one topic, with what fan-out must know to post to it.
import type { KnownConnection, Subscriber } from '../domain/connection.ts';
import type { Topic } from '../domain/topic.ts';
import { everyone, shardOf } from '../domain/topic.ts';
import { ttlOf } from './expiry.ts';
import { shardKey } from './keys.ts';

/** `pk` is the topic's shard, `sk` the connection id. */
export interface SubscriptionItem {
  readonly pk: string;
  readonly sk: string;
  readonly user: string;
  readonly connectedAtMs: number;
  readonly expiresAtMs: number;
  /** Absent for Bellhop's own, and in items of an older version. */
  readonly dialect?: Subscriber['dialect'];
  readonly events?: ReadonlySet<string>;
  /** Only in the topic of everyone. */
  readonly leaseUntilMs?: number;
  /** The change of the connection that it is of; absent before the first. */
  readonly version?: number;
  /** In the topic of a room: which word on that room it is of. */
  readonly turn?: number;
  readonly ttl: number;
}

export function subscriptionItem(connection: KnownConnection, topic: Topic, version = 0): SubscriptionItem {
  const { connectionId, tenant, user, connectedAtMs, expiresAtMs, dialect, events = [], leaseUntilMs } = connection;
  return {
    pk: shardKey(tenant, topic, shardOf(topic, user)),
    sk: connectionId,
    user,
    connectedAtMs,
    expiresAtMs,
    ...(dialect === 'bellhop' ? {} : { dialect }),
    ...(events.length === 0 ? {} : { events: new Set(events) }),
    ...(topic === everyone ? { leaseUntilMs } : {}),
    ...(version === 0 ? {} : { version }),
    ttl: ttlOf(expiresAtMs),
  };
}

export function subscriberOf(item: SubscriptionItem): Subscriber {
  const { sk, user, connectedAtMs, expiresAtMs, dialect = 'bellhop', events, leaseUntilMs } = item;
  return {
    connectionId: sk,
    user,
    connectedAtMs,
    expiresAtMs,
    dialect,
    ...(events === undefined ? {} : { events: [...events].sort() }),
    ...(leaseUntilMs === undefined ? {} : { leaseUntilMs }),
  };
}
