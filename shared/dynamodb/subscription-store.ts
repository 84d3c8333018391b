// Subscriptions: which connections follow a topic, by shard.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Subscriber } from '../domain/connection.ts';
import type { SubscriptionStore } from '../ports.ts';
import { shardKey } from './keys.ts';
import { isEmptyRange, itemsAfter, queryUpTo } from './pages.ts';

/** One connection in one topic: `pk` is the topic's shard, `sk` the connection id. */
export interface SubscriptionItem {
  readonly pk: string;
  readonly sk: string;
  readonly user: string;
  readonly connectedAtMs: number;
  readonly expiresAtMs: number;
  /** Only in the topic of everyone. */
  readonly leaseUntilMs?: number;
  readonly ttl: number;
}

export function subscriptionStore(client: DynamoDBDocumentClient, tableName: string): SubscriptionStore {
  return {
    page: async (tenant, topic, shard, range, limit) => {
      if (isEmptyRange(range)) return { subscribers: [], next: null };
      const query = itemsAfter(tableName, shardKey(tenant, topic, shard), range);
      const { items, more } = await queryUpTo(client, { ...query, ConsistentRead: true }, limit);
      const subscribers = items.map((item) => subscriberOf(item as SubscriptionItem));
      return { subscribers, next: more ? (subscribers.at(-1)?.connectionId ?? null) : null };
    },
  };
}

function subscriberOf({ sk, user, connectedAtMs, expiresAtMs, leaseUntilMs }: SubscriptionItem): Subscriber {
  const subscriber = { connectionId: sk, user, connectedAtMs, expiresAtMs };
  return leaseUntilMs === undefined ? subscriber : { ...subscriber, leaseUntilMs };
}
