// One page of named users: each has an inbox, the log of the user's own topic, and perhaps connections.
import type { Broadcast, Page } from '../domain/broadcast.ts';
import { notificationOf, usersOfPage, whyTooLate } from '../domain/broadcast.ts';
import { runBounded, throwUnlessDone } from '../domain/concurrency.ts';
import type { Receipt } from '../domain/delivery.ts';
import { isSettled, receiptOf } from '../domain/fan-out-plan.ts';
import { notificationFrame } from '../domain/frames.ts';
import type { Position } from '../domain/log.ts';
import { userTopic } from '../domain/topic.ts';
import { fanOutLimits } from '../protocol/limits.ts';
import type { FanOutPorts, GoOn } from './fan-out-ports.ts';
import { subscribersOf } from './subscribers-of.ts';
import { noteTold, tellerOf } from './tell-subscriber.ts';
import { tellUnread } from './tell-unread.ts';
import { whileFresh } from './while-fresh.ts';

type UserPage = Extract<Page, { kind: 'users' }>;

export async function fanOutUserPage(
  ports: FanOutPorts,
  broadcast: Broadcast,
  page: UserPage,
  goOn: GoOn,
): Promise<void> {
  if (broadcast.audience.kind !== 'users') throw new Error(`broadcast ${broadcast.id} has no page of users`);
  const earlier = (await ports.broadcasts.getPage(broadcast.id, page))?.receipts ?? [];
  const done = new Set([...earlier.filter(isSettled).map((receipt) => receipt.user), ...(broadcast.except ?? [])]);
  const outcomes = await runBounded(
    usersOfPage(broadcast.audience, page.number).filter((user) => !done.has(user)),
    fanOutLimits.appendsAtOnce,
    async (user) => tell(ports, broadcast, user, goOn),
    goOn,
  );
  const receipts = outcomes.flatMap((outcome) => (outcome.outcome === 'done' ? [outcome.result] : []));
  await ports.broadcasts.addReceipts(broadcast.id, page, receipts);
  throwUnlessDone(outcomes);
}

async function tell(ports: FanOutPorts, broadcast: Broadcast, user: string, goOn: GoOn): Promise<Receipt> {
  const topic = userTopic(user);
  const notification = notificationOf(broadcast);
  // Log first, connections second: whoever connects in between reads the log after making the subscription. Also when it
  // has expired: an earlier try may have appended and posted it, and only its place says what became of it.
  const position: Position | null =
    broadcast.durability === 'durable' ? await ports.logs.append(broadcast.tenant, topic, notification) : null;
  const refusal = whyTooLate(broadcast, ports.clock.nowMs());
  if (refusal !== null) return unsent(user, position, refusal, ports.clock.nowMs());
  const frame = notificationFrame(notification, position === null ? null : { topic, ...position });
  const subscribers = await subscribersOf(ports, broadcast.tenant, user);
  const tellOne = tellerOf(ports, frame, broadcast.event);
  const isWorthwhile = whileFresh(ports, broadcast, goOn);
  const outcomes = await runBounded(subscribers, fanOutLimits.postsAtOnce, async (subscriber) => ({
    subscriber,
    result: await tellOne(subscriber, isWorthwhile),
  }));
  throwUnlessDone(outcomes);
  const told = outcomes.flatMap((outcome) => (outcome.outcome === 'done' ? [outcome.result] : []));
  if (position !== null) {
    await noteTold(ports, broadcast.tenant, { topic, user }, position, told);
    await tellUnread(ports, broadcast.tenant, { topic, user }, subscribers, isWorthwhile);
  }
  return receiptOf(
    user,
    position,
    told.map(({ result }) => result),
    ports.clock.nowMs(),
  );
}

function unsent(user: string, position: Position | null, refusal: 'expired' | 'too_late', atMs: number): Receipt {
  return refusal === 'expired'
    ? { user, position, outcome: 'expired', atMs }
    : { user, position, outcome: 'failed', reason: 'too_late', atMs };
}
