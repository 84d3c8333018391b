// The virtual queue: at least once, sooner or later, and not for ever.
import { describe, expect, it } from 'vitest';
import { queueLimits } from '../../shared/protocol/limits.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import type { FaultMix } from './faults.ts';
import { noFaults } from './faults.ts';
import type { BatchOutcome, VirtualQueue } from './queue.ts';
import { virtualQueue, visibilityMs } from './queue.ts';
import { randomFrom } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';
import { virtualTime } from './virtual-time.ts';

const hourMs = 3_600_000;
const count = 40;
const messages: readonly FanOutMessage[] = Array.from({ length: count }, (_, number) => ({
  kind: 'broadcast',
  broadcastId: String(number),
}));

interface Received {
  readonly id: string;
  readonly atMs: number;
}

interface Scene {
  readonly time: VirtualTime;
  readonly queue: VirtualQueue;
  readonly received: readonly Received[];
}

/** A queue whose consumer notes what it receives and answers for each batch as it is told. */
function scene(
  mix: Partial<FaultMix>,
  answer: (batch: readonly FanOutMessage[], receive: number) => BatchOutcome,
): Scene {
  const time = virtualTime(0);
  const received: Received[] = [];
  let receives = 0;
  const queue = virtualQueue({
    time,
    random: randomFrom(1),
    faults: { mix: { ...noFaults, ...mix } },
    consume: async (batch) => {
      receives += 1;
      received.push(...batch.map(({ broadcastId }) => ({ id: broadcastId, atMs: time.nowMs() })));
      await time.wait(1);
      return answer(batch, receives);
    },
  });
  return { time, queue, received };
}

function allDone(batch: readonly FanOutMessage[]): BatchOutcome {
  return batch.map(() => null);
}

function timesOf(received: readonly Received[], id: string): readonly number[] {
  return received.filter((message) => message.id === id).map(({ atMs }) => atMs);
}

describe('the virtual queue', () => {
  it('brings each message once when nothing goes wrong', async () => {
    const { time, queue, received } = scene({}, allDone);
    await queue.send(messages);
    await time.passUntil(hourMs);

    expect(received.map(({ id }) => id).sort()).toEqual(messages.map(({ broadcastId }) => broadcastId).sort());
    expect(queue.left()).toBe(0);
  });

  it('brings some twice, and not in the order of sending', async () => {
    const { time, queue, received } = scene({ duplicated: 0.5, reordered: 0.5 }, allDone);
    await queue.send(messages);
    await time.passUntil(hourMs);
    const twice = messages.filter(({ broadcastId }) => timesOf(received, broadcastId).length === 2);

    expect(twice.length).toBeGreaterThan(0);
    expect(twice.length).toBeLessThan(count);
    expect(received.map(({ id }) => Number(id))).not.toEqual(
      received.map(({ id }) => Number(id)).sort((a, b) => a - b),
    );
    expect(queue.left()).toBe(0);
  });

  it('brings what failed again soon, and what a dead consumer had after its visibility time', async () => {
    const one = messages.slice(0, 1);
    const failing = scene({}, (batch, receive) =>
      receive === 1 ? batch.map(() => ({ error: 'planted' })) : allDone(batch),
    );
    const dying = scene({}, (batch, receive) => (receive === 1 ? 'killed' : allDone(batch)));
    for (const { queue, time } of [failing, dying]) {
      await queue.send(one);
      await time.passUntil(hourMs);
    }
    const pauseOf = ({ received }: Scene): number => {
      const [first = 0, second = 0] = timesOf(received, '0');
      return second - first;
    };

    expect(pauseOf(failing)).toBeLessThan(2_000);
    expect(pauseOf(dying)).toBeGreaterThanOrEqual(visibilityMs);
    expect(failing.queue.left() + dying.queue.left()).toBe(0);
  });

  it('gives a message up after as many receives as the real one', async () => {
    const { time, queue, received } = scene({}, (batch) => batch.map(() => ({ error: 'planted' })));
    await queue.send(messages.slice(0, 1));
    await time.passUntil(hourMs);

    expect(received).toHaveLength(queueLimits.receivesMax);
    expect(queue.deadLetters()).toBe(1);
    expect(queue.left()).toBe(0);
  });

  it('may have taken what it seems to have refused', async () => {
    const { time, queue, received } = scene({ sendReplyLost: 1 }, allDone);

    await expect(queue.send(messages)).rejects.toThrow('answer');
    await time.passUntil(hourMs);
    expect(received).toHaveLength(count);
  });
});
