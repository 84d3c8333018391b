// Deliveries of what a client did not select: suppressed as far as that client goes, and no word about the user's other ones.
import { expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import { acknowledged, withDeclined, withPassedOver, withPushed, withRead } from '../../shared/domain/cursor.ts';
import type { Delivery, Receipt } from '../../shared/domain/delivery.ts';
import { deliveryOf } from '../../shared/domain/delivery.ts';
import { aCursor } from '../builders/cursor.ts';
import { aReceipt } from '../builders/receipt.ts';

const broadcast = { acceptedAtMs: 1_000, expiresAtMs: 9_000 };
const position = { epoch: 'e1', seq: 5 };
const declined = withDeclined(aCursor({ user: 'a', epoch: 'e1' }), [{ fromSeq: 5, toSeq: 5 }]);
const unwanted = { state: 'suppressed', reason: 'not_selected' } as const;

function receipt(outcome: Receipt['outcome'], reason?: Receipt['reason']): Receipt {
  return aReceipt('a', { position, outcome, atMs: 2_000, ...(reason === undefined ? {} : { reason }) });
}

interface Row {
  readonly what: string;
  readonly receipt: Receipt | null;
  readonly cursor?: Cursor;
  readonly nowMs?: number;
  readonly expected: Pick<Delivery, 'state' | 'reason'>;
}

const rows: readonly Row[] = [
  { what: 'at once', receipt: receipt('suppressed', 'not_selected'), expected: unwanted },
  { what: 'by the client that came later', receipt: receipt('queued', 'not_connected'), expected: unwanted },
  { what: 'before its page was recorded', receipt: null, expected: unwanted },
  {
    what: 'and its time is over',
    receipt: receipt('queued', 'not_connected'),
    cursor: withPassedOver(declined, { fromSeq: 4, toSeq: 6 }),
    nowMs: 9_999,
    expected: unwanted,
  },
  {
    what: 'and expired when its page was tried once more',
    receipt: receipt('expired'),
    nowMs: 9_999,
    expected: unwanted,
  },
  { what: 'and taken for another one', receipt: receipt('sent'), expected: { state: 'sent' } },
  {
    what: 'and not acknowledged by another one',
    receipt: receipt('sent'),
    nowMs: 9_000,
    expected: { state: 'expired' },
  },
  {
    what: 'and too large for another one',
    receipt: receipt('failed', 'too_large'),
    expected: { state: 'failed', reason: 'too_large' },
  },
  {
    what: 'and posted to another one that does not acknowledge',
    receipt: receipt('queued'),
    cursor: withPushed(declined, [{ fromSeq: 5, toSeq: 5 }]),
    expected: { state: 'sent' },
  },
  {
    what: 'and acknowledged by another one',
    receipt: receipt('suppressed', 'not_selected'),
    cursor: acknowledged(declined, 5, 3_000),
    nowMs: 9_999,
    expected: { state: 'delivered' },
  },
  {
    what: 'and read',
    receipt: receipt('suppressed', 'not_selected'),
    cursor: withRead(declined, { upToSeq: 0, seqs: [5], atMs: 4_000 }),
    expected: { state: 'read' },
  },
  {
    what: 'in an epoch that has nothing to do with it',
    receipt: null,
    cursor: { ...declined, epoch: 'e0' },
    expected: { state: 'queued' },
  },
];

it.each(rows)(
  'declined by one client $what: $expected.state',
  ({ receipt: noted, cursor, nowMs = 5_000, expected }) => {
    const { state, reason } = deliveryOf(broadcast, 'a', position, noted, cursor ?? declined, nowMs);
    expect({ state, reason }).toEqual({ reason: undefined, ...expected });
  },
);

it('when it came into this state is told only by a receipt', () => {
  const timesWith = (noted: Receipt | null) => deliveryOf(broadcast, 'a', position, noted, declined, 5_000).times;
  expect(timesWith(receipt('suppressed', 'not_selected'))).toEqual({ accepted: 1_000, suppressed: 2_000 });
  expect(timesWith(receipt('queued'))).toEqual({ accepted: 1_000, queued: 2_000 });
  expect(timesWith(null)).toEqual({ accepted: 1_000 });
});
