// Deliveries: the state of one broadcast for one recipient, derived from a receipt and a cursor.
import type { Broadcast } from './broadcast.ts';
import type { Cursor } from './cursor.ts';
import { deliveredAtMs, progressOf, readAtMs, wasDeclined, wasPushed } from './cursor.ts';
import type { Position } from './log.ts';
import type { deliveryStates } from '../protocol/delivery-states.ts';

export type DeliveryState = (typeof deliveryStates)[number];

/** What fan-out noted for one recipient. */
export interface Receipt {
  readonly user: string;
  /** Where the notification stands in the recipient's log; null where it has none. */
  readonly position: Position | null;
  readonly outcome: 'queued' | 'sent' | 'failed' | 'expired' | 'suppressed';
  /** Why it failed, or why it is still waiting. */
  readonly reason?: 'not_connected' | 'too_late' | 'too_large' | 'connection_slow' | 'not_selected';
  /** When fan-out noted it. */
  readonly atMs: number;
}

export interface Delivery {
  readonly user: string;
  readonly state: DeliveryState;
  readonly reason?: string;
  /** When it came into each state that it passed, as far as is known. */
  readonly times: Readonly<Partial<Record<DeliveryState, number>>>;
}

export type DeliveryCounts = Readonly<Record<DeliveryState, number>>;

/** From least to most: of two receipts for one recipient the further one stands. */
const outcomeRanks: Readonly<Record<Receipt['outcome'], number>> = {
  queued: 0,
  expired: 1,
  failed: 2,
  suppressed: 3,
  sent: 4,
};

/**
 * Receipts by user: what was recorded and what is new, of which the further outcome stands for each, and the earlier of
 * two equal ones. A place that is known stays known, for what became of the notification is told from it.
 */
export function mergedReceipts(recorded: readonly Receipt[], added: readonly Receipt[]): readonly Receipt[] {
  const byUser = new Map<string, Receipt>();
  for (const receipt of [...recorded, ...added]) {
    const standing = byUser.get(receipt.user);
    byUser.set(receipt.user, standing === undefined ? receipt : further(standing, receipt));
  }
  return [...byUser.values()];
}

function further(standing: Receipt, added: Receipt): Receipt {
  const stands = outcomeRanks[added.outcome] > outcomeRanks[standing.outcome] ? added : standing;
  const position = standing.position ?? added.position;
  return stands.position === position ? stands : { ...stands, position };
}

/**
 * The state of a delivery. "Sent" is a 2xx of the gateway and proves little: only a client's acknowledgement makes
 * "delivered", and what a client passed over because it had expired was not delivered. What a client that cannot
 * acknowledge has declined may still be delivered to another one of the user.
 *
 * @param position where the notification stands in the log that the cursor is about; null where it has none.
 */
export function deliveryOf(
  broadcast: Pick<Broadcast, 'acceptedAtMs' | 'expiresAtMs' | 'except'>,
  user: string,
  position: Position | null,
  receipt: Receipt | null,
  cursor: Cursor | null,
  nowMs: number,
): Delivery {
  const accepted = { accepted: broadcast.acceptedAtMs };
  if (broadcast.except?.includes(user) === true) return { user, state: 'suppressed', times: accepted };
  const times = { ...accepted, ...receiptTimes(receipt) };
  const progress = position === null || cursor === null ? 'none' : progressOf(cursor, position);
  if (position !== null && cursor !== null && progress !== 'none') {
    const isCurrent = cursor.epoch === position.epoch;
    const delivered = isCurrent ? timeOf('delivered', deliveredAtMs(cursor, position.seq)) : {};
    const read = isCurrent && progress === 'read' ? timeOf('read', readAtMs(cursor, position.seq)) : {};
    return { user, state: progress, times: { ...times, ...delivered, ...read } };
  }
  const isOver = receipt?.outcome === 'suppressed' || receipt?.outcome === 'expired';
  // Of a client that does not acknowledge, that it was sent is all that will ever be known. Another one's failed post takes nothing back.
  if (!isOver && position !== null && cursor !== null && wasPushed(cursor, position)) {
    return { user, state: 'sent', times };
  }
  const isWaiting = receipt === null || receipt.outcome === 'queued' || receipt.outcome === 'expired';
  // Nothing waits any more for a client that has declined it; nor did it, when a later try found that it had expired.
  if (isWaiting && position !== null && cursor !== null && wasDeclined(cursor, position)) {
    return { user, state: 'suppressed', reason: 'not_selected', times };
  }
  const isFinal = isOver || receipt?.outcome === 'failed';
  // Neither can be what has no place.
  const isEphemeral = position === null && receipt?.outcome === 'sent';
  if (!isFinal && !isEphemeral && nowMs >= broadcast.expiresAtMs)
    return { user, state: 'expired', times: { ...times, expired: broadcast.expiresAtMs } };
  if (receipt === null) return { user, state: position === null ? 'accepted' : 'queued', times };
  return {
    user,
    state: receipt.outcome,
    ...(receipt.reason === undefined ? {} : { reason: receipt.reason }),
    times,
  };
}

function receiptTimes(receipt: Receipt | null): Delivery['times'] {
  return receipt === null ? {} : { [receipt.outcome]: receipt.atMs };
}

function timeOf(state: DeliveryState, atMs: number | undefined): Delivery['times'] {
  return atMs === undefined ? {} : { [state]: atMs };
}

/** Counts deliveries one by one, so that an audience of any size needs no more memory than its counts. */
export function newTally(): { readonly counts: DeliveryCounts; readonly add: (delivery: Delivery) => void } {
  const counts: Record<DeliveryState, number> = {
    accepted: 0,
    queued: 0,
    sent: 0,
    delivered: 0,
    read: 0,
    expired: 0,
    suppressed: 0,
    failed: 0,
  };
  return {
    counts,
    add: ({ state }) => {
      counts[state] += 1;
    },
  };
}
