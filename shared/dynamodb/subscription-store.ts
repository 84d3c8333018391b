// Subscriptions: which connections follow a topic, by shard.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SubscriptionStore } from '../ports.ts';
import { shardKey } from './keys.ts';
import { isEmptyRange, itemsAfter, queryUpTo } from './pages.ts';
import type { SubscriptionItem } from './subscription-item.ts';
import { subscriberOf } from './subscription-item.ts';

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
