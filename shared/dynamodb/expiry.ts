// When DynamoDB may delete an item.
import { tableLimits } from '../protocol/limits.ts';

/**
 * The `ttl` attribute, in epoch seconds, of an item that is used until `expiresAtMs`. DynamoDB deletes up to days late,
 * so readers compare `expiresAtMs` themselves; the slack is for readers whose clock is behind.
 */
export function ttlOf(expiresAtMs: number): number {
  return Math.ceil((expiresAtMs + tableLimits.expirySlackMs) / 1_000);
}
