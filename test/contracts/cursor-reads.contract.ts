// What every store of cursors must do with what is read, and with what is passed over.
import { expect, it } from 'vitest';
import type { Cursor, ReadMark } from '../../shared/domain/cursor.ts';
import { withPassedOver, withRead } from '../../shared/domain/cursor.ts';
import type { SeqRange } from '../../shared/domain/ranges.ts';
import type { CursorStore } from '../../shared/ports.ts';
import { cursorLimits } from '../../shared/protocol/limits.ts';
import { aCursor, someHistory } from '../builders/cursor.ts';

const mark = (upToSeq: number, seqs: readonly number[] = [], atMs = 1_000): ReadMark => ({ upToSeq, seqs, atMs });

export function readingContract(make: () => CursorStore): void {
  reads(make);
  readersAtOnce(make);
  passing(make);
}

function reads(make: () => CursorStore): void {
  const cases: readonly (readonly [string, readonly ReadMark[]])[] = [
    ['everything up to a place', [mark(3)]],
    ['single entries', [mark(0, [2, 5])]],
    ['both at once', [mark(2, [1, 4], 5)]],
    ['singles, then all up to beyond them', [mark(0, [2, 6]), mark(4)]],
    ['singles that close a gap', [mark(1, [3, 5]), mark(0, [2]), mark(0, [4], 9)]],
    ['singles behind the place', [mark(4), mark(0, [2])]],
    ['nothing back', [mark(4), mark(2, [6])]],
    ['the same twice', [mark(2, [4]), mark(2, [4], 2_000)]],
    ['nothing', [mark(0)]],
    ['very many single ones', Array.from({ length: 40 }, (_, index) => mark(0, [200 - 4 * index, 202 - 4 * index]))],
  ];

  it.each(cases)('marks as read: %s', async (_, marks) => {
    const cursors = make();
    let expected = await cursors.join(aCursor());
    for (const each of marks) {
      expected = withRead(expected, each);
      expect(await cursors.markRead(expected.tenant, expected, expected.epoch, each)).toEqual(expected);
      expect(await get(cursors, expected)).toEqual(expected);
    }
  });

  it('marks on from a history', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor(someHistory));
    const marked = await cursors.markRead(cursor.tenant, cursor, cursor.epoch, mark(5, [12]));
    expect(marked).toMatchObject({ readSeq: 8, readVersion: 3, acknowledgements: cursor.acknowledgements });
    expect(marked).toEqual(withRead(cursor, mark(5, [12])));
  });

  it.each([
    ['up to a place', mark(1)],
    ['single', mark(0, [1])],
    ['nothing', mark(0)],
  ])('marks nothing under another epoch, nor for who never joined: %s', async (_, each) => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    expect(await cursors.markRead(cursor.tenant, cursor, 'epoch-0', each)).toBeNull();
    expect(await get(cursors, cursor)).toEqual(cursor);
    const stranger = aCursor();
    expect(await cursors.markRead(stranger.tenant, stranger, stranger.epoch, each)).toBeNull();
    expect(await get(cursors, stranger)).toBeNull();
  });
}

function readersAtOnce(make: () => CursorStore): void {
  it('keeps the marks of all devices at once, and counts each change', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    const marks = [1, 2, 3, 4, 5, 6].map((number) => mark(0, [10 * number], number));
    const answers = await Promise.all(
      marks.map(async (each) => cursors.markRead(cursor.tenant, cursor, cursor.epoch, each)),
    );
    const runs = marks.map(({ seqs: [seq = 0] }) => ({ fromSeq: seq, toSeq: seq }));
    expect(await get(cursors, cursor)).toMatchObject({ readSeq: 0, readBeyond: runs, readVersion: 6 });
    expect(answers.map((answer) => answer?.readVersion).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('keeps acknowledgements, reads and what was passed over at once', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    const { tenant, epoch } = cursor;
    await Promise.all([
      cursors.acknowledge(tenant, cursor, { epoch, seq: 4 }, 1_000),
      cursors.markRead(tenant, cursor, epoch, mark(2)),
      cursors.passOver(tenant, cursor, epoch, { fromSeq: 6, toSeq: 7 }),
      cursors.passOver(tenant, cursor, epoch, { fromSeq: 9, toSeq: 9 }),
    ]);
    expect(await get(cursors, cursor)).toMatchObject({
      deliveredSeq: 4,
      readSeq: 2,
      passedOver: [
        { fromSeq: 6, toSeq: 7 },
        { fromSeq: 9, toSeq: 9 },
      ],
    });
  });
}

function passing(make: () => CursorStore): void {
  const cases: readonly (readonly [string, readonly SeqRange[]])[] = [
    ['a run', [{ fromSeq: 9, toSeq: 11 }]],
    ['only what was not delivered', [{ fromSeq: 5, toSeq: 10 }]],
    ['nothing that was delivered', [{ fromSeq: 5, toSeq: 8 }]],
    ['the same twice', Array.from({ length: 2 }, () => ({ fromSeq: 9, toSeq: 9 }))],
    [
      'more runs than are kept',
      Array.from({ length: cursorLimits.passedOverRunsMax + 2 }, (_, index) => ({
        fromSeq: 10 + 2 * index,
        toSeq: 10 + 2 * index,
      })),
    ],
  ];

  it.each(cases)('notes as passed over: %s', async (_, ranges) => {
    const cursors = make();
    let expected = await cursors.join(aCursor(someHistory));
    for (const range of ranges) {
      expected = withPassedOver(expected, range);
      await cursors.passOver(expected.tenant, expected, expected.epoch, range);
    }
    expect(await get(cursors, expected)).toEqual(expected);
  });

  it('notes nothing under another epoch, nor for who never joined', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    await cursors.passOver(cursor.tenant, cursor, 'epoch-0', { fromSeq: 1, toSeq: 2 });
    expect(await get(cursors, cursor)).toEqual(cursor);
    const stranger = aCursor();
    await cursors.passOver(stranger.tenant, stranger, stranger.epoch, { fromSeq: 1, toSeq: 2 });
    expect(await get(cursors, stranger)).toBeNull();
  });
}

export async function get(cursors: CursorStore, cursor: Cursor): Promise<Cursor | null> {
  return (await cursors.get(cursor.tenant, [cursor]))[0] ?? null;
}
