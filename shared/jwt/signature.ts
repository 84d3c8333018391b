// What every way of checking a token's signature has in common.
import type { JwtHeader } from 'aws-jwt-verify/jwt-model';

/**
 * What is wrong with a token's signature, with nothing of the token in it; null when it is right. Looks at all that needs
 * no key first, so that junk causes no fetch. Throws `unavailable` when the key cannot be had now.
 */
export type SignatureCheck = (token: string, header: JwtHeader, nowMs: number) => Promise<string | null>;
