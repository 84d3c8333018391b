// What was posted to clients that do not acknowledge, against sets of numbers: nothing is posted twice, and nothing is left out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import {
  acknowledged,
  isUnpushed,
  progressOf,
  pushedUpTo,
  rebased,
  wasPushed,
  withPassedOver,
  withPushed,
  withRead,
} from '../../shared/domain/cursor.ts';
import type { SeqRange } from '../../shared/domain/ranges.ts';
import { cursorLimits } from '../../shared/protocol/limits.ts';
import { aCursor } from '../builders/cursor.ts';

const seqMax = 24;
const seqs = Array.from({ length: seqMax }, (_, index) => index + 1);
const epoch = 'e1';
const anySeq = fc.integer({ min: 1, max: seqMax });
const anyRange: fc.Arbitrary<SeqRange> = fc
  .tuple(anySeq, fc.nat(3))
  .map(([fromSeq, more]) => ({ fromSeq, toSeq: Math.min(fromSeq + more, seqMax) }));

type Change =
  | { readonly kind: 'push'; readonly ranges: readonly SeqRange[] }
  | { readonly kind: 'pass'; readonly range: SeqRange }
  | { readonly kind: 'acknowledge' | 'read'; readonly seq: number };

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('push' as const), ranges: fc.array(anyRange, { maxLength: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), range: anyRange }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('acknowledge' as const, 'read' as const), seq: anySeq }) },
);
const changes = fc.array(anyChange, { maxLength: 16 });
const starts = fc.integer({ min: 0, max: 6 });

function changed(cursor: Cursor, change: Change): Cursor {
  switch (change.kind) {
    case 'push':
      return withPushed(cursor, change.ranges);
    case 'pass':
      return withPassedOver(cursor, change.range);
    case 'acknowledge':
      return acknowledged(cursor, change.seq, 1);
    case 'read':
      return withRead(cursor, { upToSeq: 0, seqs: [change.seq], atMs: 1 });
  }
}

function numbersOf({ fromSeq, toSeq }: SeqRange): readonly number[] {
  return seqs.filter((seq) => fromSeq <= seq && seq <= toSeq);
}

describe('what was posted', () => {
  it('is the set of all that was ever noted, whatever else happens', () => {
    fc.assert(
      fc.property(starts, changes, (joinedSeq, all) => {
        const cursor = all.reduce(changed, aCursor({ epoch, joinedSeq }));
        const model = new Set(
          all.flatMap((change) => (change.kind === 'push' ? change.ranges.flatMap(numbersOf) : [])),
        );
        expect(seqs.filter((seq) => wasPushed(cursor, { epoch, seq }))).toEqual(seqs.filter((seq) => model.has(seq)));
        expect(seqs.some((seq) => wasPushed(cursor, { epoch: 'e0', seq }))).toBe(false);
      }),
    );
  });

  it('says nothing of what was delivered or read, and changes no count of what is unread', () => {
    fc.assert(
      fc.property(starts, changes, fc.array(anyRange), (joinedSeq, all, ranges) => {
        const before = all.reduce(changed, aCursor({ epoch, joinedSeq }));
        const after = withPushed(before, ranges);
        expect({ ...after, pushed: [] }).toEqual({ ...before, pushed: [] });
        for (const seq of seqs) expect(progressOf(after, { epoch, seq })).toBe(progressOf(before, { epoch, seq }));
      }),
    );
  });

  it('is the same in whatever order and however often it is noted', () => {
    fc.assert(
      fc.property(fc.array(anyRange), fc.array(anyRange), (some, others) => {
        const [one, other] = [withPushed(aCursor({ user: 'a' }), some), withPushed(aCursor({ user: 'a' }), others)];
        const { pushed } = withPushed(one, others);
        expect(withPushed(other, some).pushed).toEqual(pushed);
        expect(withPushed(withPushed(one, others), some).pushed).toEqual(pushed);
      }),
    );
  });
});

