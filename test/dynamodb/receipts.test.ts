// Packed receipts: what goes in comes out, in parts that fit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../shared/domain/delivery.ts';
import { packReceipts, unpackReceipts } from '../../shared/dynamodb/receipts.ts';

const outcome = fc.constantFrom<Receipt['outcome'][]>('queued', 'sent', 'failed');
const position = fc.option(fc.record({ epoch: fc.constantFrom('e1', 'e2', ''), seq: fc.nat() }));
const receipt: fc.Arbitrary<Receipt> = fc.oneof(
  fc.record({ user: fc.string({ unit: 'grapheme' }), position, outcome }),
  fc.record({
    user: fc.string({ unit: 'binary' }),
    position,
    outcome,
    reason: fc.constantFrom('not_connected' as const, 'too_late', 'too_large', 'connection_slow'),
  }),
);

describe('packed receipts', () => {
  it('give back what was packed, whatever the size of the parts', () => {
    fc.assert(
      fc.property(fc.array(receipt), fc.integer({ min: 1, max: 500 }), (receipts, bytesMax) => {
        expect(packReceipts(receipts, bytesMax).flatMap(unpackReceipts)).toEqual(receipts);
      }),
    );
  });

  it('fit into the parts, but for a single receipt that is larger', () => {
    fc.assert(
      fc.property(fc.array(receipt, { minLength: 1 }), fc.integer({ min: 1, max: 500 }), (receipts, bytesMax) => {
        for (const text of packReceipts(receipts, bytesMax)) {
          if (Buffer.byteLength(text) > bytesMax) expect(unpackReceipts(text)).toHaveLength(1);
        }
      }),
    );
  });

  it('take some twenty bytes each for a page of a wide topic', () => {
    const position = { epoch: crypto.randomUUID(), seq: 12 };
    const receipts = Array.from({ length: 500 }, (_, number): Receipt => {
      return { user: `user-${String(number)}`, position, outcome: 'sent' };
    });
    expect(packReceipts(receipts, 100_000).join('').length / 500).toBeLessThan(25);
  });

  it('refuse an outcome that this version does not know', () => {
    expect(() => unpackReceipts('{"epochs":[],"rows":[["anna",9,-1,-1,-1]]}')).toThrow('no outcome');
  });
});
