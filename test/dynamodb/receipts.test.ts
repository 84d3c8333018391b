// Packed receipts: what goes in comes out, and it is small.
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../shared/domain/delivery.ts';
import { packReceipts, unpackReceipts } from '../../shared/dynamodb/receipts.ts';
import { aReceipt } from '../builders/receipt.ts';

const receipt: fc.Arbitrary<Receipt> = fc
  .record({
    user: fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })),
    position: fc.option(fc.record({ epoch: fc.constantFrom('e1', 'e2', ''), seq: fc.nat() })),
    outcome: fc.constantFrom<Receipt['outcome'][]>('queued', 'sent', 'failed', 'expired', 'suppressed'),
    reason: fc.option(
      fc.constantFrom('not_connected' as const, 'too_late', 'too_large', 'connection_slow', 'not_selected'),
    ),
    atMs: fc.nat(Date.UTC(2100, 0, 1)),
  })
  .map(({ reason, ...rest }) => (reason === null ? rest : { ...rest, reason }));

describe('packed receipts', () => {
  it('give back what was packed', () => {
    fc.assert(
      fc.property(fc.array(receipt), (receipts) => {
        expect(unpackReceipts(packReceipts(receipts))).toEqual(receipts);
      }),
    );
  });

  it.each([
    ['short names', (number: number) => `contractor${String(number)}`, 5],
    ['random names', () => crypto.randomUUID(), 25],
  ])('take few bytes each for a page of a wide topic: %s', (_, nameOf, bytesMax) => {
    const position = { epoch: crypto.randomUUID(), seq: 12 };
    const startMs = Date.UTC(2026, 10, 21);
    const receipts = Array.from({ length: 500 }, (__, number) =>
      aReceipt(nameOf(number), { position, atMs: startMs + number }),
    );
    expect(packReceipts(receipts).length / 500).toBeLessThan(bytesMax);
  });

  it('keep the numbers that items of an older version have', () => {
    const reasons = ['not_connected', 'too_late', 'too_large', 'connection_slow', 'not_selected'];
    for (const [number, reason] of reasons.entries()) {
      const packed = { epochs: [], sinceMs: 0, columns: [['anna'], [0], [number], [-1], [-1], [0]] };
      expect(unpackReceipts(deflateRawSync(JSON.stringify(packed)))).toMatchObject([{ reason }]);
    }
  });

  it('refuse an outcome that this version does not know', () => {
    const packed = { epochs: [], sinceMs: 0, columns: [['anna'], [9], [-1], [-1], [-1], [0]] };
    expect(() => unpackReceipts(deflateRawSync(JSON.stringify(packed)))).toThrow('no outcome has the number 9');
  });
});
