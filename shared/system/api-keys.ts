// The live API keys, known only by their SHA-256 digests and compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey, ApiKeys } from '../ports.ts';

const defaultTenant = 'default';
const digestPattern = /^[0-9a-f]{64}$/;
const keyIdCharacters = 8;

/**
 * @param digests each `sha256-hex` or `tenant:sha256-hex`; any number may be live at once, so that a key is
 *   rotated by adding the new one, moving the callers, and removing the old one. Throws when an entry is neither.
 */
export function openApiKeys(digests: readonly string[]): ApiKeys {
  const entries = digests.map(parseEntry);
  return {
    find(presented) {
      const presentedDigest = createHash('sha256').update(presented).digest();
      let found: ApiKey | null = null;
      // Every entry is compared, whether or not one matched: the time says nothing about which key is close.
      for (const entry of entries) if (timingSafeEqual(entry.digest, presentedDigest)) found = entry.apiKey;
      return found;
    },
  };
}

function parseEntry(entry: string): { readonly digest: Buffer; readonly apiKey: ApiKey } {
  const separator = entry.lastIndexOf(':');
  const tenant = separator === -1 ? defaultTenant : entry.slice(0, separator);
  const hex = entry.slice(separator + 1).toLowerCase();
  if (!digestPattern.test(hex) || tenant === '') {
    throw new Error('API_KEY_DIGESTS holds an entry that is neither sha256-hex nor tenant:sha256-hex');
  }
  return { digest: Buffer.from(hex, 'hex'), apiKey: { keyId: hex.slice(0, keyIdCharacters), tenant } };
}
