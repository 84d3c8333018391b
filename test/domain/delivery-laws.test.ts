// Deliveries and receipts in any order of events: nothing goes back, and no order makes another result.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import {
  acknowledged,
  progressOf,
  withDeclined,
  withPassedOver,
  withPushed,
  withRead,
} from '../../shared/domain/cursor.ts';
import type { DeliveryState, Receipt } from '../../shared/domain/delivery.ts';
import { deliveryOf, mergedReceipts } from '../../shared/domain/delivery.ts';
import type { Position } from '../../shared/domain/log.ts';
import { aCursor } from '../builders/cursor.ts';
import { aReceipt } from '../builders/receipt.ts';

const position = { epoch: 'e1', seq: 5 };

describe('receipts of the same recipients', () => {
  const anyReceipt: fc.Arbitrary<Receipt> = fc
    .record({
      user: fc.constantFrom('a', 'b', 'c'),
      outcome: fc.constantFrom<Receipt['outcome'][]>('queued', 'sent', 'failed', 'expired', 'suppressed'),
      atMs: fc.nat(99),
    })
    .map(({ user, ...given }) => aReceipt(user, { position, ...given }));
  const receipts = fc.array(anyReceipt, { maxLength: 8 });
  const outcomes = (merged: readonly Receipt[]): readonly string[] =>
    merged.map(({ user, outcome }) => `${user} ${outcome}`).sort();

  it('are merged to one for each, in whatever order they come, but for their times', () => {
    fc.assert(
      fc.property(receipts, receipts, receipts, (some, more, others) => {
        const merged = mergedReceipts(some, more);
        expect(outcomes(mergedReceipts(more, some))).toEqual(outcomes(merged));
        expect(outcomes(mergedReceipts(some, mergedReceipts(more, others)))).toEqual(
          outcomes(mergedReceipts(merged, others)),
        );
        expect(new Set(merged.map(({ user }) => user)).size).toBe(merged.length);
      }),
    );
  });

  it('are the same when they come again', () => {
    fc.assert(
      fc.property(receipts, receipts, (some, more) => {
        const merged = mergedReceipts(some, more);
        expect(mergedReceipts(merged, more)).toEqual(merged);
        expect(mergedReceipts(merged, merged)).toEqual(merged);
        expect(mergedReceipts(merged, [])).toEqual(merged);
      }),
    );
  });

  it.each<readonly [Receipt['outcome'], Receipt['outcome']]>([
    ['expired', 'queued'],
    ['failed', 'expired'],
    ['suppressed', 'failed'],
    ['sent', 'suppressed'],
  ])('are the further of the two: %s over %s', (further, other) => {
    const [first, second] = [aReceipt('a', { outcome: further }), aReceipt('a', { outcome: other })];
    expect(mergedReceipts([first], [second])).toEqual([first]);
    expect(mergedReceipts([second], [first])).toEqual([first]);
  });

  it('keep the time of the first when both say the same', () => {
    const [first, second] = [aReceipt('a', { atMs: 1 }), aReceipt('a', { atMs: 2 })];
    expect(mergedReceipts([first], [second])).toEqual([first]);
  });

  it('keep the place in the log that one of them knew', () => {
    const queued = aReceipt('a', { outcome: 'queued', position });
    const expired = aReceipt('a', { outcome: 'expired', position: null });
    expect(mergedReceipts([queued], [expired])).toMatchObject([{ outcome: 'expired', position }]);
  });
});

const expiresAtMs = 100;
/**
 * `suppressed` is that a client has declined it, which says nothing of the user's other clients; nobody is excepted here.
 * `expired` is more than `sent`, for a client that has it may acknowledge it late; `failed` was perhaps not the last try.
 */
const ranks: Readonly<Record<DeliveryState, number>> = {
  accepted: 0,
  queued: 1,
  suppressed: 2,
  failed: 3,
  sent: 4,
  expired: 5,
  delivered: 6,
  read: 7,
};

interface Known {
  readonly receipts: readonly Receipt[];
  readonly cursor: Cursor;
  readonly nowMs: number;
}

type Happening = (known: Known) => Known;

/** A client that does not acknowledge was sent some, or declined some; this is noted within moments, so before the expiry as well. */
const told = fc
  .tuple(fc.constantFrom(withPushed, withDeclined), fc.integer({ min: 1, max: 8 }), fc.nat(2))
  .map(([note, fromSeq, more]): Happening => (known) => {
    if (known.nowMs >= expiresAtMs) return known;
    return { ...known, cursor: note(known.cursor, [{ fromSeq, toSeq: fromSeq + more }]) };
  });

