// Positions in a log that is cut back and goes on: what is carried over never claims what was replaced.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogHead } from '../../shared/domain/log.ts';
import { carriedOver } from '../../shared/domain/log.ts';
import { anyHistory, replay } from './log-history.ts';

const head: LogHead = {
  epoch: 'e3',
  seq: 9,
  past: [
    { epoch: 'e1', endSeq: 7 },
    { epoch: 'e2', endSeq: 4 },
  ],
};

describe('a position of another epoch', () => {
  it.each([
    ['of this epoch stays', 'e3', 9, 9],
    ['of this epoch stays even beyond the end', 'e3', 12, 12],
    ['before the cut stays', 'e2', 3, 3],
    ['beyond the cut goes back to it', 'e2', 6, 4],
    ['of an older epoch goes back to the deepest cut since', 'e1', 7, 4],
    ['of an older epoch before all cuts stays', 'e1', 2, 2],
    ['of an epoch that nobody knows means nothing', 'e0', 2, null],
    ['at the beginning of an epoch that nobody knows means nothing either', 'e0', 0, null],
  ] as const)('%s', (_, epoch, seq, carried) => {
    expect(carriedOver({ epoch, seq }, head)).toBe(carried);
  });

  it('after any number of cuts claims just what is still the same, and misses nothing of it', () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(), fc.nat(), (steps, pickMoment, pickSeq) => {
        const moments = replay(steps);
        const moment = moments[pickMoment % moments.length];
        const last = moments.at(-1);
        if (moment === undefined || last === undefined) throw new Error('a history has no moment');
        const seq = pickSeq % (moment.contents.length + 1);
        const carried = carriedOver({ epoch: moment.epoch, seq }, last.head);
        const had = moment.contents.slice(0, seq);
        const same = had.findIndex((id, index) => last.contents[index] !== id);
        expect(carried).toBe(same === -1 ? seq : same);
      }),
    );
  });
});
