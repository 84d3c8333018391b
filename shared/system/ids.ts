// Ids that sort by time: ULIDs.
import { randomBytes } from 'node:crypto';
import type { Ids } from '../ports.ts';

export function randomIds(): Ids {
  return { broadcastId: (nowMs) => ulid(nowMs, randomBytes(randomByteCount)) };
}

/** Crockford's base 32: no I, L, O or U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeCharacters = 10;
const randomByteCount = 10;
const randomCharacters = 16;

/**
 * 48 bits of time in 10 characters and 80 random bits in 16, most significant first.
 * Source: https://github.com/ulid/spec
 */
export function ulid(timeMs: number, randomness: Uint8Array): string {
  const random = randomness.reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
  return base32(BigInt(timeMs), timeCharacters) + base32(random, randomCharacters);
}

function base32(bits: bigint, characters: number): string {
  let text = '';
  for (let rest = bits; text.length < characters; rest >>= 5n) text = alphabet.charAt(Number(rest & 31n)) + text;
  return text;
}