/** What fan-out notes: after the expiry nothing is sent any more. An expired one was not appended by this try. */
const noted = fc.constantFrom<Receipt['outcome'][]>('queued', 'sent', 'failed').map((tried): Happening => (known) => {
  const isOver = known.nowMs >= expiresAtMs;
  const outcome = isOver ? 'expired' : tried;
  const receipt = aReceipt('a', { outcome, position: isOver ? null : position, atMs: known.nowMs });
  return { ...known, receipts: mergedReceipts(known.receipts, [receipt]) };
});
const seq = fc.integer({ min: 1, max: 8 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  noted,
  told,
  fc.nat(80).map((ms): Happening => (known) => ({ ...known, nowMs: known.nowMs + ms })),
  seq.map((upTo): Happening => (known) => ({ ...known, cursor: acknowledged(known.cursor, upTo, known.nowMs) })),
  fc
    .record({ upToSeq: fc.constantFrom(0, 0, 4, 5, 6), single: seq })
    .map(({ upToSeq, single }): Happening => (known) => ({
      ...known,
      cursor: withRead(known.cursor, { upToSeq, seqs: [single], atMs: known.nowMs }),
    })),
  fc.tuple(seq, seq).map(([fromSeq, toSeq]): Happening => (known) => {
    if (known.nowMs < expiresAtMs) return known;
    return { ...known, cursor: withPassedOver(known.cursor, { fromSeq, toSeq }) };
  }),
);
const happenings = fc.array(happening, { maxLength: 24, size: 'max' });

describe('a delivery, in whatever order things happen,', () => {
  const start: Known = { receipts: [], cursor: aCursor({ user: 'a', epoch: 'e1' }), nowMs: 0 };
  const broadcast = { acceptedAtMs: 0, expiresAtMs };

  function runThrough(changes: readonly Happening[], place: (known: Known) => Position | null): void {
    let known = start;
    let rank = 0;
    for (const change of changes) {
      known = change(known);
      const delivery = deliveryOf(broadcast, 'a', place(known), known.receipts[0] ?? null, known.cursor, known.nowMs);
      expect(ranks[delivery.state]).toBeGreaterThanOrEqual(rank);
      for (const atMs of Object.values(delivery.times)) expect(atMs).toBeLessThanOrEqual(known.nowMs);
      rank = ranks[delivery.state];
    }
  }

  it('never goes back when its place is known by the broadcast, as in a wide topic', () => {
    fc.assert(
      fc.property(happenings, (changes) => {
        runThrough(changes, () => position);
      }),
    );
  });

  it('is what clients did with it, whatever others of the same user declined, and whenever', () => {
    const outcomes = fc.option(
      fc.constantFrom<Receipt['outcome'][]>('queued', 'sent', 'failed', 'expired', 'suppressed'),
    );
    const before = fc.array(fc.boolean(), { minLength: 16 });
    fc.assert(
      fc.property(happenings, before, outcomes, (changes, declines, outcome) => {
        const receipt = outcome === null ? null : aReceipt('a', { outcome, position });
        const stateOf = ({ cursor, nowMs }: Known): DeliveryState =>
          deliveryOf(broadcast, 'a', position, receipt, cursor, nowMs).state;
        let [plain, declined] = [start, start];
        for (const [index, change] of changes.entries()) {
          if (declines[index] === true) {
            declined = { ...declined, cursor: withDeclined(declined.cursor, [{ fromSeq: 1, toSeq: 8 }]) };
          }
          [plain, declined] = [change(plain), change(declined)];
          const progress = progressOf(plain.cursor, position);
          expect(progressOf(declined.cursor, position)).toBe(progress);
          if (progress !== 'none') expect([stateOf(plain), stateOf(declined)]).toEqual([progress, progress]);
          else expect([stateOf(plain), 'suppressed']).toContain(stateOf(declined));
        }
      }),
    );
  });

  it('never goes back when its place is known by the receipt, as in the log of one user', () => {
    fc.assert(
      fc.property(happenings, (changes) => {
        runThrough(changes, ({ receipts: [receipt] }) => receipt?.position ?? null);
      }),
    );
  });
});
