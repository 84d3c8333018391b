// Signatures of the OIDC issuer: checked with the public keys that it publishes.
import type { Jwk } from 'aws-jwt-verify/jwk';
import { supportedSignatureAlgorithms, verifyJwtSync } from 'aws-jwt-verify/jwt-verifier';
import { fetchKeys } from './fetch-keys.ts';
import { keySet } from './key-set.ts';
import type { SignatureCheck } from './signature.ts';

/** Keys are fetched with the first token, and kept for as long as the check lives; see `keySet`. */
export function issuerSignature(issuer: string, jwksUri: string): SignatureCheck {
  const keys = keySet(async () => fetchKeys(jwksUri));
  return async (token, { alg, kid }, nowMs) => {
    // `none` and the HMAC family, for which a public key would be the secret, are not among these.
    if (!supportedSignatureAlgorithms.some((algorithm) => algorithm === alg)) return 'its algorithm is not allowed';
    if (kid === undefined) return 'it does not name its key';
    const key = await keys.find(kid, nowMs);
    if (key === null) return 'it is signed with a key that the issuer does not have';
    return isSigned(token, key, issuer) ? null : 'the signature is wrong';
  };
}

/** The library would compare times with a clock of its own, so it gets infinite grace. */
function isSigned(token: string, key: Jwk, issuer: string): boolean {
  try {
    verifyJwtSync(token, key, { issuer, audience: null, graceSeconds: Number.POSITIVE_INFINITY });
    return true;
  } catch {
    // The library's messages quote the token, so none of them is passed on.
    return false;
  }
}
