// Reports what became of a broadcast: counts by state over its whole audience, and one page of deliveries.
import type { Broadcast } from '../domain/broadcast.ts';
import { userPageCount, usersOfPage } from '../domain/broadcast.ts';
import type { Delivery, Receipt } from '../domain/delivery.ts';
import { countDeliveries, deliveryOf } from '../domain/delivery.ts';
import type { BroadcastReport } from '../domain/report.ts';
import { everyone, shardCount, userTopic } from '../domain/topic.ts';
import type { BroadcastStore, CursorStore } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import { requestLimits } from '../protocol/limits.ts';

export interface GetBroadcastPorts {
  readonly broadcasts: BroadcastStore;
  readonly cursors: CursorStore;
}

export interface ReportRequest {
  readonly tenant: string;
  readonly broadcastId: string;
  /** How many deliveries to return: 1 to 500, 100 unless told. */
  readonly limit: string | undefined;
  /** The `next` of the page before. */
  readonly after: string | undefined;
}

export async function getBroadcast(ports: GetBroadcastPorts, request: ReportRequest): Promise<BroadcastReport> {
  const limit = parseLimit(request.limit);
  const skip = parseAfter(request.after);
  const broadcast = await ports.broadcasts.get(request.broadcastId);
  // Another tenant's broadcast is answered like one that never was.
  if (broadcast?.tenant !== request.tenant) {
    throw new Failure('not_found', {
      message: 'there is no such broadcast',
      field: 'id',
      remedy: 'Use the broadcastId of a 202 answer; reports are kept for 30 days.',
    });
  }
  const all: Delivery[] = [];
  for await (const delivery of deliveriesOf(ports, broadcast)) all.push(delivery);
  const deliveries = all.slice(skip, skip + limit);
  const reached = skip + deliveries.length;
  return { broadcast, counts: countDeliveries(all), deliveries, next: reached < all.length ? String(reached) : null };
}

function deliveriesOf(ports: GetBroadcastPorts, broadcast: Broadcast): AsyncGenerator<Delivery> {
  if (broadcast.audience.kind === 'users') return namedDeliveries(ports, broadcast, broadcast.audience.users);
  return broadcast.position === undefined
    ? postedDeliveries(ports, broadcast)
    : memberDeliveries(ports, broadcast, broadcast.position.seq);
}

async function* namedDeliveries(
  ports: GetBroadcastPorts,
  broadcast: Broadcast,
  users: readonly string[],
): AsyncGenerator<Delivery> {
  for (let number = 0; number < userPageCount({ users }); number += 1) {
    const page = usersOfPage({ users }, number);
    const [receipts, cursors] = await Promise.all([
      ports.broadcasts.getReceipts(broadcast.id, { kind: 'users', number }),
      ports.cursors.get(
        broadcast.tenant,
        page.map((user) => ({ topic: userTopic(user), user })),
      ),
    ]);
    const byUser = new Map((receipts ?? []).map((receipt) => [receipt.user, receipt]));
    for (const [index, user] of page.entries()) {
      const receipt = byUser.get(user) ?? null;
      yield deliveryOf(user, receipt?.position ?? null, receipt, cursors[index] ?? null);
    }
  }
}

/** The audience of a wide broadcast is who was a member of its topic when it was appended, connected or not. */
async function* memberDeliveries(
  ports: GetBroadcastPorts,
  broadcast: Broadcast,
  seq: number,
): AsyncGenerator<Delivery> {
  for (let shard = 0; shard < shardCount(everyone); shard += 1) {
    const byUser = await shardReceipts(ports, broadcast.id, shard);
    let after: string | null = null;
    do {
      const page = await ports.cursors.members(broadcast.tenant, everyone, shard, after, membersPerPage);
      for (const cursor of page.cursors) {
        if (cursor.joinedSeq >= seq) continue;
        yield deliveryOf(cursor.user, broadcast.position ?? null, byUser.get(cursor.user) ?? null, cursor);
      }
      after = page.next;
    } while (after !== null);
  }
}

/** An ephemeral broadcast to everyone has no place in a log: its audience is who was connected. */
async function* postedDeliveries(ports: GetBroadcastPorts, broadcast: Broadcast): AsyncGenerator<Delivery> {
  for (let shard = 0; shard < shardCount(everyone); shard += 1) {
    const byUser = await shardReceipts(ports, broadcast.id, shard);
    for (const receipt of byUser.values()) yield deliveryOf(receipt.user, null, receipt, null);
  }
}

/** One receipt for each user: whose connections are on several pages has one on each, and the best of them counts. */
async function shardReceipts(
  ports: GetBroadcastPorts,
  broadcastId: string,
  shard: number,
): Promise<ReadonlyMap<string, Receipt>> {
  const byUser = new Map<string, Receipt>();
  for (const receipt of await ports.broadcasts.getShardReceipts(broadcastId, shard)) {
    const standing = byUser.get(receipt.user);
    if (standing === undefined || isBetter(receipt, standing)) byUser.set(receipt.user, receipt);
  }
  return byUser;
}

function isBetter(receipt: Receipt, standing: Receipt): boolean {
  const fromWorst = ['queued', 'failed', 'sent'] as const satisfies readonly Receipt['outcome'][];
  return fromWorst.indexOf(receipt.outcome) > fromWorst.indexOf(standing.outcome);
}

const membersPerPage = requestLimits.recipientPageMax;

function parseLimit(text: string | undefined): number {
  if (text === undefined) return requestLimits.recipientPageDefault;
  const limit = wholeNumber(text);
  if (limit !== null && limit >= 1 && limit <= requestLimits.recipientPageMax) return limit;
  throw new Failure('invalid_field', {
    message: `limit is not a whole number from 1 to ${String(requestLimits.recipientPageMax)}`,
    field: 'query limit',
    remedy: `Send limit=${String(requestLimits.recipientPageDefault)}.`,
  });
}

function parseAfter(text: string | undefined): number {
  if (text === undefined) return 0;
  const after = wholeNumber(text);
  if (after !== null) return after;
  throw new Failure('invalid_field', {
    message: 'after is not a page mark of this report',
    field: 'query after',
    remedy: 'Send the next of the page before, or leave after out.',
  });
}

function wholeNumber(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}