describe('what still has to be posted', () => {
  it('is what was neither posted, nor passed over, nor acknowledged', () => {
    fc.assert(
      fc.property(starts, changes, (joinedSeq, all) => {
        let cursor = aCursor({ epoch, joinedSeq });
        const settled = new Set(seqs.slice(0, joinedSeq));
        for (const change of all) {
          // What was delivered or read is not passed over: no client of the user is owed it less for that.
          const over = change.kind === 'pass' ? numbersOf(change.range) : [];
          for (const seq of over) if (progressOf(cursor, { epoch, seq }) === 'none') settled.add(seq);
          if (change.kind === 'push') for (const seq of change.ranges.flatMap(numbersOf)) settled.add(seq);
          if (change.kind === 'acknowledge') for (const seq of seqs.slice(0, change.seq)) settled.add(seq);
          cursor = changed(cursor, change);
          const open = seqs.filter((seq) => isUnpushed(cursor, seq));
          expect(open).toEqual(seqs.filter((seq) => !settled.has(seq)));
          expect(pushedUpTo(cursor)).toBe((seqs.find((seq) => !settled.has(seq)) ?? seqMax + 1) - 1);
        }
      }),
    );
  });

  it.each<readonly [string, Partial<Cursor>, number]>([
    ['of a newcomer', { joinedSeq: 3, deliveredSeq: 3 }, 3],
    ['behind a hole', { pushed: [{ fromSeq: 2, toSeq: 5 }] }, 0],
    ['behind what was posted from the start', { pushed: [{ fromSeq: 1, toSeq: 5 }] }, 5],
    ['behind a hole that was passed over', { pushed: [one(1), one(3)], passedOver: [one(2)] }, 3],
    ['behind what was acknowledged in the middle of a run', { deliveredSeq: 3, pushed: [{ fromSeq: 2, toSeq: 5 }] }, 5],
    ['behind what was acknowledged beyond all', { deliveredSeq: 7, pushed: [{ fromSeq: 2, toSeq: 5 }] }, 7],
  ])('begins %s', (_, given, seq) => {
    expect(pushedUpTo(aCursor(given))).toBe(seq);
  });
});

describe('when there is no more room', () => {
  const { pushedRunsMax } = cursorLimits;
  const full = withPushed(
    aCursor({ epoch }),
    Array.from({ length: pushedRunsMax }, (_, index) => one(2 * index + 2)),
  );

  it('what is noted stays, and what is not is posted again: nothing is ever taken for posted that was not', () => {
    const more = withPushed(full, [one(2 * pushedRunsMax + 2)]);
    expect(more.pushed).toEqual(full.pushed);
    expect(isUnpushed(more, 2 * pushedRunsMax + 2)).toBe(true);
    expect([1, 2, 3, 4].map((seq) => isUnpushed(more, seq))).toEqual([true, false, true, false]);
  });

  it('the oldest are kept: closing a hole makes room again', () => {
    const closed = withPushed(full, [one(1), one(3)]);
    expect(closed.pushed).toHaveLength(pushedRunsMax - 1);
    expect(pushedUpTo(closed)).toBe(4);
  });
});

it('in a new epoch it holds as far as the log holds the same', () => {
  const cursor = aCursor({
    epoch,
    pushed: [
      { fromSeq: 1, toSeq: 3 },
      { fromSeq: 5, toSeq: 8 },
    ],
  });
  const moved = rebased(cursor, { epoch: 'e2', seq: 9, past: [{ epoch, endSeq: 6 }] });
  expect(moved.pushed).toEqual([
    { fromSeq: 1, toSeq: 3 },
    { fromSeq: 5, toSeq: 6 },
  ]);
  expect(rebased(cursor, { epoch: 'e2', seq: 9, past: [] }).pushed).toEqual([]);
});

function one(seq: number): SeqRange {
  return { fromSeq: seq, toSeq: seq };
}
