// Deliveries: the state and the times that follow from a receipt and a cursor.
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import { acknowledged, withDeclined, withPassedOver, withPushed, withRead } from '../../shared/domain/cursor.ts';
import type { Delivery, DeliveryState, Receipt } from '../../shared/domain/delivery.ts';
import { deliveryOf, newTally } from '../../shared/domain/delivery.ts';
import { deliveryStates } from '../../shared/protocol/delivery-states.ts';
import { aCursor } from '../builders/cursor.ts';

const acceptedAtMs = 1_000;
const expiresAtMs = 9_000;
const broadcast = { acceptedAtMs, expiresAtMs };
const position = { epoch: 'e1', seq: 5 };
const away = aCursor({ user: 'a', epoch: 'e1' });
const delivered = acknowledged(away, 5, 3_000);
const read = withRead(delivered, { upToSeq: 0, seqs: [5], atMs: 4_000 });
const passedOver = acknowledged(withPassedOver(away, { fromSeq: 5, toSeq: 5 }), 6, 9_500);
const pushed = withPushed(away, [{ fromSeq: 4, toSeq: 5 }]);

function receipt(outcome: Receipt['outcome'], given: Partial<Receipt> = {}): Receipt {
  return { user: 'a', position, outcome, atMs: 2_000, ...given };
}

interface Row {
  readonly what: string;
  readonly at?: null;
  readonly receipt: Receipt | null;
  readonly cursor: Cursor | null;
  readonly nowMs?: number;
  readonly state: DeliveryState;
  readonly reason?: string;
  readonly times?: Delivery['times'];
}

