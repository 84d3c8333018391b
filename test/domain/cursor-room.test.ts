// What becomes of notes on what was posted and declined when a cursor has no room for more runs: nothing is claimed that was not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import {
  acknowledged,
  isUnpushed,
  pushedUpTo,
  wasDeclined,
  wasPushed,
  withDeclined,
  withPassedOver,
  withPushed,
  withRead,
} from '../../shared/domain/cursor.ts';
import type { SeqRange, SeqRanges } from '../../shared/domain/ranges.ts';
import { cursorLimits } from '../../shared/protocol/limits.ts';
import { aCursor } from '../builders/cursor.ts';

const { pushedRunsMax } = cursorLimits;
const epoch = 'e1';
/** As many runs as there is room for, and a hole before each. */
const evens = Array.from({ length: pushedRunsMax }, (_, index) => one(2 * index + 2));
const odds = evens.map(({ fromSeq }) => one(fromSeq - 1));
const full = withPushed(aCursor({ epoch }), evens);
/** Behind another hole. */
const next = 2 * pushedRunsMax + 2;

describe('when there is no more room', () => {
  it('what is noted stays, and what is not is posted again: nothing is ever taken for posted that was not', () => {
    const more = withPushed(full, [one(next)]);
    expect(more.pushed).toEqual(full.pushed);
    expect(isUnpushed(more, next)).toBe(true);
    expect([1, 2, 3, 4].map((seq) => isUnpushed(more, seq))).toEqual([true, false, true, false]);
  });

  it('the oldest are kept: closing a hole makes room again', () => {
    const closed = withPushed(full, [one(1), one(3)]);
    expect(closed.pushed).toHaveLength(pushedRunsMax - 1);
    expect(pushedUpTo(closed)).toBe(4);
  });

  it('what is declined is looked at again', () => {
    const more = withDeclined(withDeclined(aCursor({ epoch }), evens), [one(next)]);
    expect(more.declined).toEqual(evens);
    expect(isUnpushed(more, next)).toBe(true);
  });
});

describe('where a hole is settled otherwise, there is room', () => {
  it.each<readonly [string, Partial<Cursor>]>([
    ['passed over', { passedOver: [one(5)] }],
    ['declined', { declined: [one(5)] }],
    ['read', { readBeyond: [one(5)] }],
    ['read from the start', { readSeq: 3 }],
    ['acknowledged', { deliveredSeq: 4 }],
  ])('%s', (_, given) => {
    const more = withPushed({ ...full, ...given }, [one(next)]);
    expect(more.pushed).toHaveLength(pushedRunsMax);
    expect(isUnpushed(more, next)).toBe(false);
    expect(wasPushed(more, { epoch, seq: next })).toBe(true);
  });

  it('no more runs are joined than it takes, the oldest first', () => {
    const more = withPushed({ ...full, passedOver: [one(5), one(7), one(9)] }, [one(next)]);
    expect(more.pushed.slice(0, 4)).toEqual([one(2), { fromSeq: 4, toSeq: 6 }, one(8), one(10)]);
  });

  it('also for a client that declines every other one: it is at the end of its log, and the last ones are known exactly', () => {
    let cursor = withDeclined(full, odds);
    const told = Array.from({ length: 10 }, (_, index) => next - 1 + 2 * index);
    for (const seq of told) {
      cursor = withPushed(withDeclined(cursor, [one(seq)]), [one(seq + 1)]);
      expect(pushedUpTo(cursor)).toBe(seq + 1);
      expect(Math.max(cursor.pushed.length, cursor.declined.length)).toBeLessThanOrEqual(pushedRunsMax);
    }
    const known = [told[0] ?? 0, next + 18].map((seq) => ({ epoch, seq }));
    expect(known.map((position) => [wasPushed(cursor, position), wasDeclined(cursor, position)])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(odds.filter(({ fromSeq }) => wasPushed(cursor, { epoch, seq: fromSeq }))).toEqual([]);
  });
});

/** Something that happens, and the numbers that are settled by it. */
interface Change {
  readonly kind: 'push' | 'decline' | 'pass' | 'read' | 'acknowledge';
  readonly range: SeqRange;
}

const lowMax = 24;
/** Those that are looked at: the oldest, and those for which there is no room. */
const looked = [...numbersTo(lowMax), ...numbersTo(lowMax).map((number) => next - 1 + number)];
const low = fc.tuple(fc.integer({ min: 1, max: lowMax }), fc.nat(3)).map(([from, more]) => clipped(from, from + more));
const high = fc.integer({ min: next, max: next + lowMax - 1 }).map(one);
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('push' as const), range: high }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('decline' as const, 'pass' as const), range: high }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('push', 'decline', 'pass', 'read'), range: low }),
  },
  {
    weight: 1,
    arbitrary: fc.nat(9).map((toSeq) => ({ kind: 'acknowledge' as const, range: { fromSeq: 1, toSeq } })),
  },
);

