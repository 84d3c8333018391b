// Who is connected as one user: all subscribers of the user's own topic.
import type { Subscriber } from '../domain/connection.ts';
import { isExpired } from '../domain/connection.ts';
import { userTopic } from '../domain/topic.ts';
import type { Clock, SubscriptionStore } from '../ports.ts';
import { fanOutLimits } from '../protocol/limits.ts';

export interface SubscribersOfPorts {
  readonly subscriptions: SubscriptionStore;
  readonly clock: Clock;
}

export async function subscribersOf(
  ports: SubscribersOfPorts,
  tenant: string,
  user: string,
): Promise<readonly Subscriber[]> {
  const { connectionsPerPage } = fanOutLimits;
  const subscribers: Subscriber[] = [];
  let after: string | null = null;
  do {
    const range = { after, through: null };
    const page = await ports.subscriptions.page(tenant, userTopic(user), 0, range, connectionsPerPage);
    subscribers.push(...page.subscribers);
    after = page.next;
  } while (after !== null);
  const nowMs = ports.clock.nowMs();
  return subscribers.filter((subscriber) => !isExpired(subscriber, nowMs));
}
