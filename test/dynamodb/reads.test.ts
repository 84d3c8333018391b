// Folding single reads: the same entries stay read.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldReads } from '../../shared/dynamodb/reads.ts';

describe('folded reads', () => {
  it.each([
    ['a run from the place on', 2, [3, 4, 5], 5, [3, 4, 5]],
    ['a run with a gap', 2, [3, 5], 3, [3]],
    ['no run', 2, [4, 5], 2, []],
    ['reads behind the place', 4, [1, 2, 6], 4, [1, 2]],
    ['nothing', 0, [], 0, []],
  ])('cover %s', (_, readSeq, readSeqs, reached, covered) => {
    expect(foldReads(readSeq, new Set(readSeqs))).toEqual({ readSeq: reached, covered: new Set(covered) });
  });

  it('leave every entry as read or unread as it was', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.uniqueArray(fc.integer({ min: 1, max: 20 })), (readSeq, singles) => {
        const folded = foldReads(readSeq, new Set(singles));
        for (let seq = 1; seq <= 25; seq += 1) {
          const wasRead = seq <= readSeq || singles.includes(seq);
          const isRead = seq <= folded.readSeq || (singles.includes(seq) && !folded.covered.has(seq));
          expect(isRead).toBe(wasRead);
        }
      }),
    );
  });
});
