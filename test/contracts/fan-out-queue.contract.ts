// What every queue of fan-out work must do.
import { expect, it } from 'vitest';
import type { FanOutQueue } from '../../shared/ports.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { unique } from '../builders/unique.ts';

export interface QueueUnderTest {
  readonly queue: FanOutQueue;
  /** Everything that the queue has taken, in any order, each once. */
  readonly received: () => Promise<readonly FanOutMessage[]>;
}

export function fanOutQueueContract(make: () => QueueUnderTest): void {
  it.each([0, 1, 10, 11, 25])('takes %d messages', async (count) => {
    const { queue, received } = make();
    const messages = Array.from({ length: count }, (): FanOutMessage => ({
      kind: 'broadcast',
      broadcastId: unique('b'),
    }));
    await queue.send(messages);
    expect([...(await received())].sort(byText)).toEqual([...messages].sort(byText));
  });

  it('takes pages as they are', async () => {
    const { queue, received } = make();
    const messages: FanOutMessage[] = [
      { kind: 'page', broadcastId: unique('b'), page: { kind: 'users', number: 3 } },
      { kind: 'page', broadcastId: unique('b'), page: { kind: 'shard', shard: 2, after: 'Ab1=', number: 4 } },
      { kind: 'page', broadcastId: unique('b'), page: { kind: 'shard', shard: 0, after: null, number: 0 } },
    ];
    await queue.send(messages);
    expect([...(await received())].sort(byText)).toEqual([...messages].sort(byText));
  });
}

function byText(a: FanOutMessage, b: FanOutMessage): number {
  return JSON.stringify(a).localeCompare(JSON.stringify(b));
}
