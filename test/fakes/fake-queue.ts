// Queues in memory, and what asks for the opener: what was sent stays until a test takes it.
import type { DeadlineQueue, FanOutQueue, OpenerStarter, QueueDepths } from '../../shared/ports.ts';
import type { DeadlineMessage, FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { Failure } from '../../shared/protocol/failures.ts';

export interface FakeQueue extends FanOutQueue, QueueDepths {
  /** Takes the oldest message; undefined when there is none. */
  take(): FanOutMessage | undefined;
  readonly waiting: () => readonly FanOutMessage[];
  /** Refuses everything until told otherwise. */
  refuse(isRefusing: boolean): void;
}

export function fakeQueue(): FakeQueue {
  const messages: FanOutMessage[] = [];
  let isRefusing = false;
  return {
    send: async (sent) => {
      if (isRefusing) throw new Failure('unavailable', { message: 'the queue is closed', remedy: 'Try again.' });
      messages.push(...sent);
      return Promise.resolve();
    },
    depths: async () => Promise.resolve({ waiting: messages.length, inFlight: 0, deadLetters: 0 }),
    take: () => messages.shift(),
    waiting: () => messages,
    refuse: (refusing) => {
      isRefusing = refusing;
    },
  };
}

export interface FakeDeadlines extends DeadlineQueue {
  readonly scheduled: readonly { readonly message: DeadlineMessage; readonly delayMs: number }[];
}

export function fakeDeadlines(): FakeDeadlines {
  const scheduled: { readonly message: DeadlineMessage; readonly delayMs: number }[] = [];
  return {
    schedule: async (message, delayMs) => {
      scheduled.push({ message, delayMs });
      return Promise.resolve();
    },
    scheduled,
  };
}

export interface FakeOpener extends OpenerStarter {
  /** The connections that it was started for, in order. */
  readonly started: readonly string[];
}

export function fakeOpener(): FakeOpener {
  const started: string[] = [];
  return {
    start: async (connectionId) => {
      started.push(connectionId);
      return Promise.resolve();
    },
    started,
  };
}
