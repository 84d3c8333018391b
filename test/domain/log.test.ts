// Cursors: what counts as read.
import { expect, it } from 'vitest';
import { hasRead } from '../../shared/domain/log.ts';

it.each([
  [3, true],
  [4, false],
  [7, true],
  [8, false],
])('seq %i read: %s', (seq, read) => {
  const cursor = { tenant: 't', topic: 'all', user: 'a', epoch: 'e', joinedSeq: 0, deliveredSeq: 9 } as const;
  expect(hasRead({ ...cursor, readSeq: 3, readSeqs: [7] }, seq)).toBe(read);
});
