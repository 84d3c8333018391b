// Deliveries: the state that follows from a receipt and a cursor, and that it never goes back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../shared/domain/delivery.ts';
import { countDeliveries, deliveryOf, deliveryStates } from '../../shared/domain/delivery.ts';
import type { Cursor } from '../../shared/domain/log.ts';

const position = { epoch: 'e1', seq: 5 };
const cursor: Cursor = {
  tenant: 'default',
  topic: 'user:a',
  user: 'a',
  epoch: 'e1',
  joinedSeq: 0,
  deliveredSeq: 0,
  readSeq: 0,
  readSeqs: [],
};
const sent: Receipt = { user: 'a', position, outcome: 'sent' };

describe('the state of a delivery', () => {
  it.each([
    ['nothing done yet', null, null, null, 'accepted'],
    ['in a log, page not yet recorded', position, null, null, 'queued'],
    ['in the log of somebody who never came', position, { ...sent, outcome: 'queued' }, null, 'queued'],
    ['taken by the gateway', position, sent, cursor, 'sent'],
    ['acknowledged up to just before', position, sent, { ...cursor, deliveredSeq: 4 }, 'sent'],
    ['acknowledged', position, sent, { ...cursor, deliveredSeq: 5 }, 'delivered'],
    ['acknowledged without a post: it came by resume', position, null, { ...cursor, deliveredSeq: 9 }, 'delivered'],
    ['read up to here', position, sent, { ...cursor, deliveredSeq: 5, readSeq: 5 }, 'read'],
    ['read singly, before the acknowledgement', position, sent, { ...cursor, readSeqs: [5] }, 'read'],
    ['acknowledged in another epoch', position, sent, { ...cursor, epoch: 'e0', deliveredSeq: 9 }, 'sent'],
    ['ephemeral and not connected', null, { user: 'a', position: null, outcome: 'failed' }, cursor, 'failed'],
  ] as const)('%s', (_, place, receipt, itsCursor, state) => {
    expect(deliveryOf('a', place, receipt, itsCursor).state).toBe(state);
  });

  it('carries the reason of the receipt, until the client has it', () => {
    const waiting: Receipt = { user: 'a', position, outcome: 'queued', reason: 'not_connected' };
    expect(deliveryOf('a', position, waiting, cursor)).toEqual({ user: 'a', state: 'queued', reason: 'not_connected' });
    expect(deliveryOf('a', position, waiting, { ...cursor, deliveredSeq: 5 })).toEqual({
      user: 'a',
      state: 'delivered',
    });
  });

  it('never goes back while the cursor and the receipt move forward', () => {
    const outcomes = fc.constantFrom<Receipt['outcome'] | null>(null, 'queued', 'sent');
    const steps = fc.array(fc.record({ outcome: outcomes, delivered: fc.nat(8), read: fc.nat(8) }), { maxLength: 12 });
    fc.assert(
      fc.property(steps, (moves) => {
        let receipt: Receipt | null = null;
        let reached = cursor;
        let rank = 0;
        for (const { outcome, delivered, read } of moves) {
          const better = outcome !== null && (receipt === null || (receipt.outcome === 'queued' && outcome === 'sent'));
          if (better) receipt = { user: 'a', position, outcome };
          reached = {
            ...reached,
            deliveredSeq: Math.max(reached.deliveredSeq, delivered),
            readSeq: Math.max(reached.readSeq, read),
          };
          const now = deliveryStates.indexOf(deliveryOf('a', position, receipt, reached).state);
          expect(now).toBeGreaterThanOrEqual(rank);
          rank = now;
        }
      }),
    );
  });

  it('counts each delivery once, in the furthest state', () => {
    const states = ['read', 'sent', 'sent'] as const;
    const counts = countDeliveries(states.map((state) => ({ user: 'a', state })));
    expect(counts).toEqual({ accepted: 0, queued: 0, sent: 2, delivered: 0, read: 1, failed: 0 });
  });
});
