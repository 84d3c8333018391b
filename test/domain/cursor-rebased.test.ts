// Cursors of logs that are cut back: what they say afterwards is true of what the log holds then.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import { acknowledged, newCursor, progressOf, rebased, wasMemberAt, withRead } from '../../shared/domain/cursor.ts';
import type { LogHead, Position } from '../../shared/domain/log.ts';
import { cursorLimits } from '../../shared/protocol/limits.ts';
import { aCursor } from '../builders/cursor.ts';
import type { LogMoment } from './log-history.ts';
import { anyHistory, replay } from './log-history.ts';

const head: LogHead = { epoch: 'e2', seq: 9, past: [{ epoch: 'e1', endSeq: 5 }] };

describe('a cursor in a new epoch', () => {
  const cursor = aCursor({
    epoch: 'e1',
    joinedSeq: 1,
    deliveredSeq: 8,
    acknowledgements: [
      { seq: 8, atMs: 2 },
      { seq: 4, atMs: 1 },
    ],
    passedOver: [{ fromSeq: 4, toSeq: 6 }],
    readSeq: 3,
    readBeyond: [
      { fromSeq: 5, toSeq: 6 },
      { fromSeq: 8, toSeq: 8 },
    ],
    readVersion: 7,
  });

  it('says what it said up to where the log was cut back, and has another version', () => {
    expect(rebased(cursor, head)).toMatchObject({
      epoch: 'e2',
      joinedSeq: 1,
      deliveredSeq: 5,
      passedOver: [{ fromSeq: 4, toSeq: 5 }],
      readSeq: 3,
      readBeyond: [{ fromSeq: 5, toSeq: 5 }],
      readVersion: 8,
    });
  });

  it('says nothing when nobody knows the epoch that it was in', () => {
    expect(rebased(cursor, { ...head, past: [] })).toMatchObject({
      epoch: 'e2',
      joinedSeq: 0,
      deliveredSeq: 0,
      acknowledgements: [],
      passedOver: [],
      readSeq: 0,
      readBeyond: [],
      readVersion: 8,
    });
  });

  it('joined where the log ends now, when it had joined beyond that', () => {
    const late = newCursor('tenant-1', 'a', { topic: 'all', epoch: 'e1', seq: 8 });
    expect(rebased(late, head)).toMatchObject({ joinedSeq: 5, deliveredSeq: 5, readSeq: 5 });
  });

  it('still knows what was done with entries that are gone', () => {
    const once = acknowledged(withRead(aCursor({ epoch: 'e1' }), { upToSeq: 0, seqs: [7], atMs: 1 }), 8, 1);
    const now = acknowledged(rebased(once, head), 6, 2);
    const progress = (epoch: string) => [5, 6, 7, 8, 9].map((seq) => progressOf(now, { epoch, seq }));
    expect(progress('e1')).toEqual(['delivered', 'delivered', 'read', 'delivered', 'none']);
    expect(progress('e2')).toEqual(['delivered', 'delivered', 'none', 'none', 'none']);
    expect(progress('e0')).toEqual(['none', 'none', 'none', 'none', 'none']);
  });

  it('does not make a member of before of whoever joined later', () => {
    const late = newCursor('tenant-1', 'a', { topic: 'all', epoch: 'e1', seq: 8 });
    const members = [7, 8, 9].map((seq) => wasMemberAt(rebased(late, head), { epoch: 'e1', seq }));
    expect(members).toEqual([false, false, true]);
  });

  it('remembers a few epochs', () => {
    const heads = [2, 3, 4, 5, 6, 7].map((number): LogHead => {
      const past = Array.from({ length: number - 1 }, (_, index) => ({ epoch: `e${String(index + 1)}`, endSeq: 5 }));
      return { epoch: `e${String(number)}`, seq: 9, past };
    });
    const { past } = heads.reduce(rebased, acknowledged(aCursor({ epoch: 'e1' }), 8, 1));
    expect(past.map(({ epoch }) => epoch)).toEqual(['e3', 'e4', 'e5', 'e6']);
    expect(past).toHaveLength(cursorLimits.pastKept);
  });
});

