// Tokens: who signed them, whether they are meant for us and for now, and whom they name.
import type { Jwk } from 'aws-jwt-verify/jwk';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import type { JwtHeader, JwtPayload } from 'aws-jwt-verify/jwt-model';
import { supportedSignatureAlgorithms, verifyJwtSync } from 'aws-jwt-verify/jwt-verifier';
import type { Identity } from '../domain/connection.ts';
import { isExpired, nameProblem, rolesProblem } from '../domain/connection.ts';
import type { TokenVerdict, TokenVerifier } from '../ports.ts';
import { connectionLimits, keySetLimits } from '../protocol/limits.ts';
import { fetchKeys } from './fetch-keys.ts';
import { keySet } from './key-set.ts';

export interface TokenSettings {
  readonly issuer: string;
  /** What `aud` must hold; in a token without `aud`, as Cognito's access tokens are, what `client_id` must be. */
  readonly audience: string;
  readonly jwksUri: string;
  readonly userClaim: string;
  readonly tenantClaim: string;
  /** A list of names, or a text with names between spaces or commas. */
  readonly rolesClaim: string;
  /** The tenant of a token without a tenant claim; empty refuses such tokens. */
  readonly defaultTenant: string;
}

/** Keys are fetched with the first token, and kept for as long as the verifier lives; see `keySet`. */
export function tokenVerifier(settings: TokenSettings): TokenVerifier {
  const keys = keySet(async () => fetchKeys(settings.jwksUri));
  return {
    verify: async (token, nowMs) => {
      const claimed = parse(token, settings.issuer);
      if (typeof claimed === 'string') return invalid(claimed);
      const key = await keys.find(claimed.keyId, nowMs);
      if (key === null) return invalid('it is signed with a key that the issuer does not have');
      const payload = verifiedPayload(token, key, settings.issuer);
      if (payload === null) return invalid('the signature is wrong');
      return judge(payload, settings, nowMs);
    },
  };
}

/** Checks all that needs no key, so that junk causes no fetch; the problem as text, or the id of the key to check with. */
function parse(token: string, issuer: string): string | { readonly keyId: string } {
  if (token.length > connectionLimits.tokenCharactersMax) return 'it is too long';
  let header: JwtHeader;
  let payload: JwtPayload;
  try {
    ({ header, payload } = decomposeUnverifiedJwt(token));
  } catch {
    return 'it is no JSON Web Token';
  }
  // `none` and the HMAC family, for which a public key would be the secret, are not among these.
  const isAllowed = supportedSignatureAlgorithms.some((algorithm) => algorithm === header.alg);
  if (!isAllowed) return 'its algorithm is not allowed';
  // RFC 7515, section 4.1.11: extensions that are critical and not understood make a token invalid.
  if (header['crit'] !== undefined) return 'it needs an extension that is not supported';
  if (header.kid === undefined) return 'it does not name its key';
  if (payload.iss !== issuer) return 'it is from another issuer';
  return { keyId: header.kid };
}

/** The payload when the signature is right. The library would compare times with a clock of its own, so it gets infinite grace. */
function verifiedPayload(token: string, key: Jwk, issuer: string): JwtPayload | null {
  try {
    return verifyJwtSync(token, key, { issuer, audience: null, graceSeconds: Number.POSITIVE_INFINITY });
  } catch {
    // The library's messages quote the token, so none of them is passed on.
    return null;
  }
}

function judge(payload: JwtPayload, settings: TokenSettings, nowMs: number): TokenVerdict {
  if (!isMeantFor(payload, settings.audience)) return invalid('it is for another audience');
  if (payload.exp === undefined) return invalid('it never expires');
  const tokenExpiresAtMs = payload.exp * 1_000;
  if (isExpired({ expiresAtMs: tokenExpiresAtMs }, nowMs)) return { verdict: 'expired' };
  const notBeforeMs = (payload.nbf ?? 0) * 1_000;
  if (notBeforeMs > nowMs + keySetLimits.notBeforeLeewayMs) return invalid('it is not valid yet');
  const identity: Identity = {
    // Only a token that does not speak of a tenant gets the default one; a claim that makes no sense is refused.
    tenant: textOf(payload[settings.tenantClaim] ?? settings.defaultTenant),
    user: textOf(payload[settings.userClaim]),
    roles: rolesOf(payload[settings.rolesClaim]),
    tokenExpiresAtMs,
  };
  const problem =
    nameProblem('user', identity.user) ?? nameProblem('tenant', identity.tenant) ?? rolesProblem(identity.roles);
  return problem === null ? { verdict: 'valid', identity } : invalid(problem);
}

function isMeantFor({ aud, client_id: clientId }: JwtPayload, audience: string): boolean {
  if (aud === undefined) return clientId === audience;
  return Array.isArray(aud) ? aud.includes(audience) : aud === audience;
}

/** Many systems number their users, so a whole number is a name too. Anything else is no name. */
function textOf(claim: unknown): string {
  if (Number.isSafeInteger(claim)) return String(claim);
  return typeof claim === 'string' ? claim : '';
}

function rolesOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(/[\s,]+/).filter((role) => role !== '');
  return Array.isArray(claim) ? claim.filter((role) => typeof role === 'string') : [];
}

function invalid(reason: string): TokenVerdict {
  return { verdict: 'invalid', reason };
}
