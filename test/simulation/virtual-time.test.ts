// Virtual time: order, waiting, and what ends a run.
import { describe, expect, it } from 'vitest';
import { randomFrom } from './random.ts';
import { earliestFirst, virtualTime } from './virtual-time.ts';

const startMs = 1_000;

describe('virtual time', () => {
  it('calls what is due in the order of time, and of planning within one moment', async () => {
    const time = virtualTime(startMs);
    const calls: string[] = [];
    const note = (what: string) => (): void => {
      calls.push(`${what}@${String(time.nowMs())}`);
    };
    time.after(20, note('late'));
    time.after(10, note('first'));
    time.after(10, note('second'));
    time.after(10, () => {
      time.after(0, note('planned then'));
    });
    time.after(31, note('too late'));

    await time.passUntil(startMs + 30);

    expect(calls).toEqual(['first@1010', 'second@1010', 'planned then@1010', 'late@1020']);
    expect(time.nowMs()).toBe(startMs + 30);
  });

  it('lets chains of promises run before time goes on', async () => {
    const time = virtualTime(startMs);
    const seen: number[] = [];
    time.start(async () => {
      for (let step = 0; step < 3; step += 1) {
        await time.wait(5);
        for (let hop = 0; hop < 50; hop += 1) await Promise.resolve();
        seen.push(time.nowMs() - startMs);
      }
    });

    await time.passUntil(startMs + 100);

    expect(seen).toEqual([5, 10, 15]);
  });

  it('does not call what was taken back', async () => {
    const time = virtualTime(startMs);
    const calls: string[] = [];
    const cancel = time.after(10, () => calls.push('never'));
    time.after(5, cancel);

    await time.passUntil(startMs + 20);

    expect(calls).toEqual([]);
  });

  it('ends with the error of what nobody waits for', async () => {
    const time = virtualTime(startMs);
    time.start(async () => {
      await time.wait(10);
      throw new Error('planted');
    });

    await expect(time.passUntil(startMs + 20)).rejects.toThrow('planted');
  });
});

describe('the earliest first', () => {
  it('gives numbers back in order', () => {
    const random = randomFrom(9);
    const numbers = Array.from({ length: 500 }, () => random.int(0, 100));
    const queue = earliestFirst();
    numbers.forEach(queue.add);
    const taken: number[] = [];
    for (let next = queue.first(); next !== undefined; next = queue.first()) {
      taken.push(next);
      queue.removeFirst();
    }

    expect(taken).toEqual(numbers.sort((a, b) => a - b));
  });
});