/** What a user does at a moment: joins at the first one, then acknowledges up to one place and reads single ones. */
interface Act {
  readonly moment: number;
  readonly upTo: number;
  readonly reads: readonly number[];
}

/** A user's cursor, the ids of what was acknowledged and read, and the epochs in which the user was there. */
interface Life {
  readonly cursor: Cursor;
  readonly delivered: ReadonlySet<string>;
  readonly read: ReadonlySet<string>;
  readonly epochs: ReadonlySet<string>;
}

function live(moments: readonly LogMoment[], acts: readonly Act[]): Life {
  const delivered = new Set<string>();
  const read = new Set<string>();
  const epochs = new Set<string>();
  let cursor = newCursor('tenant-1', 'a', { topic: 'user:a', epoch: 'e0', seq: 0 });
  for (const { moment, upTo, reads } of acts) {
    const { contents, head: now } = moments[moment] ?? { contents: [], head };
    if (cursor.epoch !== now.epoch) cursor = rebased(cursor, now);
    epochs.add(now.epoch);
    const place = upTo % (contents.length + 1);
    const singles = reads.map((one) => one % (contents.length + 1)).filter((one) => one > 0);
    cursor = acknowledged(cursor, place, moment);
    cursor = withRead(cursor, { upToSeq: 0, seqs: singles, atMs: moment });
    for (const id of contents.slice(0, place)) delivered.add(id);
    for (const one of singles) read.add(contents[one - 1] ?? '');
  }
  const last = moments.at(-1)?.head ?? head;
  return { cursor: cursor.epoch === last.epoch ? cursor : rebased(cursor, last), delivered, read, epochs };
}

/** Every entry that ever was, with the place that it got. */
function entriesOf(moments: readonly LogMoment[]): ReadonlyMap<string, Position> {
  const places = new Map<string, Position>();
  for (const { epoch, contents } of moments) {
    for (const [index, id] of contents.entries()) if (!places.has(id)) places.set(id, { epoch, seq: index + 1 });
  }
  return places;
}

describe('after any number of cuts', () => {
  const act = fc.record({ moment: fc.nat(), upTo: fc.nat(50), reads: fc.array(fc.nat(50), { maxLength: 4 }) });
  const lives = fc.record({ steps: anyHistory, picked: fc.array(act, { maxLength: 8 }) }).map(({ steps, picked }) => {
    const moments = replay(steps);
    const acts = picked.map((one) => ({ ...one, moment: one.moment % moments.length }));
    return {
      moments,
      life: live(
        moments,
        [...acts].sort((a, b) => a.moment - b.moment),
      ),
    };
  });

  function truth({ delivered, read }: Life, id: string): 'none' | 'delivered' | 'read' {
    if (read.has(id)) return 'read';
    return delivered.has(id) ? 'delivered' : 'none';
  }

  it('a cursor claims just what its user had of what the log holds now', () => {
    fc.assert(
      fc.property(lives, ({ moments, life }) => {
        const { epoch, contents } = moments.at(-1) ?? { epoch: '', contents: [] };
        const claimed = contents.map((_, index) => progressOf(life.cursor, { epoch, seq: index + 1 }));
        expect(claimed).toEqual(contents.map((id) => truth(life, id)));
      }),
    );
  });

  it('it claims nothing that was not, and forgets nothing of epochs that it saw and remembers', () => {
    fc.assert(
      fc.property(lives, ({ moments, life }) => {
        for (const [id, position] of entriesOf(moments)) {
          const claimed = progressOf(life.cursor, position);
          const isRemembered = life.epochs.has(position.epoch) && life.epochs.size <= cursorLimits.pastKept;
          if (claimed !== 'none' || isRemembered) expect([id, claimed]).toEqual([id, truth(life, id)]);
        }
      }),
    );
  });
});
