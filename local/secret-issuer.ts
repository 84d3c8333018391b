// Tokens signed with a shared secret, as products make them that have no keys of their own.
import { SignJWT } from 'jose';
import type { TokenClaims } from './issuer.ts';

/**
 * A token without an audience, signed by HS256, that is valid from `nowMs`, in whole seconds.
 * @param issuer becomes `iss`; empty leaves it out
 */
export function signWithSecret(
  secret: string,
  issuer: string,
  { user, tenant, roles, lifetimeMs }: TokenClaims,
  nowMs: number,
): Promise<string> {
  return new SignJWT({ tenant, roles, ...(issuer === '' ? {} : { iss: issuer }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(user)
    .setIssuedAt(Math.floor(nowMs / 1000))
    .setExpirationTime(Math.floor((nowMs + lifetimeMs) / 1000))
    .sign(new TextEncoder().encode(secret));
}
