// Cursors: what one user has got and read in one topic, against sets of numbers, and that nothing of it is taken back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor, ReadMark } from '../../shared/domain/cursor.ts';
import {
  acknowledged,
  hasRead,
  newCursor,
  progressOf,
  wasMemberAt,
  whyNotFor,
  withPassedOver,
  withRead,
} from '../../shared/domain/cursor.ts';
import { cursorLimits } from '../../shared/protocol/limits.ts';
import { aCursor } from '../builders/cursor.ts';
import { aNotification } from '../builders/notification.ts';

const seqMax = 24;
const seqs = Array.from({ length: seqMax }, (_, index) => index + 1);
const seq = fc.integer({ min: 1, max: seqMax });
const anyMark: fc.Arbitrary<ReadMark> = fc.record({
  upToSeq: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: seq }),
  seqs: fc.array(seq, { maxLength: 5 }),
  atMs: fc.nat(),
});

function deliveredIn(cursor: Cursor): readonly number[] {
  return seqs.filter((one) => progressOf(cursor, { epoch: cursor.epoch, seq: one }) === 'delivered');
}

function readIn(cursor: Cursor): readonly number[] {
  return seqs.filter((one) => hasRead(cursor, one));
}

describe('a newcomer', () => {
  const cursor = newCursor('tenant-1', 'a', { topic: 'all', epoch: 'e1', seq: 7 });

  it('has nothing to acknowledge and nothing to read of what came before', () => {
    expect(cursor).toEqual({
      tenant: 'tenant-1',
      topic: 'all',
      user: 'a',
      epoch: 'e1',
      joinedSeq: 7,
      deliveredSeq: 7,
      acknowledgements: [],
      passedOver: [],
      pushed: [],
      declined: [],
      readSeq: 7,
      readBeyond: [],
      readVersion: 0,
      readTimes: [],
      past: [],
    });
    expect([7, 8].map((one) => hasRead(cursor, one))).toEqual([true, false]);
  });

  it.each([
    ['e1', 7, false],
    ['e1', 8, true],
    ['e0', 8, false],
  ])('was no member before: in %s at %i %s', (epoch, at, isMember) => {
    expect(wasMemberAt(cursor, { epoch, seq: at })).toBe(isMember);
  });
});

describe('an acknowledgement', () => {
  it('covers everything up to it, and never goes back', () => {
    fc.assert(
      fc.property(fc.array(seq, { maxLength: 20 }), (moves) => {
        let cursor = aCursor();
        for (const move of moves) {
          const before = cursor;
          cursor = acknowledged(cursor, move, move);
          expect(cursor.deliveredSeq).toBe(Math.max(before.deliveredSeq, move));
          // The same object says that there is nothing to write.
          expect(cursor === before).toBe(move <= before.deliveredSeq);
        }
        expect(deliveredIn(cursor)).toEqual(seqs.slice(0, Math.max(0, ...moves)));
      }),
    );
  });

  it('is remembered with its time, the newest first, and only the last few are', () => {
    const cursor = [2, 5, 5, 3, 6, 8, 9].reduce((one, move, index) => acknowledged(one, move, index), aCursor());
    expect(cursor.acknowledgements).toEqual([
      { seq: 9, atMs: 6 },
      { seq: 8, atMs: 5 },
      { seq: 6, atMs: 4 },
      { seq: 5, atMs: 1 },
    ]);
    expect(cursor.acknowledgements).toHaveLength(cursorLimits.acknowledgementsKept);
  });
});

describe('a mark of what was read', () => {
  const atMs = 1;

  it.each<readonly [string, readonly Partial<ReadMark>[], Partial<Cursor>]>([
    ['up to a number', [{ upToSeq: 4 }], { readSeq: 4, readBeyond: [] }],
    ['singly, apart', [{ seqs: [3, 6] }], { readSeq: 0, readBeyond: [one(3), one(6)] }],
    ['singly, next to what was read', [{ upToSeq: 4 }, { seqs: [5] }], { readSeq: 5, readBeyond: [] }],
    ['one that closes a gap', [{ seqs: [2, 3] }, { seqs: [1] }], { readSeq: 3, readBeyond: [] }],
    ['up to a number beyond single ones', [{ seqs: [3, 6] }, { upToSeq: 4 }], { readSeq: 4, readBeyond: [one(6)] }],
    ['up to just before a single one', [{ seqs: [6] }, { upToSeq: 5 }], { readSeq: 6, readBeyond: [] }],
    ['both', [{ upToSeq: 2, seqs: [1, 2, 3, 5] }], { readSeq: 3, readBeyond: [one(5)] }],
  ])('%s', (_, marks, expected) => {
    const cursor = marks.reduce((last, mark) => withRead(last, { upToSeq: 0, seqs: [], atMs, ...mark }), aCursor());
    expect(cursor).toMatchObject(expected);
  });

  it('adds to a set of numbers, whose version changes whenever the set does, and only then', () => {
    fc.assert(
      fc.property(fc.array(anyMark, { maxLength: 12 }), (marks) => {
        let cursor = aCursor();
        const model = new Set<number>();
        let version = 0;
        for (const mark of marks) {
          const before = cursor;
          const size = model.size;
          for (const number of [...seqs.slice(0, mark.upToSeq), ...mark.seqs]) model.add(number);
          if (model.size > size) version += 1;
          cursor = withRead(cursor, mark);
          expect(readIn(cursor)).toEqual([...model].sort((a, b) => a - b));
          expect(cursor.readVersion).toBe(version);
          expect(cursor === before).toBe(model.size === size);
          expect(cursor.readSeq).toBeGreaterThanOrEqual(before.readSeq);
          expect(cursor.readBeyond[0]?.fromSeq ?? seqMax * 2).toBeGreaterThan(cursor.readSeq + 1);
        }
      }),
    );
  });

  it('is more than an acknowledgement, but makes none', () => {
    const cursor = acknowledged(withRead(aCursor({ epoch: 'e1' }), { upToSeq: 2, seqs: [4], atMs }), 3, 1);
    const progress = [1, 2, 3, 4, 5].map((number) => progressOf(cursor, { epoch: 'e1', seq: number }));
    expect(progress).toEqual(['read', 'read', 'delivered', 'read', 'none']);
    expect(cursor.deliveredSeq).toBe(3);
  });

  it('is remembered with its time, the newest first, and only the last few are', () => {
    const marks = [1, 2, 2, 3, 4, 5].map((upToSeq, atTime): ReadMark => ({ upToSeq, seqs: [], atMs: atTime }));
    const { readTimes } = marks.reduce(withRead, aCursor());
    expect(readTimes.map(({ ranges, atMs: atTime }) => [ranges[0]?.toSeq, atTime])).toEqual([
      [5, 5],
      [4, 4],
      [3, 3],
      [2, 1],
    ]);
    expect(readTimes).toHaveLength(cursorLimits.readTimesKept);
  });
});

