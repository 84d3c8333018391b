// Bounded runs: every item once, never more at once than allowed, and one failure stops nobody else.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runBounded, throwUnlessDone } from '../../shared/domain/concurrency.ts';

it('runs every item once, in order of result, within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), async (turns, atOnce) => {
      let running = 0;
      let peak = 0;
      const outcomes = await runBounded([...turns.keys()], atOnce, async (index) => {
        running += 1;
        peak = Math.max(peak, running);
        for (let turn = 0; turn < (turns[index] ?? 0); turn += 1) await Promise.resolve();
        running -= 1;
        return index;
      });
      expect(outcomes).toEqual([...turns.keys()].map((result) => ({ outcome: 'done', result })));
      expect(peak).toBeLessThanOrEqual(atOnce);
    }),
  );
});

it('keeps what a task threw beside the results of the others', async () => {
  const broken = new Error('broken');
  const outcomes = await runBounded([1, 2, 3], 2, (item) =>
    item === 2 ? Promise.reject(broken) : Promise.resolve(item),
  );
  expect(outcomes).toEqual([
    { outcome: 'done', result: 1 },
    { outcome: 'threw', error: broken },
    { outcome: 'done', result: 3 },
  ]);
});

it('begins nothing more once told to stop', async () => {
  let begun = 0;
  const outcomes = await runBounded(
    [1, 2, 3, 4],
    1,
    (item) => {
      begun += 1;
      return Promise.resolve(item);
    },
    () => begun < 2,
  );
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'skipped', 'skipped']);
});

it('all done is no reason to throw; an error is, and so is what was skipped', () => {
  const done = { outcome: 'done', result: 1 } as const;
  const error = new Error('broken');
  expect(() => {
    throwUnlessDone([done, done]);
  }).not.toThrow();
  expect(() => {
    throwUnlessDone([done, { outcome: 'skipped' }, { outcome: 'threw', error }]);
  }).toThrow(error);
  expect(() => {
    throwUnlessDone([done, { outcome: 'skipped' }]);
  }).toThrow('1 of 2 were not begun before the deadline');
});
