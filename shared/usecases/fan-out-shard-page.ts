// One page of one shard of a wide topic: posts to the connections in it; who is away reads the topic's log later.
import type { Broadcast, Page } from '../domain/broadcast.ts';
import { notificationOf } from '../domain/broadcast.ts';
import type { Outcome } from '../domain/concurrency.ts';
import { runBounded, throwUnlessDone } from '../domain/concurrency.ts';
import type { Subscriber } from '../domain/connection.ts';
import { isExpired } from '../domain/connection.ts';
import type { TellResult } from '../domain/fan-out-plan.ts';
import { isSettled, receiptOf } from '../domain/fan-out-plan.ts';
import { notificationFrame, skippedFrame } from '../domain/frames.ts';
import type { WideTopic } from '../domain/topic.ts';
import type { PageRecord } from '../ports.ts';
import { fanOutLimits } from '../protocol/limits.ts';
import type { FanOutPorts, GoOn } from './fan-out-ports.ts';
import { whileFresh } from './while-fresh.ts';
import type { Teller } from './tell-subscriber.ts';
import { noteTold, tellerOf } from './tell-subscriber.ts';

export type ShardPage = Extract<Page, { kind: 'shard' }>;

/** A broadcast whose audience follows a wide topic. */
export interface WideBroadcast extends Broadcast {
  readonly audience: { readonly kind: 'topic'; readonly topic: WideTopic };
}

/** Who is connected in a page, what is recorded of it, and where the next one starts; null when it is the last. */
export interface ShardPageContent {
  readonly record: PageRecord | null;
  readonly subscribers: readonly Subscriber[];
  readonly next: string | null;
}

/**
 * Who is connected in this page of the shard; to be read after the broadcast is in its log. A page that was begun before
 * ends where it ended then, however many have come since: nobody is pushed off it.
 */
export async function readShardPage(
  ports: FanOutPorts,
  broadcast: WideBroadcast,
  page: ShardPage,
): Promise<ShardPageContent> {
  const { connectionsPerPage } = fanOutLimits;
  const record = await ports.broadcasts.getPage(broadcast.id, page);
  const through = record?.through ?? null;
  const subscribers: Subscriber[] = [];
  let { after } = page;
  for (;;) {
    const range = { after, through };
    const { tenant, audience } = broadcast;
    const read = await ports.subscriptions.page(tenant, audience.topic, page.shard, range, connectionsPerPage);
    subscribers.push(...read.subscribers);
    if (through === null) return { record, subscribers, next: read.next };
    if (read.next === null) return { record, subscribers, next: through };
    after = read.next;
  }
}

export async function postShardPage(
  ports: FanOutPorts,
  broadcast: WideBroadcast,
  page: ShardPage,
  content: ShardPageContent,
  goOn: GoOn,
): Promise<void> {
  const { record, subscribers } = content;
  const end = await beginPage(ports, broadcast, page, content);
  // Another receive of this message has found another end, and that one stands.
  if (end !== content.next) {
    await postShardPage(ports, broadcast, page, await readShardPage(ports, broadcast, page), goOn);
    return;
  }
  if (end !== null) await sendNext(ports, broadcast, page, end, record === null);
  const settled = new Set((record?.receipts ?? []).filter(isSettled).map((receipt) => receipt.user));
  const nowMs = ports.clock.nowMs();
  const live = subscribers.filter((subscriber) => !settled.has(subscriber.user) && !isExpired(subscriber, nowMs));
  const isWorthwhile = whileFresh(ports, broadcast, goOn);
  const tellerFor = tellersOf(ports, broadcast);
  const outcomes = await runBounded(
    live,
    fanOutLimits.postsAtOnce,
    async (subscriber) => tellerFor(subscriber.user)?.(subscriber, isWorthwhile) ?? null,
    isWorthwhile,
  );
  const told = [...finishedPosts(live, outcomes)].filter(([user]) => broadcast.except?.includes(user) !== true);
  const noted = await noteAll(ports, broadcast, told);
  const atMs = ports.clock.nowMs();
  // Who could not be noted is told again; nobody else is because of that.
  const receipts = told.flatMap(([user, posts], index) => {
    if (noted[index]?.outcome !== 'done') return [];
    const results = posts.map(({ result }) => result);
    return [receiptOf(user, broadcast.position ?? null, results, atMs)];
  });
  await ports.broadcasts.addReceipts(broadcast.id, page, receipts);
  throwUnlessDone(noted);
  // What was not begun because nobody shall see it any more needs no further try.
  if (whileFresh(ports, broadcast, () => true)()) throwUnlessDone(outcomes);
}

