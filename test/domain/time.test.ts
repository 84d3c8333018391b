// Times on the wire.
import { expect, it } from 'vitest';
import { isoTime } from '../../shared/domain/time.ts';

it('are ISO 8601 in UTC', () => {
  expect(isoTime(1_763_713_800_000)).toBe('2025-11-21T08:30:00.000Z');
});
