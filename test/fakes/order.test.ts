// The order of keys in the fakes: that of DynamoDB, for any text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byBytes, orderedMap } from './order.ts';

const key = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: 'binary', maxLength: 3 }));

describe('the order by bytes', () => {
  it('is that of UTF-8, also where UTF-16 has another', () => {
    expect(byBytes('\u{1F6CE}', '\uff5e')).toBeGreaterThan(0);
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(byBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});

describe('an ordered map', () => {
  it('has pages of what was set and not deleted, in order', () => {
    const end = fc.option(key);
    fc.assert(
      fc.property(fc.array(key), fc.array(key), end, end, fc.nat(5), (set, deleted, after, through, limit) => {
        const map = orderedMap<string>();
        for (const each of [...set, ...deleted]) map.set(each, each);
        for (const each of deleted) map.delete(each);
        const expected = [...new Set(set.filter((each) => !deleted.includes(each)))]
          .sort(byBytes)
          .filter((each) => after === null || byBytes(each, after) > 0)
          .filter((each) => through === null || byBytes(each, through) <= 0);
        const items = expected.slice(0, limit);
        const next = expected.length > limit ? (items.at(-1) ?? null) : null;
        expect(map.page(after, through, limit)).toEqual({ items, next });
      }),
    );
  });
});
