// A queue as SQS is one: at least once, in no order, and what a consumer does not finish comes again.
import { receiveBackoffSeconds } from '../../shared/domain/backoff.ts';
import type { FanOutQueue } from '../../shared/ports.ts';
import { queueLimits } from '../../shared/protocol/limits.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What became of each message of a batch, in order: null is done. `killed`: nobody knows. */
export type BatchOutcome = 'killed' | readonly (null | { readonly error: unknown })[];

export interface QueueSetup {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: Faults;
  readonly consume: (batch: readonly FanOutMessage[]) => Promise<BatchOutcome>;
}

export interface VirtualQueue extends FanOutQueue {
  /** Messages that are not done: waiting, under way or put off. */
  left(): number;
  deadLetters(): number;
}

/** The queue has taken it, and whoever sent it does not know. */
export class AnswerLost extends Error {}

interface Message {
  readonly body: FanOutMessage;
  receives: number;
}

const batchMax = 10;
const consumersMax = 10;
/** Six times the consumer's time limit of 30 s, as infra/queues.ts has it. */
export const visibilityMs = 180_000;
const travelMs = { from: 3, to: 20 };
const pollMs = { from: 0, to: 10 };
const duplicateMsMax = 60_000;

export function virtualQueue(setup: QueueSetup): VirtualQueue {
  const { time, random, faults } = setup;
  const visible: Message[] = [];
  let left = 0;
  let deadLetters = 0;
  let consumers = 0;
  let isPolling = false;

  const showAfter = (message: Message, delayMs: number): void => {
    time.after(delayMs, () => {
      visible.push(message);
      poll();
    });
  };
  const poll = (): void => {
    if (isPolling || visible.length === 0 || consumers === consumersMax) return;
    isPolling = true;
    time.after(random.int(pollMs.from, pollMs.to), () => {
      isPolling = false;
      if (consumers < consumersMax) time.start(async () => work(visible.splice(0, batchMax)));
      poll();
    });
  };
  const work = async (batch: readonly Message[]): Promise<void> => {
    consumers += 1;
    for (const message of batch) message.receives += 1;
    const outcome = await setup.consume(batch.map(({ body }) => body));
    consumers -= 1;
    for (const [index, message] of batch.entries()) settle(message, outcome === 'killed' ? outcome : outcome[index]);
    poll();
  };
  const settle = (message: Message, outcome: 'killed' | null | undefined | { readonly error: unknown }): void => {
    if (outcome === null) {
      left -= 1;
    } else if (message.receives >= queueLimits.receivesMax) {
      left -= 1;
      deadLetters += 1;
    } else {
      const isKnown = outcome !== 'killed' && outcome !== undefined;
      showAfter(message, isKnown ? receiveBackoffSeconds(message.receives, outcome.error) * 1_000 : visibilityMs);
    }
  };
  const accept = (body: FanOutMessage): void => {
    const isLate = random.chance(faults.mix.reordered);
    left += 1;
    showAfter({ body, receives: 0 }, random.int(travelMs.from, isLate ? faults.mix.reorderMs : travelMs.to));
    if (!random.chance(faults.mix.duplicated)) return;
    left += 1;
    showAfter({ body, receives: 0 }, random.int(0, duplicateMsMax));
  };
  return {
    send: async (messages) => {
      messages.forEach(accept);
      if (random.chance(faults.mix.sendReplyLost)) throw new AnswerLost('the answer of the queue was lost');
      return Promise.resolve();
    },
    left: () => left,
    deadLetters: () => deadLetters,
  };
}
