// The size of a page, as a query says it: a whole number within bounds, or the default.
import { expect, it } from 'vitest';
import { parseLimit } from '../../shared/usecases/page-limit.ts';

it.each([
  [undefined, 50],
  ['1', 1],
  ['100', 100],
  ['007', 7],
])('%j is %i', (text, limit) => {
  expect(parseLimit(text, 50, 100)).toBe(limit);
});

it.each(['0', '101', '-1', '1.5', '1e2', ' 1', '', 'ten', '０', '99999999999999999999'])(
  '%j is refused, with what is allowed',
  (text) => {
    expect(() => parseLimit(text, 50, 100)).toThrow(
      expect.objectContaining({
        code: 'invalid_field',
        detail: {
          message: 'limit is not a whole number from 1 to 100',
          field: 'query limit',
          remedy: 'Send limit=50.',
        },
      }),
    );
  },
);
