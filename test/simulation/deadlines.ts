// A queue of deadlines: each message comes when it is time, and again until it is done.
import type { DeadlineQueue } from '../../shared/ports.ts';
import type { DeadlineMessage } from '../../shared/protocol/queue-messages.ts';
import { Killed } from './functions.ts';
import { visibilityMs } from './queue.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface DeadlinesSetup {
  readonly time: VirtualTime;
  /** Rejects with `Killed` when the function dies: then the message is seen again. */
  readonly consume: (message: DeadlineMessage) => Promise<void>;
}

/** Anything else than a death is a bug of the function, and ends the run. */
export function virtualDeadlines({ time, consume }: DeadlinesSetup): DeadlineQueue {
  const receiveAfter = (message: DeadlineMessage, delayMs: number): void => {
    time.after(delayMs, () => {
      time.start(async () => {
        await consume(message).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
          receiveAfter(message, visibilityMs);
        });
      });
    });
  };
  return {
    schedule: async (message, delayMs) => {
      receiveAfter(message, delayMs);
      return Promise.resolve();
    },
  };
}
