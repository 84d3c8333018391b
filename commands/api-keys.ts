// The local runtime's API keys: those of INTERNAL_API_SECRET, or one that is made once and kept.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './settings.ts';

const keyBytes = 32;
const ownerOnly = 0o600;

export function newApiKey(): string {
  return randomBytes(keyBytes).toString('base64url');
}

/** What the stack is told of a key. A digest of a random key says nothing about it. */
export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Several keys may be live at once, so that a rotation can be tried: `INTERNAL_API_SECRET=new-key,old-key npm start`. */
export function localApiKeys(secret: string | undefined, dataDirectory: string): readonly string[] {
  if (secret === undefined) return [keptApiKey(dataDirectory)];
  const keys = secret
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  if (keys.length > 0) return keys;
  throw new UsageError(
    'INTERNAL_API_SECRET holds no key: set it to one or more keys with commas between them, or leave it unset',
  );
}

/** The issuer, which is opened first, has made the folder. */
function keptApiKey(dataDirectory: string): string {
  const path = join(dataDirectory, 'api-key');
  try {
    writeFileSync(path, `${newApiKey()}\n`, { flag: 'wx', mode: ownerOnly });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
