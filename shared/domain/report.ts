// What an operator or a back office is told: of one broadcast, and of the service.
import type { Broadcast } from './broadcast.ts';
import type { Delivery, DeliveryCounts } from './delivery.ts';

/** One page of deliveries. */
export interface DeliveriesReport {
  readonly broadcast: Broadcast;
  readonly deliveries: readonly Delivery[];
  /** The mark of the next page; null when this was the last. */
  readonly next: string | null;
}

export interface BroadcastReport extends DeliveriesReport {
  /** Over the whole audience, not only the page of deliveries. Each delivery counts once, in the furthest state it has reached. */
  readonly counts: DeliveryCounts;
}

export interface ServiceStatus {
  readonly connections: number;
  readonly users: number;
  readonly queue: { readonly waiting: number; readonly inFlight: number };
  readonly deadLetters: number;
  readonly atMs: number;
}
