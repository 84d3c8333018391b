// What every store of cursors must do with what is posted to clients that do not acknowledge.
import { expect, it } from 'vitest';
import { withPushed } from '../../shared/domain/cursor.ts';
import type { SeqRange } from '../../shared/domain/ranges.ts';
import type { CursorStore } from '../../shared/ports.ts';
import { cursorLimits } from '../../shared/protocol/limits.ts';
import { aCursor, someHistory } from '../builders/cursor.ts';
import { get } from './cursor-reads.contract.ts';

const run = (fromSeq: number, toSeq = fromSeq): SeqRange => ({ fromSeq, toSeq });

export function pushingContract(make: () => CursorStore): void {
  const cases: readonly (readonly [string, readonly (readonly SeqRange[])[]])[] = [
    ['a run', [[run(9, 11)]]],
    ['several at once', [[run(12), run(20, 22)]]],
    ['what touches', [[run(9)], [run(8), run(10)]]],
    ['the same twice', [[run(9)], [run(9)]]],
    ['nothing', [[]]],
    ['more runs than are kept', [Array.from({ length: cursorLimits.pushedRunsMax + 2 }, (_, i) => run(10 + 2 * i))]],
  ];

  it.each(cases)('notes as pushed: %s', async (_, pushes) => {
    const cursors = make();
    let expected = await cursors.join(aCursor(someHistory));
    for (const ranges of pushes) {
      expected = withPushed(expected, ranges);
      await cursors.push(expected.tenant, expected, expected.epoch, ranges);
    }
    expect(await get(cursors, expected)).toEqual(expected);
  });

  it('notes nothing under another epoch, nor for who never joined', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    await cursors.push(cursor.tenant, cursor, 'epoch-0', [run(1, 2)]);
    expect(await get(cursors, cursor)).toEqual(cursor);
    const stranger = aCursor();
    await cursors.push(stranger.tenant, stranger, stranger.epoch, [run(1, 2)]);
    expect(await get(cursors, stranger)).toBeNull();
  });

  it('keeps all that is noted at once', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    const { tenant, epoch } = cursor;
    await Promise.all([
      ...[2, 4, 6, 8].map(async (seq) => cursors.push(tenant, cursor, epoch, [run(seq)])),
      cursors.passOver(tenant, cursor, epoch, run(9)),
      cursors.acknowledge(tenant, cursor, { epoch, seq: 1 }, 1_000),
    ]);
    expect(await get(cursors, cursor)).toMatchObject({
      deliveredSeq: 1,
      passedOver: [run(9)],
      pushed: [run(2), run(4), run(6), run(8)],
    });
  });
}
