// The seeded source of chance.
import { describe, expect, it } from 'vitest';
import { randomFrom } from './random.ts';

const draws = 20_000;

function drawn<Value>(draw: () => Value): readonly Value[] {
  return Array.from({ length: draws }, draw);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('random', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const of = (seed: number): readonly number[] => drawn(randomFrom(seed).next);

    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
    expect(Math.min(...of(7))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...of(7))).toBeLessThan(1);
  });

  it('is true in about the share that was asked for, and never for none', () => {
    const random = randomFrom(1);
    const shareOf = (share: number): number => drawn(() => random.chance(share)).filter(Boolean).length / draws;

    expect(shareOf(0)).toBe(0);
    expect(shareOf(1)).toBe(1);
    expect(shareOf(0.05)).toBeCloseTo(0.05, 2);
  });

  it('reaches both ends of a range of whole numbers, and nothing else', () => {
    const random = randomFrom(2);

    expect(new Set(drawn(() => random.int(3, 5)))).toEqual(new Set([3, 4, 5]));
  });

  it('picks each item about as often as the others', () => {
    const random = randomFrom(3);
    const picked = drawn(() => random.pick(['a', 'b', 'c', 'd']));

    for (const item of ['a', 'b', 'c', 'd'])
      expect(picked.filter((other) => other === item).length / draws).toBeCloseTo(0.25, 1);
    expect(() => random.pick([])).toThrow('nothing to pick');
  });

  it('spreads times around their mean', () => {
    const random = randomFrom(4);
    const times = drawn(() => random.exponential(1_000));

    expect(mean(times) / 1_000).toBeCloseTo(1, 1);
    expect(times.every((time) => Number.isInteger(time) && time >= 0)).toBe(true);
  });

  it('forks sources that do not depend on what was drawn before', () => {
    const early = randomFrom(5).fork('queue');
    const parent = randomFrom(5);
    drawn(parent.next);
    const late = parent.fork('queue');

    expect(drawn(early.next)).toEqual(drawn(late.next));
    expect(drawn(parent.fork('network').next)).not.toEqual(drawn(parent.fork('queue').next));
    expect(drawn(randomFrom(6).fork('queue').next)).not.toEqual(drawn(randomFrom(5).fork('queue').next));
  });
});
