// What is unread: counted one by one as far as entries are known, by subtraction beyond.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import { newCursor, withRead } from '../../shared/domain/cursor.ts';
import type { LogEntry } from '../../shared/domain/log.ts';
import { countUnreadAmong, countUnreadBetween } from '../../shared/domain/unread.ts';
import { aNotification } from '../builders/notification.ts';

const nowMs = 1_000;
const seqMax = 20;
const seq = fc.integer({ min: 0, max: seqMax });

const cursors: fc.Arbitrary<Cursor> = fc
  .record({ joined: fc.nat(5), marks: fc.array(fc.record({ upToSeq: seq, seqs: fc.array(seq, { maxLength: 4 }) })) })
  .map(({ joined, marks }) =>
    marks.reduce(
      (cursor, mark) => withRead(cursor, { ...mark, upToSeq: Math.floor(mark.upToSeq / 3), atMs: nowMs }),
      newCursor('tenant-1', 'a', { topic: 'all', epoch: 'e1', seq: joined }),
    ),
  );

/** What is read, found without what the domain asks. */
function isRead({ readSeq, readBeyond }: Cursor, number: number): boolean {
  return number <= readSeq || readBeyond.some(({ fromSeq, toSeq }) => fromSeq <= number && number <= toSeq);
}

function numbersBetween(afterSeq: number, endSeq: number): readonly number[] {
  return Array.from({ length: Math.max(endSeq - afterSeq, 0) }, (_, index) => afterSeq + 1 + index);
}

describe('counted among entries', () => {
  const entry = (number: number, given: Parameters<typeof aNotification>[0] = {}): LogEntry => ({
    seq: number,
    notification: aNotification({ createdAtMs: 0, expiresAtMs: nowMs + 1, ...given }),
  });
  const cursor = withRead(newCursor('tenant-1', 'a', { topic: 'all', epoch: 'e1', seq: 1 }), {
    upToSeq: 2,
    seqs: [4],
    atMs: 0,
  });

  it('is only what is not read, not expired, meant for the user, and not beyond the end', () => {
    const entries = [
      entry(2),
      entry(3),
      entry(4),
      entry(5, { expiresAtMs: nowMs }),
      entry(6, { except: ['b', 'a'] }),
      entry(7, { except: ['b'] }),
      entry(8),
    ];
    expect(countUnreadAmong(cursor, entries, 7, nowMs)).toBe(2);
    expect(countUnreadAmong(cursor, entries, 8, nowMs)).toBe(3);
    expect(countUnreadAmong(cursor, [], 8, nowMs)).toBe(0);
  });

  it('is what the cursor has not read, when nothing expires', () => {
    fc.assert(
      fc.property(cursors, seq, (any, endSeq) => {
        const entries = numbersBetween(0, seqMax).map((number) => entry(number));
        const unread = numbersBetween(0, endSeq).filter((number) => !isRead(any, number));
        expect(countUnreadAmong(any, entries, endSeq, nowMs)).toBe(unread.length);
      }),
    );
  });
});

describe('counted by subtraction', () => {
  it('is what counting one by one is, up to the end of the log', () => {
    fc.assert(
      fc.property(cursors, seq, (cursor, afterSeq) => {
        const unread = numbersBetween(afterSeq, seqMax).filter((number) => !isRead(cursor, number));
        expect(countUnreadBetween(cursor, afterSeq, seqMax)).toBe(unread.length);
      }),
    );
  });

  it('is what counting one by one is, up to any entry', () => {
    fc.assert(
      fc.property(cursors, seq, seq, (cursor, afterSeq, endSeq) => {
        const unread = numbersBetween(afterSeq, endSeq).filter((number) => !isRead(cursor, number));
        expect(countUnreadBetween(cursor, afterSeq, endSeq)).toBe(unread.length);
      }),
    );
  });
});
