// What every step of fan-out shares: its ports, its deadline, and the sign that the deadline came first.
import type { BroadcastStore, FanOutQueue, LogStore, SubscriptionStore } from '../ports.ts';
import type { PostFramePorts } from './post-frame.ts';

export interface FanOutPorts extends PostFramePorts {
  readonly broadcasts: BroadcastStore;
  readonly logs: LogStore;
  readonly subscriptions: SubscriptionStore;
  readonly queue: FanOutQueue;
}

/** Says whether there is time to begin something more before the function's deadline. */
export type GoOn = () => boolean;

/** The deadline came first: what is done is recorded, and the queue will bring the message again for the rest. */
export class Unfinished extends Error {
  constructor(done: number, all: number) {
    super(`${String(done)} of ${String(all)} recipients done before the deadline`);
    this.name = 'Unfinished';
  }
}
