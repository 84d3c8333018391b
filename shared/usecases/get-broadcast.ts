// Reports what became of a broadcast: counts by state over its whole audience, and one page of deliveries.
import type { Broadcast } from '../domain/broadcast.ts';
import type { Delivery } from '../domain/delivery.ts';
import { newTally } from '../domain/delivery.ts';
import type { BroadcastReport, DeliveriesReport } from '../domain/report.ts';
import { Failure } from '../protocol/failures.ts';
import { requestLimits } from '../protocol/limits.ts';
import type { DeliveriesPorts } from './deliveries-of.ts';
import { deliveriesOf } from './deliveries-of.ts';
import { parseLimit } from './page-limit.ts';

export interface ReportRequest {
  readonly tenant: string;
  readonly broadcastId: string;
  /** How many deliveries to return: 1 to 500, 100 unless told. */
  readonly limit: string | undefined;
  /** The `next` of the page before: the last user that was on it. */
  readonly after: string | undefined;
}

/** The counts are over the whole audience, so this reads all of it, once: the page never contradicts them. */
export async function getBroadcast(ports: DeliveriesPorts, request: ReportRequest): Promise<BroadcastReport> {
  const limit = parseLimit(request.limit, requestLimits.recipientPageDefault, requestLimits.recipientPageMax);
  const broadcast = await findBroadcast(ports, request);
  const tally = newTally();
  const page: Delivery[] = [];
  let isReached = request.after === undefined;
  for await (const delivery of deliveriesOf(ports, broadcast, null)) {
    tally.add(delivery);
    if (isReached && page.length <= limit) page.push(delivery);
    if (delivery.user === request.after) isReached = true;
  }
  return { broadcast, counts: tally.counts, ...pageOf(page, limit) };
}

/** One page of deliveries, without reading the others. */
export async function getDeliveries(ports: DeliveriesPorts, request: ReportRequest): Promise<DeliveriesReport> {
  const limit = parseLimit(request.limit, requestLimits.recipientPageDefault, requestLimits.recipientPageMax);
  const broadcast = await findBroadcast(ports, request);
  const deliveries: Delivery[] = [];
  for await (const delivery of deliveriesOf(ports, broadcast, request.after ?? null)) {
    deliveries.push(delivery);
    if (deliveries.length > limit) break;
  }
  return { broadcast, ...pageOf(deliveries, limit) };
}

/** @param read one more than the page shall have, if there are as many. */
function pageOf(read: readonly Delivery[], limit: number): Omit<DeliveriesReport, 'broadcast'> {
  const deliveries = read.slice(0, limit);
  return { deliveries, next: read.length > limit ? (deliveries.at(-1)?.user ?? null) : null };
}

async function findBroadcast(ports: DeliveriesPorts, request: ReportRequest): Promise<Broadcast> {
  const isId = request.broadcastId.length <= requestLimits.broadcastIdCharactersMax;
  const broadcast = isId ? await ports.broadcasts.get(request.broadcastId) : null;
  // Another tenant's broadcast is answered like one that never was.
  if (broadcast?.tenant !== request.tenant) {
    throw new Failure('not_found', {
      message: 'there is no such broadcast',
      field: 'id',
      remedy: 'Use the broadcastId of a 202 answer; reports are kept for 30 days.',
    });
  }
  const { audience } = broadcast;
  if (request.after !== undefined && audience.kind === 'users' && !audience.users.includes(request.after)) {
    throw new Failure('invalid_field', {
      message: 'after is not a page mark of this report',
      field: 'query after',
      remedy: 'Send the next of the page before, or leave after out.',
    });
  }
  return broadcast;
}