function changed(cursor: Cursor, { kind, range }: Change): Cursor {
  switch (kind) {
    case 'push':
      return withPushed(cursor, [range]);
    case 'decline':
      return withDeclined(cursor, [range]);
    case 'pass':
      return withPassedOver(cursor, range);
    case 'read':
      return withRead(cursor, { upToSeq: 0, seqs: numbersOf(range), atMs: 1 });
    case 'acknowledge':
      return acknowledged(cursor, range.toSeq, 1);
  }
}

describe('against sets of numbers, at the limit,', () => {
  it('nothing is taken for settled that is not, and nothing is forgotten while there are runs to join', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 24 }), (changes) => {
        const settled = new Set(evens.map(({ fromSeq }) => fromSeq));
        const posted = new Set(settled);
        const declined = new Set<number>();
        let cursor = full;
        for (const change of changes) {
          const open = new Set(looked.filter((seq) => isUnpushed(cursor, seq)));
          cursor = changed(cursor, change);
          const numbers = numbersOf(change.range);
          for (const seq of numbers) settled.add(seq);
          if (change.kind === 'push') for (const seq of numbers) posted.add(seq);
          if (change.kind === 'decline') for (const seq of numbers) if (open.has(seq)) declined.add(seq);
          const left = looked.filter((seq) => isUnpushed(cursor, seq));
          expect(looked.filter((seq) => !settled.has(seq) && !left.includes(seq))).toEqual([]);
          const forgotten = left.filter((seq) => numbers.includes(seq) || !open.has(seq));
          if (forgotten.length > 0) expect([cursor.pushed.length, holesToJoin(cursor)]).toEqual([pushedRunsMax, []]);
        }
        const onlyDeclined = looked.filter((seq) => declined.has(seq) && !posted.has(seq));
        expect(onlyDeclined.filter((seq) => wasPushed(cursor, { epoch, seq }))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

/** The holes between runs of what was posted in which nothing is left to post. */
function holesToJoin(cursor: Cursor): readonly number[] {
  const holes: SeqRanges = cursor.pushed.slice(1).map(({ fromSeq }, index) => ({
    fromSeq: (cursor.pushed[index]?.toSeq ?? 0) + 1,
    toSeq: fromSeq - 1,
  }));
  return holes.flatMap((hole) => (numbersOf(hole).some((seq) => isUnpushed(cursor, seq)) ? [] : [hole.fromSeq]));
}

function numbersOf({ fromSeq, toSeq }: SeqRange): readonly number[] {
  return Array.from({ length: toSeq - fromSeq + 1 }, (_, index) => fromSeq + index);
}

function numbersTo(last: number): readonly number[] {
  return numbersOf({ fromSeq: 1, toSeq: last });
}

function clipped(fromSeq: number, toSeq: number): SeqRange {
  return { fromSeq, toSeq: Math.min(toSeq, lowMax) };
}

function one(seq: number): SeqRange {
  return { fromSeq: seq, toSeq: seq };
}
