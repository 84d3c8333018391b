// ULIDs.
import { describe, expect, it } from 'vitest';
import { randomIds, ulid } from '../../shared/system/ids.ts';
import { idsContract } from '../contracts/ids.contract.ts';

describe('random ids', () => {
  idsContract(randomIds);
});

describe('a ULID', () => {
  it.each([
    // The example of the specification: https://github.com/ulid/spec
    ['the time of the specification', 1_469_918_176_385, 0x00, '01ARYZ6S41' + '0'.repeat(16)],
    ['the least', 0, 0x00, '0'.repeat(26)],
    ['the greatest', 2 ** 48 - 1, 0xff, '7ZZZZZZZZZ' + 'Z'.repeat(16)],
  ])('is %s', (_, timeMs, byte, expected) => {
    expect(ulid(timeMs, new Uint8Array(10).fill(byte))).toBe(expected);
  });

  it('has its random bits in order', () => {
    expect(ulid(0, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0x04, 0x41))).toBe('0'.repeat(23) + '121');
  });
});
