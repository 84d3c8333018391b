// A client that resumes from anywhere, with any interruptions, while its log grows, expires and is cut back, ends with
// exactly what it should: everything that is for it once and in order, and a word about everything else.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { everyone } from '../../shared/domain/topic.ts';
import type { History, Place } from './log-history.ts';
import { act, begin, client, commonLength, happen, idsOf, maySkip, placeOf, steps } from './log-history.ts';
import { framesOf } from './world.ts';

const joinedMax = 4;

/** Resumes until nothing is left; then holds what the client has against what it should have. */
async function expectAll(history: History, start: Place, joinedSeq: number): Promise<void> {
  await act(history, start, { kind: 'resume', stopAfter: Number.POSITIVE_INFINITY, meanwhile: null });
  const device = client(history, start);
  const ids = idsOf(history);
  expect(device.faults).toEqual([]);
  expect(device.repeated).toEqual([]);
  expect(placeOf(device)).toEqual({ epoch: history.epoch, seq: ids.length });
  const resets = framesOf(history.world, 'c1', 'reset').map(({ seq }) => Number(seq));
  const [cursor] = await history.world.cursors.get('default', [{ topic: everyone, user: 'a' }]);
  // What the client had before it asked for the first time it still has, as far as no reset took it back.
  const base = Math.max(Math.min(start.seq, ...resets), cursor?.joinedSeq ?? 0);
  const shown = new Map(device.shown.map(({ seq, id }) => [seq, id]));
  for (const [index, id] of ids.entries()) {
    const seq = index + 1;
    if (seq <= base) continue;
    const reason = device.skipped.get(`${String(seq)} ${everyone}`);
    if (reason === undefined) expect([seq, shown.get(seq)]).toEqual([seq, id]);
    else expect([seq, reason, maySkip(history, seq, reason, joinedSeq)]).toEqual([seq, reason, true]);
  }
}

const chosenPlace = fc.record({ epoch: fc.nat(8), seq: fc.nat(14), isUnknown: fc.boolean() });

it('from any position, with random stops', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(joinedMax), steps, chosenPlace, steps, async (joinedSeq, before, chosen, after) => {
      const history = await begin(joinedSeq);
      for (const step of before) await happen(history, step);
      const epochs = [...history.epochs.keys()];
      const epoch = chosen.isUnknown ? 'nobody knows it' : (epochs[chosen.epoch % epochs.length] ?? '');
      // A client of an epoch that is over has no more than was there.
      const had = epoch === history.epoch ? chosen.seq : Math.min(chosen.seq, idsOf(history, epoch).length);
      const start = { epoch, seq: had };
      for (const step of after) {
        await happen(history, step);
        await act(history, start, step);
      }
      await expectAll(history, start, joinedSeq);
    }),
    { numRuns: 400 },
  );
});

it('of an epoch that is over: it is taken back to where both logs are the same, and no further', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(8), fc.nat(14), async (before, chosenEpoch, chosenSeq) => {
      const history = await begin(0);
      for (const step of before) await happen(history, step);
      const epochs = [...history.epochs.keys()];
      const epoch = epochs[chosenEpoch % epochs.length] ?? '';
      const start = { epoch, seq: Math.min(chosenSeq, idsOf(history, epoch).length) };
      await act(history, start, { kind: 'resume', stopAfter: Number.POSITIVE_INFINITY, meanwhile: null });
      const same = history.forgotten.has(epoch) ? 0 : commonLength(history, epoch, history.epoch);
      const expected = epoch === history.epoch ? [] : [Math.min(start.seq, same)];
      expect(framesOf(history.world, 'c1', 'reset').map(({ seq }) => seq)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});
