// Cursors as items: what goes in comes out, and what is empty takes no room.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import {
  acknowledged,
  rebased,
  withDeclined,
  withPassedOver,
  withPushed,
  withRead,
} from '../../shared/domain/cursor.ts';
import { cursorOf, itemOf } from '../../shared/dynamodb/cursor-item.ts';
import { aCursor } from '../builders/cursor.ts';

const seq = fc.integer({ min: 1, max: 300 });
const atMs = fc.nat(Date.UTC(2100, 0, 1));

/** Something that can happen to a cursor. */
const step: fc.Arbitrary<(cursor: Cursor) => Cursor> = fc.oneof(
  fc.tuple(seq, atMs).map((given) => (cursor: Cursor) => acknowledged(cursor, ...given)),
  fc
    .tuple(fc.nat(100), fc.uniqueArray(seq, { maxLength: 5 }), atMs)
    .map(([upToSeq, seqs, time]) => (cursor: Cursor) => {
      return withRead(cursor, { upToSeq, seqs: seqs.sort((a, b) => a - b), atMs: time });
    }),
  fc.tuple(seq, fc.nat(5)).map(([fromSeq, more]) => (cursor: Cursor) => {
    return withPassedOver(cursor, { fromSeq, toSeq: fromSeq + more });
  }),
  fc.tuple(seq, fc.nat(5)).map(([fromSeq, more]) => (cursor: Cursor) => {
    return withPushed(cursor, [{ fromSeq, toSeq: fromSeq + more }]);
  }),
  fc.tuple(seq, fc.nat(5)).map(([fromSeq, more]) => (cursor: Cursor) => {
    return withDeclined(cursor, [{ fromSeq, toSeq: fromSeq + more }]);
  }),
  fc.tuple(seq, fc.uuid()).map(([endSeq, epoch]) => (cursor: Cursor) => {
    return rebased(cursor, { epoch, seq: 400, past: [{ epoch: cursor.epoch, endSeq }] });
  }),
);

describe('a cursor as an item', () => {
  it('is the same cursor, whatever has happened to it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const cursor = steps.reduce((before, each) => each(before), aCursor());
        const item = itemOf({ pk: 'shard', sk: cursor.user }, cursor);
        expect(cursorOf(cursor.tenant, cursor.topic, item)).toEqual(cursor);
      }),
    );
  });

  it('has its runs, marks and acknowledgements as short texts', () => {
    const read = withRead(aCursor({ user: 'anna', epoch: 'e1' }), { upToSeq: 2, seqs: [4, 5, 9], atMs: 1_000 });
    const passed = withPassedOver(acknowledged(read, 9, 2_000), { fromSeq: 10, toSeq: 12 });
    const pushed = withPushed(passed, [
      { fromSeq: 13, toSeq: 14 },
      { fromSeq: 16, toSeq: 16 },
    ]);
    const cursor = withDeclined(pushed, [{ fromSeq: 17, toSeq: 19 }]);
    expect(itemOf({ pk: 'shard', sk: 'anna' }, cursor)).toEqual({
      pk: 'shard',
      sk: 'anna',
      epoch: 'e1',
      joinedSeq: 0,
      deliveredSeq: 9,
      a0: '9@2000',
      passedOver: '10-12',
      pushed: '13-14,16',
      declined: '17-19',
      readSeq: 2,
      readBeyond: '4-5,9',
      readVersion: 1,
      readTimes: ['1-2,4-5,9@1000'],
    });
  });
});
