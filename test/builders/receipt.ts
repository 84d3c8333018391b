// Builds receipts.
import type { Receipt } from '../../shared/domain/delivery.ts';

/** What fan-out notes of somebody who was there, unless something else is given. */
export function aReceipt(user: string, given: Partial<Receipt> = {}): Receipt {
  return {
    user,
    position: { epoch: 'epoch-1', seq: 1 },
    outcome: 'sent',
    atMs: Date.UTC(2026, 10, 21, 8, 30, 1),
    ...given,
  };
}
