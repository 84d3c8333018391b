// Builds cursors.
import type { Cursor } from '../../shared/domain/cursor.ts';
import { newCursor } from '../../shared/domain/cursor.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { unique } from './unique.ts';

/** The cursor of a newcomer in the topic of their own, unless something else is given. */
export function aCursor(given: Partial<Cursor> = {}): Cursor {
  const user = given.user ?? unique('user');
  const topic = given.topic ?? userTopic(user);
  const cursor = newCursor(unique('tenant'), user, { topic, epoch: 'epoch-1', seq: given.joinedSeq ?? 0 });
  return { ...cursor, ...given };
}

/** A cursor that has something of everything. */
export const someHistory: Partial<Cursor> = {
  joinedSeq: 3,
  deliveredSeq: 8,
  acknowledgements: [
    { seq: 8, atMs: 2_000 },
    { seq: 6, atMs: 1_000 },
  ],
  passedOver: [{ fromSeq: 7, toSeq: 7 }],
  pushed: [{ fromSeq: 4, toSeq: 6 }],
  readSeq: 4,
  readBeyond: [
    { fromSeq: 6, toSeq: 8 },
    { fromSeq: 10, toSeq: 10 },
  ],
  readVersion: 2,
  readTimes: [
    {
      ranges: [
        { fromSeq: 6, toSeq: 8 },
        { fromSeq: 10, toSeq: 10 },
      ],
      atMs: 2_500,
    },
    { ranges: [{ fromSeq: 1, toSeq: 4 }], atMs: 1_500 },
  ],
  past: [
    { epoch: 'epoch-a', endSeq: 2, joinedSeq: 0, deliveredSeq: 1, passedOver: [], readSeq: 0, readBeyond: [] },
    {
      epoch: 'epoch-0',
      endSeq: 9,
      joinedSeq: 2,
      deliveredSeq: 12,
      passedOver: [{ fromSeq: 7, toSeq: 7 }],
      readSeq: 4,
      readBeyond: [
        { fromSeq: 6, toSeq: 8 },
        { fromSeq: 11, toSeq: 11 },
      ],
    },
  ],
};
