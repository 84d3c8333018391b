// What every store of cursors must do with what is posted to clients that do not acknowledge, and with what they decline.
import { expect, it } from 'vitest';
import { withDeclined, withPushed } from '../../shared/domain/cursor.ts';
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

  interface Told {
    readonly pushed?: readonly SeqRange[];
    readonly declined?: readonly SeqRange[];
  }
  const told: readonly (readonly [string, readonly Told[]])[] = [
    ['a run', [{ declined: [run(9, 11)] }]],
    ['next to what was posted', [{ pushed: [run(9), run(11)], declined: [run(10), run(12, 14)] }]],
    ['only what was not posted', [{ pushed: [run(9, 10)] }, { declined: [run(8, 12)] }]],
    ['the same twice', [{ declined: [run(9)] }, { declined: [run(9)] }]],
    ['no longer what is posted after all', [{ declined: [run(8, 12)] }, { pushed: [run(10)] }]],
    ['nothing any more when all of it is posted', [{ declined: [run(9, 10)] }, { pushed: [run(9, 10)] }]],
    [
      'more runs than are kept, around as many that were posted',
      [
        {
          pushed: Array.from({ length: cursorLimits.pushedRunsMax + 2 }, (_, i) => run(10 + 2 * i)),
          declined: Array.from({ length: cursorLimits.pushedRunsMax + 2 }, (_, i) => run(11 + 2 * i)),
        },
      ],
    ],
  ];

  it.each(told)('notes as declined: %s', async (_, notes) => {
    const cursors = make();
    let expected = await cursors.join(aCursor(someHistory));
    for (const { pushed = [], declined = [] } of notes) {
      expected = withDeclined(withPushed(expected, pushed), declined);
      await cursors.push(expected.tenant, expected, expected.epoch, pushed, declined);
      expect(await get(cursors, expected)).toEqual(expected);
    }
  });

  it('remembers what was declined of whoever joins with it', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor({ ...someHistory, declined: [run(9, 10)] }));
    expect(await get(cursors, cursor)).toMatchObject({ pushed: someHistory.pushed, declined: [run(9, 10)] });
  });

  it('notes nothing under another epoch, nor for who never joined', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    await cursors.push(cursor.tenant, cursor, 'epoch-0', [run(1, 2)], [run(3)]);
    expect(await get(cursors, cursor)).toEqual(cursor);
    const stranger = aCursor();
    await cursors.push(stranger.tenant, stranger, stranger.epoch, [run(1, 2)], [run(3)]);
    expect(await get(cursors, stranger)).toBeNull();
  });

  it('keeps all that is noted at once', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    const { tenant, epoch } = cursor;
    await Promise.all([
      ...[2, 4, 6, 8].map(async (seq) => cursors.push(tenant, cursor, epoch, [run(seq)])),
      cursors.push(tenant, cursor, epoch, [], [run(12)]),
      cursors.passOver(tenant, cursor, epoch, run(9)),
      cursors.acknowledge(tenant, cursor, { epoch, seq: 1 }, 1_000),
    ]);
    expect(await get(cursors, cursor)).toMatchObject({
      deliveredSeq: 1,
      passedOver: [run(9)],
      pushed: [run(2), run(4), run(6), run(8)],
      declined: [run(12)],
    });
  });
}
