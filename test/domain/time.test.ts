// Times on the wire.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime, isoTimes, parseTime } from '../../shared/domain/time.ts';

describe('a time that is written', () => {
  it('is ISO 8601 in UTC', () => {
    expect(isoTime(1_763_713_800_000)).toBe('2025-11-21T08:30:00.000Z');
  });

  it('keeps its name among others', () => {
    expect(isoTimes({ sent: 1, read: 1_000 })).toEqual({
      sent: '1970-01-01T00:00:00.001Z',
      read: '1970-01-01T00:00:01.000Z',
    });
    expect(isoTimes({})).toEqual({});
  });
});

describe('a time that is read', () => {
  it.each([
    ['2026-12-24T18:00:00Z', '2026-12-24T18:00:00.000Z'],
    ['2026-12-24T19:00:00+01:00', '2026-12-24T18:00:00.000Z'],
    ['2026-12-24T12:30:00-05:30', '2026-12-24T18:00:00.000Z'],
    ['2026-12-24T18:00:00.25Z', '2026-12-24T18:00:00.250Z'],
    ['2026-12-24T18:00:00.123456789Z', '2026-12-24T18:00:00.123Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['2026-12-31T23:59:59+00:00', '2026-12-31T23:59:59.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(isoTime(parseTime(text, 'expiresAt'))).toBe(iso);
  });

  it('is what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (ms) => {
        expect(parseTime(isoTime(ms), 'expiresAt')).toBe(ms);
      }),
    );
  });

  it.each([
    [''],
    ['tomorrow'],
    ['2026-12-24'],
    ['2026-12-24 18:00:00Z'],
    ['2026-12-24T18:00Z'],
    // In which zone these are would depend on the machine that reads them.
    ['2026-12-24T18:00:00'],
    ['2026-12-24T18:00:00.000'],
    ['2026-12-24T18:00:00 Z'],
    ['2026-12-24T18:00:00+0100'],
    ['2026-12-24T18:00:00+25:00'],
    ['2026-13-24T18:00:00Z'],
    ['2026-12-32T18:00:00Z'],
    ['2026-12-24T25:00:00Z'],
    ['2026-12-24T18:60:00Z'],
    ['+002026-12-24T18:00:00Z'],
    [' 2026-12-24T18:00:00Z'],
    ['2026-12-24T18:00:00Z\n'],
    ['1763713800000'],
  ])('%j is refused by the name of its field', refuse);

  it.each([
    ['2026-02-29T00:00:00Z'],
    ['2026-02-30T00:00:00Z'],
    ['2026-04-31T10:00:00+02:00'],
    ['2026-12-24T24:00:00Z'],
  ])('%j is refused, since there is no such day or hour', refuse);

  function refuse(text: string): void {
    expect(() => parseTime(text, 'expiresAt')).toThrow(
      expect.objectContaining({
        code: 'invalid_field',
        detail: expect.objectContaining({ field: 'expiresAt' }) as object,
      }),
    );
  }
});
