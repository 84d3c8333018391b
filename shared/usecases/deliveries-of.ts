// Every delivery of a broadcast, one after the other, each with a mark from which a later page can go on.
import type { Broadcast } from '../domain/broadcast.ts';
import { userPageCount, usersOfPage } from '../domain/broadcast.ts';
import type { Cursor } from '../domain/cursor.ts';
import { rebased, wasMemberAt } from '../domain/cursor.ts';
import type { Delivery, Receipt } from '../domain/delivery.ts';
import { deliveryOf, mergedReceipts } from '../domain/delivery.ts';
import type { LogHead, Position } from '../domain/log.ts';
import type { WideTopic } from '../domain/topic.ts';
import { shardCount, shardOf, userTopic } from '../domain/topic.ts';
import type { BroadcastStore, Clock, CursorStore, LogStore } from '../ports.ts';
import { fanOutLimits, requestLimits } from '../protocol/limits.ts';

export interface DeliveriesPorts {
  readonly broadcasts: BroadcastStore;
  readonly cursors: CursorStore;
  readonly logs: LogStore;
  readonly clock: Clock;
}

/** The deliveries after the one of the user `after`, in an order that does not change; from the first when it is null. */
export function deliveriesOf(
  ports: DeliveriesPorts,
  broadcast: Broadcast,
  after: string | null,
): AsyncGenerator<Delivery> {
  const { audience } = broadcast;
  if (audience.kind === 'users') return namedDeliveries(ports, broadcast, audience.users, after);
  return broadcast.durability === 'ephemeral'
    ? postedDeliveries(ports, broadcast, audience.topic, after)
    : memberDeliveries(ports, broadcast, audience.topic, after);
}

async function* namedDeliveries(
  ports: DeliveriesPorts,
  broadcast: Broadcast,
  users: readonly string[],
  after: string | null,
): AsyncGenerator<Delivery> {
  const from = after === null ? 0 : users.indexOf(after) + 1;
  const firstPage = Math.floor(from / fanOutLimits.usersPerPage);
  for (let number = firstPage; number < userPageCount({ users }); number += 1) {
    const page = usersOfPage({ users }, number).slice(number === firstPage ? from % fanOutLimits.usersPerPage : 0);
    const [record, cursors] = await Promise.all([
      ports.broadcasts.getPage(broadcast.id, { kind: 'users', number }),
      ports.cursors.get(
        broadcast.tenant,
        page.map((user) => ({ topic: userTopic(user), user })),
      ),
    ]);
    const byUser = new Map((record?.receipts ?? []).map((receipt) => [receipt.user, receipt]));
    const nowMs = ports.clock.nowMs();
    for (const [index, user] of page.entries()) {
      const receipt = byUser.get(user) ?? null;
      const position = receipt?.position ?? null;
      const cursor = await cursorFor(ports, position, cursors[index] ?? null);
      yield deliveryOf(broadcast, user, position, receipt, cursor, nowMs);
    }
  }
}

/** The audience of a wide broadcast is who was a member of its topic when it was appended, connected or not. */
async function* memberDeliveries(
  ports: DeliveriesPorts,
  broadcast: Broadcast,
  topic: WideTopic,
  after: string | null,
): AsyncGenerator<Delivery> {
  const position = broadcast.position ?? null;
  const head = await ports.logs.head(broadcast.tenant, topic, 0);
  const firstShard = after === null ? 0 : shardOf(topic, after);
  for (let shard = firstShard; shard < shardCount(topic); shard += 1) {
    const byUser = await shardReceipts(ports, broadcast.id, shard);
    let from = shard === firstShard ? after : null;
    do {
      const page = await ports.cursors.members(broadcast.tenant, topic, shard, from, requestLimits.recipientPageMax);
      const nowMs = ports.clock.nowMs();
      for (const stored of page.cursors) {
        const cursor = inEpoch(stored, head);
        if (position !== null && !wasMemberAt(cursor, position)) continue;
        const receipt = byUser.get(cursor.user) ?? null;
        yield deliveryOf(broadcast, cursor.user, position, receipt, cursor, nowMs);
      }
      from = page.next;
    } while (from !== null);
  }
}

/** An ephemeral broadcast to a topic has no place in a log: its audience is who was connected. */
async function* postedDeliveries(
  ports: DeliveriesPorts,
  broadcast: Broadcast,
  topic: WideTopic,
  after: string | null,
): AsyncGenerator<Delivery> {
  const firstShard = after === null ? 0 : shardOf(topic, after);
  for (let shard = firstShard; shard < shardCount(topic); shard += 1) {
    const byUser = await shardReceipts(ports, broadcast.id, shard);
    const users = [...byUser.keys()].sort().filter((user) => shard > firstShard || after === null || user > after);
    for (const user of users) {
      yield deliveryOf(broadcast, user, null, byUser.get(user) ?? null, null, ports.clock.nowMs());
    }
  }
}

/** A user who has not been back since a log was restored has a cursor of an epoch before, which says the same. */
function inEpoch(cursor: Cursor, head: LogHead): Cursor {
  return cursor.epoch === head.epoch ? cursor : rebased(cursor, head);
}

async function cursorFor(
  ports: DeliveriesPorts,
  position: Position | null,
  cursor: Cursor | null,
): Promise<Cursor | null> {
  const isComparable = position === null || cursor === null || cursor.epoch === position.epoch;
  return isComparable ? cursor : inEpoch(cursor, await ports.logs.head(cursor.tenant, cursor.topic, 0));
}

/** One receipt for each user: whose connections are on several pages has one on each, and the furthest of them counts. */
async function shardReceipts(
  ports: DeliveriesPorts,
  broadcastId: string,
  shard: number,
): Promise<ReadonlyMap<string, Receipt>> {
  const receipts = mergedReceipts([], await ports.broadcasts.getShardReceipts(broadcastId, shard));
  return new Map(receipts.map((receipt) => [receipt.user, receipt]));
}
