// When something was delivered or read, as far as a cursor remembers: absent perhaps, wrong never.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor, ReadMark } from '../../shared/domain/cursor.ts';
import { acknowledged, deliveredAtMs, readAtMs, rebased, withRead } from '../../shared/domain/cursor.ts';
import { cursorLimits } from '../../shared/protocol/limits.ts';
import { aCursor } from '../builders/cursor.ts';

const seqMax = 16;
const seqs = Array.from({ length: seqMax }, (_, index) => index + 1);
const seq = fc.integer({ min: 1, max: seqMax });

/** The first time that each number was covered. */
type FirstTimes = ReadonlyMap<number, number>;

function withTimes(times: FirstTimes, covered: readonly number[], atMs: number): FirstTimes {
  return new Map([...covered.map((number) => [number, atMs] as const), ...times]);
}

/** Each time is the true one or absent; none is absent while no more was done than the cursor remembers. */
function expectTrue(timeOf: (seq: number) => number | undefined, times: FirstTimes, isComplete: boolean): void {
  for (const number of seqs) {
    const known = timeOf(number);
    if (known !== undefined || isComplete) expect([number, known]).toEqual([number, times.get(number)]);
  }
}

describe('the time of a delivery', () => {
  it('is that of the first acknowledgement that covers it', () => {
    fc.assert(
      fc.property(fc.array(seq, { maxLength: 12 }), (moves) => {
        let cursor = aCursor();
        let times: FirstTimes = new Map();
        for (const [atMs, upTo] of moves.entries()) {
          cursor = acknowledged(cursor, upTo, atMs);
          times = withTimes(times, seqs.slice(0, upTo), atMs);
        }
        const isComplete = new Set(times.values()).size < cursorLimits.acknowledgementsKept;
        expectTrue((number) => deliveredAtMs(cursor, number), times, isComplete);
      }),
    );
  });

  it('is forgotten when too many have come since', () => {
    const cursor = [1, 2, 3, 4, 5].reduce((last, upTo) => acknowledged(last, upTo, upTo * 10), aCursor());
    expect([1, 2, 3, 4, 5, 6].map((number) => deliveredAtMs(cursor, number))).toEqual([
      undefined,
      undefined,
      30,
      40,
      50,
      undefined,
    ]);
  });

  it('is not that of an acknowledgement after a restore, when it was delivered before', () => {
    const before = acknowledged(aCursor({ epoch: 'e1' }), 8, 1_000);
    const restored = rebased(before, { epoch: 'e2', seq: 5, past: [{ epoch: 'e1', endSeq: 5 }] });
    const cursor = acknowledged(restored, 7, 2_000);
    expect(deliveredAtMs(cursor, 3)).toBeOneOf([undefined, 1_000]);
    expect(deliveredAtMs(cursor, 6)).toBeOneOf([undefined, 2_000]);
  });

  it('stays forgotten after a restore', () => {
    const before = [1, 2, 3, 4, 8].reduce(
      (last, upTo) => acknowledged(last, upTo, upTo * 10),
      aCursor({ epoch: 'e1' }),
    );
    const cursor = rebased(before, { epoch: 'e2', seq: 5, past: [{ epoch: 'e1', endSeq: 5 }] });
    expect(deliveredAtMs(before, 1)).toBeUndefined();
    expect(deliveredAtMs(cursor, 1)).toBeOneOf([undefined, 10]);
  });
});

describe('the time of reading', () => {
  function readWith(marks: readonly ReadMark[], from: Cursor = aCursor()) {
    let cursor = from;
    let times: FirstTimes = new Map();
    for (const mark of marks) {
      cursor = withRead(cursor, mark);
      times = withTimes(times, [...seqs.slice(0, mark.upToSeq), ...mark.seqs], mark.atMs);
    }
    return { cursor, times };
  }

  it('is that of the first mark that covers it, when everything up to a number was read', () => {
    fc.assert(
      fc.property(fc.array(seq, { maxLength: 12 }), (moves) => {
        const { cursor, times } = readWith(moves.map((upToSeq, atMs) => ({ upToSeq, seqs: [], atMs })));
        const isComplete = new Set(times.values()).size < cursorLimits.readTimesKept;
        expectTrue((number) => readAtMs(cursor, number), times, isComplete);
      }),
    );
  });

  it('is that of the first mark that covers it, when single ones were read as well', () => {
    const mark = fc.record({ upToSeq: fc.oneof(fc.constant(0), seq), seqs: fc.array(seq, { maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 12 }), (marks) => {
        const { cursor, times } = readWith(marks.map((one, atMs) => ({ ...one, atMs })));
        const isComplete = marks.length < cursorLimits.readTimesKept;
        expectTrue((number) => readAtMs(cursor, number), times, isComplete);
      }),
    );
  });

  it('is not that of a mark after a restore, when it was read before', () => {
    const { cursor: before } = readWith([{ upToSeq: 5, seqs: [], atMs: 1_000 }], aCursor({ epoch: 'e1' }));
    const restored = rebased(before, { epoch: 'e2', seq: 5, past: [{ epoch: 'e1', endSeq: 5 }] });
    const cursor = withRead(restored, { upToSeq: 7, seqs: [], atMs: 2_000 });
    expect(readAtMs(cursor, 3)).toBeOneOf([undefined, 1_000]);
    expect(readAtMs(cursor, 7)).toBeOneOf([undefined, 2_000]);
  });
});
