// Batches: refusals that name their place, and ids that one claim stands for.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idInBatch, inPlace } from '../../shared/domain/batch.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { digest } from '../../shared/system/digest.ts';
import { randomIds } from '../../shared/system/ids.ts';

describe('a refusal in its place', () => {
  const refuse = (field?: string) => () => {
    throw new Failure('invalid_field', { message: 'it is wrong', remedy: 'Do it well.', ...(field && { field }) });
  };

  it.each([
    ['taskData', 'broadcasts[3].taskData'],
    ['contractorIds[7]', 'broadcasts[3].contractorIds[7]'],
    ['body', 'broadcasts[3]'],
    [undefined, 'broadcasts[3]'],
  ])('of %s is one of %s', (field, expected) => {
    const detail = { field: expected, message: 'in broadcasts[3], it is wrong', remedy: 'Do it well.' };
    expect(() => inPlace(3, refuse(field))).toThrow(expect.objectContaining({ code: 'invalid_field', detail }));
  });

  it('lets through what is no refusal, and what is no error', () => {
    const bug = new TypeError('planted');
    expect(() =>
      inPlace(0, () => {
        throw bug;
      }),
    ).toThrow(bug);
    expect(inPlace(0, () => 7)).toBe(7);
  });
});

describe('an id in a batch', () => {
  const sha256Hex = (text: string): string => digest.sha256Hex(text);

  it('is another one for each place and each batch, the same each time, and of the same millisecond', () => {
    const times = fc.integer({ min: 0, max: Date.UTC(2090, 0, 1) });
    fc.assert(
      fc.property(times, fc.integer({ min: 2, max: 100 }), (nowMs, count) => {
        const batchIds = [randomIds().broadcastId(nowMs), randomIds().broadcastId(nowMs)];
        const idsOf = (batchId: string) =>
          Array.from({ length: count }, (_, index) => idInBatch(batchId, index, sha256Hex));
        const ids = batchIds.flatMap(idsOf);
        expect(batchIds.flatMap(idsOf)).toEqual(ids);
        expect(new Set([...ids, ...batchIds]).size).toBe(2 * count + 2);
        for (const id of ids) {
          expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
          expect(id.slice(0, 10)).toBe(batchIds[0]?.slice(0, 10));
        }
      }),
    );
  });
});
