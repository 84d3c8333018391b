// What the contracts of connections look at: the subscribers of each topic of a connection.
import type { KnownConnection, Subscriber } from '../../shared/domain/connection.ts';
import { subscribedTopics } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { shardOf } from '../../shared/domain/topic.ts';
import type { ConnectionStore, SubscriptionStore } from '../../shared/ports.ts';

export interface ConnectionStores {
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionStore;
}

export const whole = { after: null, through: null };

/** The subscribers of each topic in which the connection must have a subscription. */
export async function subscribersOf(
  subscriptions: SubscriptionStore,
  connection: KnownConnection,
): Promise<readonly (readonly Subscriber[])[]> {
  return Promise.all(
    subscribedTopics(connection).map(async (topic) => subscribersIn(subscriptions, connection, topic)),
  );
}

/** The subscribers of a topic, in the shard of the connection's user. */
export async function subscribersIn(
  subscriptions: SubscriptionStore,
  { tenant, user }: KnownConnection,
  topic: Topic,
): Promise<readonly Subscriber[]> {
  return (await subscriptions.page(tenant, topic, shardOf(topic, user), whole, 100)).subscribers;
}

export async function idsOf(
  subscriptions: SubscriptionStore,
  connection: KnownConnection,
): Promise<readonly string[][]> {
  return (await subscribersOf(subscriptions, connection)).map((page) => page.map(({ connectionId }) => connectionId));
}
