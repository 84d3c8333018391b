// Deliveries: the state of one broadcast for one recipient, derived from a receipt and a cursor.
import type { Cursor, Position } from './log.ts';
import { hasRead } from './log.ts';

/** From least to most; a delivery only ever moves to the right. `failed` is final. */
export const deliveryStates = ['accepted', 'queued', 'sent', 'delivered', 'read', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What fan-out noted for one recipient. */
export interface Receipt {
  readonly user: string;
  /** Where the notification stands in the recipient's log; null for ephemeral ones, which have none. */
  readonly position: Position | null;
  readonly outcome: 'queued' | 'sent' | 'failed';
  /** Why it failed, or why it is still waiting. */
  readonly reason?: 'not_connected' | 'too_late' | 'too_large' | 'connection_slow';
}

export interface Delivery {
  readonly user: string;
  readonly state: DeliveryState;
  readonly reason?: string;
}

export type DeliveryCounts = Readonly<Record<DeliveryState, number>>;

/** The state of a delivery. "Sent" is a 2xx of the gateway and proves little: only a client's acknowledgement makes "delivered". */
export function deliveryOf(
  user: string,
  position: Position | null,
  receipt: Receipt | null,
  cursor: Cursor | null,
): Delivery {
  if (position !== null && cursor?.epoch === position.epoch) {
    if (hasRead(cursor, position.seq)) return { user, state: 'read' };
    if (cursor.deliveredSeq >= position.seq) return { user, state: 'delivered' };
  }
  if (receipt === null) return { user, state: position === null ? 'accepted' : 'queued' };
  return receipt.reason === undefined
    ? { user, state: receipt.outcome }
    : { user, state: receipt.outcome, reason: receipt.reason };
}

export function countDeliveries(deliveries: Iterable<Delivery>): DeliveryCounts {
  const counts: Record<DeliveryState, number> = { accepted: 0, queued: 0, sent: 0, delivered: 0, read: 0, failed: 0 };
  for (const delivery of deliveries) counts[delivery.state] += 1;
  return counts;
}
