// What was posted to clients that do not acknowledge, and what they declined, against sets of numbers: nothing is posted twice, and nothing is left out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import {
  acknowledged,
  isUnpushed,
  progressOf,
  pushedUpTo,
  rebased,
  wasDeclined,
  wasPushed,
  withDeclined,
  withPassedOver,
  withPushed,
  withRead,
} from '../../shared/domain/cursor.ts';
import type { SeqRange } from '../../shared/domain/ranges.ts';
import { aCursor } from '../builders/cursor.ts';

const seqMax = 24;
const seqs = Array.from({ length: seqMax }, (_, index) => index + 1);
const epoch = 'e1';
const anySeq = fc.integer({ min: 1, max: seqMax });
const anyRange: fc.Arbitrary<SeqRange> = fc
  .tuple(anySeq, fc.nat(3))
  .map(([fromSeq, more]) => ({ fromSeq, toSeq: Math.min(fromSeq + more, seqMax) }));

type Change =
  | { readonly kind: 'push' | 'decline'; readonly ranges: readonly SeqRange[] }
  | { readonly kind: 'pass'; readonly range: SeqRange }
  | { readonly kind: 'acknowledge' | 'read'; readonly seq: number };

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('push' as const, 'decline' as const),
      ranges: fc.array(anyRange, { maxLength: 3 }),
    }),
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
    case 'decline':
      return withDeclined(cursor, change.ranges);
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
        const declined = new Set(
          all.flatMap((change) => (change.kind === 'decline' ? change.ranges.flatMap(numbersOf) : [])),
        );
        // What is declined by one client and posted to another one was posted, whichever came first.
        const others = seqs.filter((seq) => declined.has(seq) && !model.has(seq));
        expect(seqs.filter((seq) => wasDeclined(cursor, { epoch, seq }))).toEqual(others);
        expect(seqs.some((seq) => wasDeclined(cursor, { epoch: 'e0', seq }))).toBe(false);
      }),
    );
  });

  it('says nothing of what was delivered or read, and changes no count of what is unread', () => {
    fc.assert(
      fc.property(starts, changes, fc.array(anyRange), (joinedSeq, all, ranges) => {
        const before = all.reduce(changed, aCursor({ epoch, joinedSeq }));
        for (const after of [withPushed(before, ranges), withDeclined(before, ranges)]) {
          expect({ ...after, pushed: [], declined: [] }).toEqual({ ...before, pushed: [], declined: [] });
          for (const seq of seqs) expect(progressOf(after, { epoch, seq })).toBe(progressOf(before, { epoch, seq }));
        }
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
  it('is what was neither posted, declined, passed over, acknowledged nor read', () => {
    fc.assert(
      fc.property(starts, changes, (joinedSeq, all) => {
        let cursor = aCursor({ epoch, joinedSeq });
        const settled = new Set(seqs.slice(0, joinedSeq));
        for (const change of all) {
          for (const seq of settledBy(change)) settled.add(seq);
          cursor = changed(cursor, change);
          const open = seqs.filter((seq) => isUnpushed(cursor, seq));
          expect(open).toEqual(seqs.filter((seq) => !settled.has(seq)));
          expect(pushedUpTo(cursor)).toBe((seqs.find((seq) => !settled.has(seq)) ?? seqMax + 1) - 1);
        }
      }),
    );
  });

  function settledBy(change: Change): readonly number[] {
    switch (change.kind) {
      case 'push':
      case 'decline':
        return change.ranges.flatMap(numbersOf);
      case 'pass':
        return numbersOf(change.range);
      case 'acknowledge':
        return seqs.slice(0, change.seq);
      case 'read':
        return [change.seq];
    }
  }

  it.each<readonly [string, Partial<Cursor>, number]>([
    ['of a newcomer', { joinedSeq: 3, deliveredSeq: 3 }, 3],
    ['behind a hole', { pushed: [{ fromSeq: 2, toSeq: 5 }] }, 0],
    ['behind what was posted from the start', { pushed: [{ fromSeq: 1, toSeq: 5 }] }, 5],
    ['behind a hole that was passed over', { pushed: [one(1), one(3)], passedOver: [one(2)] }, 3],
    ['behind a hole that was declined', { pushed: [one(1), one(3)], declined: [one(2)] }, 3],
    ['behind a hole that was read', { pushed: [one(1), one(3)], readBeyond: [one(2)] }, 3],
    ['behind what was read from the start', { pushed: [one(4)], readSeq: 3, deliveredSeq: 1 }, 4],
    ['behind what was acknowledged in the middle of a run', { deliveredSeq: 3, pushed: [{ fromSeq: 2, toSeq: 5 }] }, 5],
    ['behind what was acknowledged beyond all', { deliveredSeq: 7, pushed: [{ fromSeq: 2, toSeq: 5 }] }, 7],
  ])('begins %s', (_, given, seq) => {
    expect(pushedUpTo(aCursor(given))).toBe(seq);
  });
});

it('in a new epoch it holds as far as the log holds the same', () => {
  const cursor = aCursor({
    epoch,
    pushed: [
      { fromSeq: 1, toSeq: 3 },
      { fromSeq: 5, toSeq: 8 },
    ],
    declined: [one(4), one(9)],
  });
  const moved = rebased(cursor, { epoch: 'e2', seq: 9, past: [{ epoch, endSeq: 6 }] });
  expect(moved.pushed).toEqual([
    { fromSeq: 1, toSeq: 3 },
    { fromSeq: 5, toSeq: 6 },
  ]);
  expect(moved.declined).toEqual([one(4)]);
  expect(rebased(cursor, { epoch: 'e2', seq: 9, past: [] })).toMatchObject({ pushed: [], declined: [] });
});

function one(seq: number): SeqRange {
  return { fromSeq: seq, toSeq: seq };
}