const rows: readonly Row[] = [
  { what: 'nothing done yet', at: null, receipt: null, cursor: null, state: 'accepted' },
  { what: 'in a log, its page not yet recorded', receipt: null, cursor: null, state: 'queued' },
  {
    what: 'in the log of somebody who was not there',
    receipt: receipt('queued', { reason: 'not_connected' }),
    cursor: away,
    state: 'queued',
    reason: 'not_connected',
    times: { queued: 2_000 },
  },
  { what: 'taken by the gateway', receipt: receipt('sent'), cursor: away, state: 'sent', times: { sent: 2_000 } },
  {
    what: 'acknowledged up to just before',
    receipt: receipt('sent'),
    cursor: acknowledged(away, 4, 3_000),
    state: 'sent',
    times: { sent: 2_000 },
  },
  {
    what: 'acknowledged, and no reason any more',
    receipt: receipt('queued', { reason: 'not_connected' }),
    cursor: delivered,
    state: 'delivered',
    times: { queued: 2_000, delivered: 3_000 },
  },
  {
    what: 'acknowledged without a post: it came by resume',
    receipt: null,
    cursor: delivered,
    state: 'delivered',
    times: { delivered: 3_000 },
  },
  {
    what: 'acknowledged so long ago that nobody knows when',
    receipt: receipt('sent'),
    cursor: { ...delivered, acknowledgements: [] },
    state: 'delivered',
    times: { sent: 2_000 },
  },
  {
    what: 'acknowledged in an epoch before',
    receipt: receipt('sent'),
    cursor: { ...away, epoch: 'e2', past: [{ ...delivered, endSeq: 3 }] },
    state: 'delivered',
    times: { sent: 2_000 },
  },
  {
    what: 'acknowledged in an epoch that has nothing to do with it',
    receipt: receipt('sent'),
    cursor: { ...delivered, epoch: 'e0' },
    state: 'sent',
    times: { sent: 2_000 },
  },
  {
    what: 'read',
    receipt: receipt('sent'),
    cursor: read,
    state: 'read',
    times: { sent: 2_000, delivered: 3_000, read: 4_000 },
  },
  {
    what: 'read before it was acknowledged',
    receipt: receipt('sent'),
    cursor: withRead(away, { upToSeq: 5, seqs: [], atMs: 4_000 }),
    state: 'read',
    times: { sent: 2_000, read: 4_000 },
  },
  { what: 'read, and its time is over', receipt: receipt('sent'), cursor: read, nowMs: 9_000, state: 'read' },
  {
    what: 'not acknowledged when its time was over',
    receipt: receipt('sent'),
    cursor: away,
    nowMs: 9_000,
    state: 'expired',
    times: { sent: 2_000, expired: 9_000 },
  },
  {
    what: 'passed over by an acknowledgement, since it had expired',
    receipt: receipt('queued', { reason: 'not_connected' }),
    cursor: passedOver,
    nowMs: 9_600,
    state: 'expired',
    times: { queued: 2_000, expired: 9_000 },
  },
  {
    what: 'expired before it was sent',
    at: null,
    receipt: receipt('expired', { position: null, atMs: 9_100 }),
    cursor: away,
    nowMs: 9_200,
    state: 'expired',
    times: { expired: 9_100 },
  },
  {
    what: 'ephemeral and not connected',
    at: null,
    receipt: receipt('failed', { position: null, reason: 'not_connected' }),
    cursor: away,
    nowMs: 9_999,
    state: 'failed',
    reason: 'not_connected',
    times: { failed: 2_000 },
  },
  {
    what: 'too large for the gateway, but it came by resume',
    receipt: receipt('failed', { reason: 'too_large' }),
    cursor: delivered,
    state: 'delivered',
  },
  {
    what: 'posted to a client that does not acknowledge, when it came',
    receipt: receipt('queued', { reason: 'not_connected' }),
    cursor: pushed,
    state: 'sent',
    times: { queued: 2_000 },
  },
  { what: 'posted to such a client before its page was recorded', receipt: null, cursor: pushed, state: 'sent' },
  {
    what: 'posted to such a client, and its time is over: no more will ever be known',
    receipt: receipt('sent'),
    cursor: pushed,
    nowMs: 9_000,
    state: 'sent',
    times: { sent: 2_000 },
  },
  {
    what: 'posted to such a client, and too large for another one',
    receipt: receipt('failed', { reason: 'too_large' }),
    cursor: pushed,
    state: 'sent',
    times: { failed: 2_000 },
  },
  {
    what: 'posted to such a client, and acknowledged by another one',
    receipt: receipt('sent'),
    cursor: acknowledged(pushed, 5, 3_000),
    nowMs: 9_999,
    state: 'delivered',
    times: { sent: 2_000, delivered: 3_000 },
  },
  {
    what: 'posted to such a client, and read',
    receipt: null,
    cursor: withRead(pushed, { upToSeq: 0, seqs: [5], atMs: 4_000 }),
    state: 'read',
    times: { read: 4_000 },
  },
  {
    what: 'posted to such a client in an epoch that has nothing to do with it',
    receipt: null,
    cursor: { ...pushed, epoch: 'e0' },
    state: 'queued',
  },
  {
    what: 'just behind what was posted to such a client',
    receipt: null,
    cursor: withPushed(away, [{ fromSeq: 1, toSeq: 4 }]),
    state: 'queued',
  },
  {
    what: 'declined, since no client of the user has selected the event',
    receipt: receipt('suppressed', { reason: 'not_selected' }),
    cursor: withDeclined(away, [{ fromSeq: 5, toSeq: 5 }]),
    nowMs: 9_999,
    state: 'suppressed',
    reason: 'not_selected',
    times: { suppressed: 2_000 },
  },
  {
    what: 'ephemeral, and selected by no client of the user',
    at: null,
    receipt: receipt('suppressed', { position: null, reason: 'not_selected' }),
    cursor: away,
    state: 'suppressed',
    reason: 'not_selected',
  },
  {
    what: 'noted as not for this user',
    receipt: receipt('suppressed'),
    cursor: away,
    nowMs: 9_999,
    state: 'suppressed',
    times: { suppressed: 2_000 },
  },
];

describe('the state of a delivery', () => {
  it.each(rows)('$what: $state', ({ at, receipt: noted, cursor, nowMs = 5_000, state, reason, times }) => {
    const delivery = deliveryOf(broadcast, 'a', at === null ? null : position, noted, cursor, nowMs);
    expect(delivery).toMatchObject({ user: 'a', state });
    expect(delivery.reason).toBe(reason);
    if (times !== undefined) expect(delivery.times).toEqual({ accepted: acceptedAtMs, ...times });
  });

  it('is each of those that there are, in some case', () => {
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(deliveryStates));
  });

  it('is suppressed for whom it is not meant, whatever else is known', () => {
    const excepting = { ...broadcast, except: ['a'] };
    expect(deliveryOf(excepting, 'a', position, receipt('sent'), read, 9_999)).toEqual({
      user: 'a',
      state: 'suppressed',
      times: { accepted: acceptedAtMs },
    });
    expect(deliveryOf(excepting, 'b', position, receipt('sent'), read, 5_000).state).toBe('read');
  });
});

it('each delivery is counted once, in the furthest state', () => {
  const { counts, add } = newTally();
  for (const state of ['read', 'sent', 'sent'] as const) add({ user: 'a', state, times: {} });
  expect(counts).toEqual({
    accepted: 0,
    queued: 0,
    sent: 2,
    delivered: 0,
    read: 1,
    expired: 0,
    suppressed: 0,
    failed: 0,
  });
  expect(Object.keys(counts)).toEqual([...deliveryStates]);
});
