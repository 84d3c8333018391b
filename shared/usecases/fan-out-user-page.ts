// One page of named users: each has an inbox, the log of the user's own topic, and perhaps connections.
import type { Broadcast, Page } from '../domain/broadcast.ts';
import { isTooLate, notificationOf, usersOfPage } from '../domain/broadcast.ts';
import { runBounded, throwUnlessDone } from '../domain/concurrency.ts';
import type { Subscriber } from '../domain/connection.ts';
import { isExpired } from '../domain/connection.ts';
import type { Receipt } from '../domain/delivery.ts';
import type { PostResult } from '../domain/fan-out-plan.ts';
import { isSettled, receiptOf } from '../domain/fan-out-plan.ts';
import { notificationFrame } from '../domain/frames.ts';
import type { Position } from '../domain/log.ts';
import { userTopic } from '../domain/topic.ts';
import { fanOutLimits } from '../protocol/limits.ts';
import type { FanOutPorts, GoOn } from './fan-out-ports.ts';
import { postFrame } from './post-frame.ts';
import { whileFresh } from './while-fresh.ts';

type UserPage = Extract<Page, { kind: 'users' }>;

export async function fanOutUserPage(
  ports: FanOutPorts,
  broadcast: Broadcast,
  page: UserPage,
  goOn: GoOn,
): Promise<void> {
  if (broadcast.audience.kind !== 'users') throw new Error(`broadcast ${broadcast.id} has no page of users`);
  const earlier = (await ports.broadcasts.getReceipts(broadcast.id, page)) ?? [];
  const receipts = new Map(earlier.map((receipt) => [receipt.user, receipt]));
  const settled = new Set(earlier.filter(isSettled).map((receipt) => receipt.user));
  const users = usersOfPage(broadcast.audience, page.number);
  const outcomes = await runBounded(
    users.filter((user) => !settled.has(user)),
    fanOutLimits.appendsAtOnce,
    async (user) => {
      receipts.set(user, await tell(ports, broadcast, user, goOn));
    },
    goOn,
  );
  await ports.broadcasts.putReceipts(broadcast.id, page, [...receipts.values()]);
  throwUnlessDone(outcomes);
}

async function tell(ports: FanOutPorts, broadcast: Broadcast, user: string, goOn: GoOn): Promise<Receipt> {
  if (isTooLate(broadcast, ports.clock.nowMs())) return { user, position: null, outcome: 'failed', reason: 'too_late' };
  const topic = userTopic(user);
  const notification = notificationOf(broadcast);
  // Log first, connections second: whoever connects in between reads the log after making the subscription.
  const position: Position | null =
    broadcast.durability === 'durable' ? await ports.logs.append(broadcast.tenant, topic, notification) : null;
  const frame = JSON.stringify(notificationFrame(notification, position === null ? null : { topic, ...position }));
  const subscribers = await subscribersOf(ports, broadcast.tenant, user);
  const posts: PostResult[] = [];
  const outcomes = await runBounded(subscribers, fanOutLimits.postsAtOnce, async (subscriber) => {
    posts.push(await postFrame(ports, subscriber, frame, whileFresh(ports, broadcast, goOn)));
  });
  throwUnlessDone(outcomes);
  return receiptOf(user, position, posts);
}

async function subscribersOf(ports: FanOutPorts, tenant: string, user: string): Promise<readonly Subscriber[]> {
  const subscribers: Subscriber[] = [];
  let after: string | null = null;
  do {
    const page = await ports.subscriptions.page(tenant, userTopic(user), 0, after, fanOutLimits.connectionsPerPage);
    subscribers.push(...page.subscribers);
    after = page.next;
  } while (after !== null);
  const nowMs = ports.clock.nowMs();
  return subscribers.filter((subscriber) => !isExpired(subscriber, nowMs));
}
