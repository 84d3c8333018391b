// Sets of sequence numbers as runs: the same as sets of numbers, one by one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeqRange, SeqRanges } from '../../shared/domain/ranges.ts';
import {
  addRange,
  atMost,
  countBeyond,
  dropBeyond,
  dropUpTo,
  holds,
  joinedOver,
  union,
} from '../../shared/domain/ranges.ts';

const seqMax = 40;
const seq = fc.integer({ min: 1, max: seqMax });
/** Also runs that end before they begin, which are empty. */
const run = fc.record({ fromSeq: seq, toSeq: seq });
const runs = fc.array(run, { maxLength: 12 });

function numbersOf(ranges: SeqRanges): readonly number[] {
  return Array.from({ length: seqMax + 2 }, (_, number) => number).filter((number) =>
    ranges.some(({ fromSeq, toSeq }) => fromSeq <= number && number <= toSeq),
  );
}

function rangesOf(added: readonly SeqRange[]): SeqRanges {
  return added.reduce<SeqRanges>(addRange, []);
}

function modelOf(added: readonly SeqRange[]): Set<number> {
  return new Set(added.flatMap((one) => numbersOf([one])));
}

function sorted(numbers: Iterable<number>): readonly number[] {
  return [...numbers].sort((a, b) => a - b);
}

/** Sorted, not empty, neither touching nor overlapping. */
function expectTidy(ranges: SeqRanges): void {
  for (const [index, { fromSeq, toSeq }] of ranges.entries()) {
    expect(fromSeq).toBeLessThanOrEqual(toSeq);
    expect(fromSeq).toBeGreaterThan((ranges[index - 1]?.toSeq ?? -1) + 1);
  }
}

describe('adding a run', () => {
  it.each<readonly [SeqRanges, SeqRange, SeqRanges]>([
    [[], { fromSeq: 2, toSeq: 3 }, [{ fromSeq: 2, toSeq: 3 }]],
    [[{ fromSeq: 2, toSeq: 3 }], { fromSeq: 4, toSeq: 4 }, [{ fromSeq: 2, toSeq: 4 }]],
    [[{ fromSeq: 2, toSeq: 3 }], { fromSeq: 1, toSeq: 1 }, [{ fromSeq: 1, toSeq: 3 }]],
    [
      [{ fromSeq: 2, toSeq: 3 }],
      { fromSeq: 5, toSeq: 5 },
      [
        { fromSeq: 2, toSeq: 3 },
        { fromSeq: 5, toSeq: 5 },
      ],
    ],
    [
      [
        { fromSeq: 2, toSeq: 3 },
        { fromSeq: 7, toSeq: 8 },
      ],
      { fromSeq: 4, toSeq: 6 },
      [{ fromSeq: 2, toSeq: 8 }],
    ],
    [[{ fromSeq: 2, toSeq: 9 }], { fromSeq: 4, toSeq: 5 }, [{ fromSeq: 2, toSeq: 9 }]],
    [[{ fromSeq: 2, toSeq: 3 }], { fromSeq: 9, toSeq: 8 }, [{ fromSeq: 2, toSeq: 3 }]],
  ])('to %j: %j makes %j', (ranges, added, expected) => {
    expect(addRange(ranges, added)).toEqual(expected);
  });

  it('is what adding its numbers one by one is, in whatever order, and stays tidy', () => {
    fc.assert(
      fc.property(runs, (added) => {
        const ranges = rangesOf(added);
        expectTidy(ranges);
        expect(numbersOf(ranges)).toEqual(sorted(modelOf(added)));
        expect(rangesOf([...added].reverse())).toEqual(ranges);
      }),
    );
  });
});

describe('a set of runs', () => {
  it('holds, counts and drops what a set of its numbers does', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 0, max: seqMax + 1 }), (added, at) => {
        const ranges = rangesOf(added);
        const numbers = sorted(modelOf(added));
        expect(holds(ranges, at)).toBe(numbers.includes(at));
        expect(countBeyond(ranges, at)).toBe(numbers.filter((number) => number > at).length);
        expect(numbersOf(dropUpTo(ranges, at))).toEqual(numbers.filter((number) => number > at));
        expect(numbersOf(dropBeyond(ranges, at))).toEqual(numbers.filter((number) => number <= at));
        expectTidy(dropUpTo(ranges, at));
        expectTidy(dropBeyond(ranges, at));
      }),
    );
  });
});