describe('what was passed over', () => {
  it('is not delivered by an acknowledgement that comes later', () => {
    const cursor = acknowledged(withPassedOver(aCursor(), { fromSeq: 2, toSeq: 3 }), 5, 1);
    expect(deliveredIn(cursor)).toEqual([1, 4, 5]);
  });

  it('leaves alone what was delivered before', () => {
    const cursor = withPassedOver(acknowledged(aCursor(), 3, 1), { fromSeq: 1, toSeq: 5 });
    expect(cursor.passedOver).toEqual([{ fromSeq: 4, toSeq: 5 }]);
    expect(deliveredIn(cursor)).toEqual([1, 2, 3]);
    expect(withPassedOver(acknowledged(aCursor(), 3, 1), { fromSeq: 1, toSeq: 3 }).passedOver).toEqual([]);
  });

  it('never takes a delivery back, in whatever order things happen', () => {
    const steps = fc.array(
      fc.oneof(
        seq.map((upTo) => (cursor: Cursor) => acknowledged(cursor, upTo, 1)),
        fc.tuple(seq, seq).map(
          ([fromSeq, toSeq]) =>
            (cursor: Cursor) =>
              withPassedOver(cursor, { fromSeq, toSeq }),
        ),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (changes) => {
        changes.reduce((cursor, change) => {
          const next = change(cursor);
          expect(deliveredIn(next)).toEqual(expect.arrayContaining([...deliveredIn(cursor)]));
          return next;
        }, aCursor());
      }),
    );
  });

  it('never takes a delivery back, as long as there are not too many runs to remember', () => {
    let cursor = aCursor();
    for (let run = 0; run < cursorLimits.passedOverRunsMax; run += 1) {
      const expired = 2 * run + 1;
      cursor = acknowledged(withPassedOver(cursor, { fromSeq: expired, toSeq: expired }), expired + 1, run);
    }
    const ended = 2 * cursorLimits.passedOverRunsMax;
    expect(deliveredIn(cursor)).toEqual(seqs.filter((number) => number % 2 === 0 && number <= ended));
  });

  it('was not read, though a mark covers it', () => {
    const cursor = withRead(withPassedOver(aCursor(), { fromSeq: 2, toSeq: 2 }), { upToSeq: 3, seqs: [], atMs: 1 });
    expect([1, 2, 3].map((number) => progressOf(cursor, { epoch: cursor.epoch, seq: number }))).toEqual([
      'read',
      'none',
      'read',
    ]);
  });

  it('never takes a reading back', () => {
    const cursor = withPassedOver(withRead(aCursor(), { upToSeq: 0, seqs: [2], atMs: 1 }), { fromSeq: 1, toSeq: 3 });
    expect([1, 2, 3].map((number) => progressOf(cursor, { epoch: cursor.epoch, seq: number }))).toEqual([
      'none',
      'read',
      'none',
    ]);
  });
});

describe('whom a notification is for', () => {
  const notification = aNotification({ createdAtMs: 0, expiresAtMs: 1_000, except: ['a'] });

  it.each([
    ['a', 0, 'suppressed'],
    ['a', 1_000, 'suppressed'],
    ['b', 999, null],
    ['b', 1_000, 'expired'],
  ])('%s at %i ms: %s', (user, nowMs, why) => {
    expect(whyNotFor(notification, user, nowMs)).toBe(why);
  });

  it('everybody, when nobody is excepted', () => {
    expect(whyNotFor(aNotification({ createdAtMs: 0, expiresAtMs: 1_000 }), 'a', 999)).toBeNull();
  });
});

function one(number: number): { fromSeq: number; toSeq: number } {
  return { fromSeq: number, toSeq: number };
}
