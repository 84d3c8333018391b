// A small run of npm run chaos, and the proof that its judge notices what it must.
import { stdout } from 'node:process';
import { describe, expect, it } from 'vitest';
import type { Accepted } from './chaos/crm.ts';
import type { Screen } from './chaos/judge.ts';
import { isFlawless, judge } from './chaos/judge.ts';
import { runChaos } from './chaos/run.ts';

describe('the runtime, killed under load', () => {
  it('has every accepted notification shown once, in order, on every addressed client', async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    stdout.write(`chaos --seed ${String(seed)}\n`);
    const result = await runChaos({ clients: 20, kills: 1, seconds: 10, seed, say: () => undefined });
    const { expected, ...violations } = result.verdict;
    expect(violations).toEqual({ shown: expected, lost: [], repeated: [], outOfOrder: [], foreign: [] });
    expect(expected).toBeGreaterThan(20);
    expect(result.connections).toBeGreaterThan(20);
  }, 180_000);
});

describe('the judge', () => {
  const accepted: readonly Accepted[] = [
    { number: 1, id: 'one', users: ['a'] },
    { number: 2, id: 'two', users: ['a', 'b'] },
    { number: 3, id: 'three', users: null },
  ];
  const at = (topic: string, seq: number, id: string, number: number): Screen['shown'][number] => ({
    id,
    topic,
    epoch: 'e',
    seq,
    data: { number },
  });
  const ofA = [at('user:a', 1, 'one', 1), at('all', 1, 'three', 3), at('user:a', 2, 'two', 2)];
  const ofB = [at('user:b', 1, 'two', 2), at('all', 1, 'three', 3)];
  const [oneOfA, threeOfA, twoOfA] = ofA;

  function verdictOn(shownByA: readonly (Screen['shown'][number] | undefined)[], shownByB = ofB): object {
    const known = shownByA.flatMap((frame) => (frame === undefined ? [] : [frame]));
    const screens = [
      { name: 'a', user: 'a', shown: known },
      { name: 'b', user: 'b', shown: shownByB },
    ];
    const { lost, repeated, outOfOrder, foreign, ...counts } = judge(screens, accepted);
    const flaws = [lost.length, repeated.length, outOfOrder.length, foreign.length];
    return { ...counts, flaws, flawless: isFlawless(judge(screens, accepted)) };
  }

  it('is content with what is complete', () => {
    expect(verdictOn(ofA)).toEqual({ expected: 5, shown: 5, flaws: [0, 0, 0, 0], flawless: true });
  });

  it.each<[string, readonly (Screen['shown'][number] | undefined)[], readonly number[]]>([
    ['the last is missing', [oneOfA, threeOfA], [1, 0, 0, 0]],
    ['the first is missing', [threeOfA, twoOfA], [1, 0, 1, 0]],
    ['one is shown twice', [oneOfA, threeOfA, twoOfA, threeOfA], [0, 1, 1, 0]],
    ['one stands at two places', [oneOfA, threeOfA, twoOfA, at('user:a', 3, 'one', 1)], [0, 1, 0, 0]],
    ['two are exchanged', [twoOfA, oneOfA, threeOfA], [0, 0, 2, 0]],
    ['one is unknown', [...ofA, at('user:a', 3, 'four', 4)], [0, 0, 0, 1]],
    ['one holds something else', [oneOfA, at('all', 1, 'three', 4), twoOfA], [0, 0, 0, 1]],
  ])('notices that %s', (_, shownByA, flaws) => {
    expect(verdictOn(shownByA)).toMatchObject({ flaws, flawless: false });
  });

  it('notices what was for another user, and two truths about one place', () => {
    expect(verdictOn(ofA, [...ofB, at('user:b', 2, 'one', 1)])).toMatchObject({ flaws: [0, 0, 0, 1] });
    expect(verdictOn(ofA, [at('all', 1, 'two', 2), at('user:b', 1, 'three', 3)])).toMatchObject({
      flaws: [0, 0, 1, 0],
    });
  });
});
