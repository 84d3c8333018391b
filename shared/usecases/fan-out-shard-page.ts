// One page of one shard of a wide topic: posts to the connections in it; who is away reads the topic's log later.
import type { Broadcast, Page } from '../domain/broadcast.ts';
import { notificationOf } from '../domain/broadcast.ts';
import type { Outcome } from '../domain/concurrency.ts';
import { runBounded, throwUnlessDone } from '../domain/concurrency.ts';
import type { Subscriber } from '../domain/connection.ts';
import { isExpired } from '../domain/connection.ts';
import type { PostResult } from '../domain/fan-out-plan.ts';
import { isSettled, receiptOf } from '../domain/fan-out-plan.ts';
import { notificationFrame } from '../domain/frames.ts';
import { everyone } from '../domain/topic.ts';
import type { SubscriberPage } from '../ports.ts';
import { fanOutLimits } from '../protocol/limits.ts';
import type { FanOutPorts, GoOn } from './fan-out-ports.ts';
import { whileFresh } from './while-fresh.ts';
import { postFrame } from './post-frame.ts';

export type ShardPage = Extract<Page, { kind: 'shard' }>;

/** Who is connected in this page of the shard; to be read after the broadcast is in its log. */
export async function readShardPage(
  ports: FanOutPorts,
  broadcast: Broadcast,
  page: ShardPage,
): Promise<SubscriberPage> {
  const { connectionsPerPage } = fanOutLimits;
  return ports.subscriptions.page(broadcast.tenant, everyone, page.shard, page.after, connectionsPerPage);
}

export async function postShardPage(
  ports: FanOutPorts,
  broadcast: Broadcast,
  page: ShardPage,
  { subscribers, next }: SubscriberPage,
  goOn: GoOn,
): Promise<void> {
  const earlier = await ports.broadcasts.getReceipts(broadcast.id, page);
  const settled = new Set((earlier ?? []).filter(isSettled).map((receipt) => receipt.user));
  const nowMs = ports.clock.nowMs();
  const live = subscribers.filter((subscriber) => !settled.has(subscriber.user) && !isExpired(subscriber, nowMs));
  if (next !== null) await sendNext(ports, broadcast, page, next, earlier === null);
  const frame = frameFor(broadcast);
  const isWorthwhile = whileFresh(ports, broadcast, goOn);
  const outcomes = await runBounded(
    live,
    fanOutLimits.postsAtOnce,
    async (subscriber) => postFrame(ports, subscriber, frame, isWorthwhile),
    isWorthwhile,
  );
  const receipts = new Map((earlier ?? []).map((receipt) => [receipt.user, receipt]));
  for (const [user, posts] of finishedPosts(live, outcomes)) {
    receipts.set(user, receiptOf(user, broadcast.position ?? null, posts));
  }
  await ports.broadcasts.putReceipts(broadcast.id, page, [...receipts.values()]);
  throwUnlessDone(outcomes);
}

/**
 * The next page goes on the queue before this one is posted, so that pages run beside each other. This page leaves its
 * mark first, and a next page that has left its own is not sent again: when pages fail, each of their receives would
 * send one more, and every one of those likewise.
 */
async function sendNext(
  ports: FanOutPorts,
  broadcast: Broadcast,
  page: ShardPage,
  after: string,
  isFirstReceive: boolean,
): Promise<void> {
  const next: ShardPage = { ...page, after, number: page.number + 1 };
  if (isFirstReceive) await ports.broadcasts.putReceipts(broadcast.id, page, []);
  else if ((await ports.broadcasts.getReceipts(broadcast.id, next)) !== null) return;
  await ports.queue.send([{ kind: 'page', broadcastId: broadcast.id, page: next }]);
}

/** The posts by user, without those who have a connection that is still to be told: the others do not settle it. */
function finishedPosts(
  subscribers: readonly Subscriber[],
  outcomes: readonly Outcome<PostResult>[],
): ReadonlyMap<string, readonly PostResult[]> {
  const posts = new Map<string, readonly PostResult[]>();
  const unfinished = new Set<string>();
  for (const [index, { user }] of subscribers.entries()) {
    const outcome = outcomes[index];
    if (outcome?.outcome === 'done') posts.set(user, [...(posts.get(user) ?? []), outcome.result]);
    else unfinished.add(user);
  }
  for (const user of unfinished) posts.delete(user);
  return posts;
}

function frameFor(broadcast: Broadcast): string {
  const place = broadcast.position === undefined ? null : { topic: everyone, ...broadcast.position };
  return JSON.stringify(notificationFrame(notificationOf(broadcast), place));
}