/**
 * Leaves the page's mark, with its end if it has one, and returns the end that stands. The very first page of a shard
 * needs a mark only when there is a next one.
 */
async function beginPage(
  ports: FanOutPorts,
  broadcast: Broadcast,
  page: ShardPage,
  { record, next }: ShardPageContent,
): Promise<string | null> {
  const hasEnd = record !== null && record.through !== null;
  const isMarked = record !== null || page.number === 0;
  if (hasEnd || (next === null && isMarked)) return next;
  return (await ports.broadcasts.beginPage(broadcast.id, page, next)).through;
}

/**
 * The next page goes on the queue before this one is posted, so that pages run beside each other. A next page that has
 * left its mark is not sent again: when pages fail, each of their receives would send one more, and every one of those
 * likewise.
 */
async function sendNext(
  ports: FanOutPorts,
  broadcast: Broadcast,
  page: ShardPage,
  end: string,
  isFirstReceive: boolean,
): Promise<void> {
  const next: ShardPage = { ...page, after: end, number: page.number + 1 };
  if (!isFirstReceive && (await ports.broadcasts.getPage(broadcast.id, next)) !== null) return;
  await ports.queue.send([{ kind: 'page', broadcastId: broadcast.id, page: next }]);
}

interface Told {
  readonly subscriber: Subscriber;
  readonly result: TellResult;
}

/** What each user was told, without those who have a connection that is still to be told: the others do not settle it. */
function finishedPosts(
  subscribers: readonly Subscriber[],
  outcomes: readonly Outcome<TellResult | null>[],
): ReadonlyMap<string, readonly Told[]> {
  const told = new Map<string, Told[]>();
  const unfinished = new Set<string>();
  for (const [index, subscriber] of subscribers.entries()) {
    const outcome = outcomes[index];
    const { user } = subscriber;
    if (outcome?.outcome !== 'done') unfinished.add(user);
    else if (outcome.result !== null) {
      const others = told.get(user);
      if (others === undefined) told.set(user, [{ subscriber, result: outcome.result }]);
      else others.push({ subscriber, result: outcome.result });
    }
  }
  for (const user of unfinished) told.delete(user);
  return told;
}

async function noteAll(
  ports: FanOutPorts,
  { tenant, audience: { topic }, position }: WideBroadcast,
  told: readonly (readonly [string, readonly Told[]])[],
): Promise<readonly Outcome<unknown>[]> {
  return runBounded(told, fanOutLimits.appendsAtOnce, async ([user, posts]) => {
    if (position !== undefined) await noteTold(ports, tenant, { topic, user }, position, posts);
  });
}

/** The frame for each user: the same one for all but those who are excepted, whose log would have a hole without a word. */
function tellersOf(ports: FanOutPorts, broadcast: WideBroadcast): (user: string) => Teller | null {
  const { audience, except, position, event } = broadcast;
  const place = position === undefined ? null : { topic: audience.topic, ...position };
  const tell = tellerOf(ports, notificationFrame(notificationOf(broadcast), place), event);
  const excepted = new Set(except ?? []);
  const run = place === null ? null : { fromSeq: place.seq, toSeq: place.seq };
  const skip =
    place === null || run === null
      ? null
      : tellerOf(ports, skippedFrame(place.topic, place.epoch, run, 'suppressed'), event);
  return (user) => (excepted.has(user) ? skip : tell);
}