describe('several sets', () => {
  it('united are the numbers of all of them', () => {
    fc.assert(
      fc.property(runs, runs, runs, (some, more, others) => {
        const united = union(rangesOf(some), rangesOf(more), rangesOf(others));
        expect(united).toEqual(rangesOf([...some, ...more, ...others]));
      }),
    );
    expect(union()).toEqual([]);
  });
});

describe('runs joined over another set', () => {
  const singles = (...numbers: readonly number[]): SeqRanges =>
    numbers.map((number) => ({ fromSeq: number, toSeq: number }));

  it.each<readonly [string, SeqRanges, number, SeqRanges]>([
    ['none when there are few enough', singles(2, 4, 6), 4, singles(1, 3, 5, 7)],
    ['the oldest two when there is one too many', singles(2, 4, 6), 3, [{ fromSeq: 1, toSeq: 3 }, ...singles(5, 7)]],
    ['those between which it is filled', singles(4, 6), 3, [...singles(1), { fromSeq: 3, toSeq: 5 }, ...singles(7)]],
    ['none over what is not filled', singles(1, 3, 8), 1, singles(1, 3, 5, 7)],
    ['all when all is filled', [{ fromSeq: 1, toSeq: 7 }], 1, [{ fromSeq: 1, toSeq: 7 }]],
  ])('are %s', (_, filling, countMax, expected) => {
    expect(joinedOver(singles(1, 3, 5, 7), filling, countMax)).toEqual(expected);
  });

  it('are not those between which it is filled half', () => {
    const ranges = singles(1, 5);
    expect(joinedOver(ranges, [{ fromSeq: 2, toSeq: 3 }], 1)).toEqual(ranges);
    expect(joinedOver(ranges, [{ fromSeq: 3, toSeq: 9 }], 1)).toEqual(ranges);
    expect(joinedOver(ranges, [{ fromSeq: 2, toSeq: 4 }], 1)).toEqual([{ fromSeq: 1, toSeq: 5 }]);
  });

  it('grow by numbers of that set only, by as few gaps as it takes, the oldest first', () => {
    fc.assert(
      fc.property(runs, runs, fc.nat(6), (added, others, countMax) => {
        const [ranges, filling] = [rangesOf(added), rangesOf(others)];
        const joined = joinedOver(ranges, filling, countMax);
        expectTidy(joined);
        const [numbers, filled] = [numbersOf(joined), numbersOf(filling)];
        const grown = numbers.filter((number) => !holds(ranges, number));
        expect(numbers).toEqual(expect.arrayContaining([...numbersOf(ranges)]));
        expect(filled).toEqual(expect.arrayContaining([...grown]));
        const gaps = ranges.slice(1).map(({ fromSeq }, index) => ({ from: (ranges[index]?.toSeq ?? 0) + 1, fromSeq }));
        const fillable = gaps.filter(({ from, fromSeq }) =>
          Array.from({ length: fromSeq - from }, (_, index) => from + index).every((number) => filled.includes(number)),
        );
        const closed = fillable.slice(0, Math.max(0, ranges.length - countMax));
        expect(joined).toHaveLength(ranges.length - closed.length);
        expect(closed.every(({ from }) => holds(joined, from))).toBe(true);
      }),
    );
  });
});

describe('at most so many runs', () => {
  it('joins the oldest ones', () => {
    const ranges = [1, 4, 7, 10].map((number) => ({ fromSeq: number, toSeq: number + 1 }));
    expect(atMost(ranges, 4)).toEqual(ranges);
    expect(atMost(ranges, 2)).toEqual([
      { fromSeq: 1, toSeq: 8 },
      { fromSeq: 10, toSeq: 11 },
    ]);
    expect(atMost(ranges, 1)).toEqual([{ fromSeq: 1, toSeq: 11 }]);
  });

  it('only ever grow the set, within its ends, and by nothing when there are few', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 6 }), (added, countMax) => {
        const ranges = rangesOf(added);
        const fewer = atMost(ranges, countMax);
        expectTidy(fewer);
        expect(fewer.length).toBe(Math.min(ranges.length, countMax));
        expect(numbersOf(fewer)).toEqual(expect.arrayContaining([...numbersOf(ranges)]));
        expect([fewer[0]?.fromSeq, fewer.at(-1)?.toSeq]).toEqual([ranges[0]?.fromSeq, ranges.at(-1)?.toSeq]);
        if (ranges.length <= countMax) expect(fewer).toEqual(ranges);
      }),
    );
  });
});
