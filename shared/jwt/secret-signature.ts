// Signatures with a secret that the signer shares with us: HS256, and no other algorithm.
import { JOSEError } from 'jose/errors';
import { compactVerify } from 'jose/jws/compact/verify';
import { sharedSecretLimits } from '../protocol/limits.ts';
import type { SignatureCheck } from './signature.ts';

const algorithm = 'HS256';

/** The secrets that are good at this time; throws `unavailable` when they cannot be had. */
export type ReadSecrets = (nowMs: number) => Promise<readonly Uint8Array[]>;

/** A `kid` chooses nothing here, and a key that a token brings or points to is not looked at. */
export function secretSignature(readSecrets: ReadSecrets): SignatureCheck {
  return async (token, { alg }, nowMs) => {
    if (alg !== algorithm) return 'its algorithm is not allowed';
    for (const secret of await readSecrets(nowMs)) {
      if (await isSigned(token, secret)) return null;
    }
    return 'the signature is wrong';
  };
}

/**
 * The secrets in a text, one a line, so that the old one stays good while a new one is brought into use. Throws an `Error`
 * for the log, which holds no secret, when there is none or one is too short to be safe (RFC 7518, section 3.2).
 */
export function secretsIn(text: string): readonly Uint8Array[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines.length === 0) throw new Error('there is no secret: put one in, of 32 random bytes');
  return lines.map((line, index) => {
    const secret = new TextEncoder().encode(line);
    if (secret.length >= sharedSecretLimits.bytesMin) return secret;
    const measured = `the secret in line ${String(index + 1)} is ${String(secret.length)} bytes long`;
    throw new Error(
      `${measured}, HS256 needs at least ${String(sharedSecretLimits.bytesMin)}: put a longer one in its place`,
    );
  });
}

async function isSigned(token: string, secret: Uint8Array): Promise<boolean> {
  try {
    await compactVerify(token, secret, { algorithms: [algorithm] });
    return true;
  } catch (error) {
    if (error instanceof JOSEError) return false;
    throw error;
  }
}
