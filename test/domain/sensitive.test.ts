// Sensitive fields: gone at every depth, whatever their case, and nothing else with them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/domain/log.ts';
import { withoutFields } from '../../shared/domain/sensitive.ts';

describe('an object without sensitive fields', () => {
  it.each<readonly [JsonObject, readonly string[], JsonObject]>([
    [{ ssn: '123', name: 'Ann' }, ['ssn'], { name: 'Ann' }],
    [{ SSN: '123', Ssn: '456', name: 'Ann' }, ['sSn'], { name: 'Ann' }],
    [{ guest: { ssn: '123', home: { ssn: '456', city: 'Ulm' } } }, ['ssn'], { guest: { home: { city: 'Ulm' } } }],
    [{ guests: [{ ssn: '123', age: 40 }, 'ssn', [{ ssn: 1 }]] }, ['ssn'], { guests: [{ age: 40 }, 'ssn', [{}]] }],
    [{ card: { number: '4111', cvc: '123' }, total: 0 }, ['card', 'total'], {}],
    [{ cardNumber: '4111', card: null, off: false }, ['card'], { cardNumber: '4111', off: false }],
    [{ 'ssn ': '123' }, ['ssn'], { 'ssn ': '123' }],
    [{ note: 'ssn' }, ['ssn'], { note: 'ssn' }],
    [{ ssn: '123' }, [], { ssn: '123' }],
    [{}, ['ssn'], {}],
  ])('%j without %j', (object, names, expected) => {
    const before = structuredClone(object);
    expect(withoutFields(object, names)).toEqual(expected);
    expect(object).toEqual(before);
  });

  const name = fc.constantFrom('a', 'b', 'A', 'B', 'c', 'aa');
  const { value } = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
    object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.string(),
      fc.constant(null),
      tie('object'),
      fc.array(tie('value')),
    ),
  }));
  const object = fc.dictionary(name, value, { maxKeys: 6 });
  const names = fc.uniqueArray(name, { maxLength: 4 });

  it('has none of them left anywhere, and all of the others, in their order', () => {
    fc.assert(
      fc.property(object, names, (given, dropped) => {
        const isDropped = (field: string): boolean => dropped.some((one) => one.toLowerCase() === field.toLowerCase());
        // JSON's own way through a value, field by field: an independent model of the same thing.
        const expected: unknown = JSON.parse(
          JSON.stringify(given, function (this: unknown, field, inner: unknown) {
            return !Array.isArray(this) && isDropped(field) ? undefined : inner;
          }),
        );
        expect(JSON.stringify(withoutFields(given, dropped))).toBe(JSON.stringify(expected));
      }),
    );
  });
});
