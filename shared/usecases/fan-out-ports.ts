// What every step of fan-out shares: its ports and its deadline.
import type { BroadcastStore, CursorStore, FanOutQueue, LogStore, SubscriptionStore } from '../ports.ts';
import type { PostFramePorts } from './post-frame.ts';

export interface FanOutPorts extends PostFramePorts {
  readonly broadcasts: BroadcastStore;
  readonly logs: LogStore;
  readonly cursors: CursorStore;
  readonly subscriptions: SubscriptionStore;
  readonly queue: FanOutQueue;
}

/** Says whether there is time to begin something more before the function's deadline. */
export type GoOn = () => boolean;
