// Tokens: who signed them, whether they are meant for us and for now, and whom they name.
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import type { JwtHeader, JwtPayload } from 'aws-jwt-verify/jwt-model';
import type { TokenVerifier } from '../ports.ts';
import { connectionLimits } from '../protocol/limits.ts';
import type { AudienceRule, ClaimSettings } from './claims.ts';
import { invalid, judge } from './claims.ts';
import { issuerSignature } from './issuer-signature.ts';
import type { ReadSecrets } from './secret-signature.ts';
import { secretSignature } from './secret-signature.ts';
import type { SignatureCheck } from './signature.ts';

export interface TokenSettings extends ClaimSettings {
  readonly issuer: string;
  readonly jwksUri: string;
  /** For products that sign with a secret which they share with us; null refuses their tokens. */
  readonly sharedSecret: SharedSecret | null;
}

export interface SharedSecret {
  /** What `iss` must be; empty when tokens must have none. Where it is the OIDC issuer, no secret is ever used. */
  readonly issuer: string;
  readonly read: ReadSecrets;
}

/** A way of signing: whose tokens are checked in it, and how. */
interface Way {
  readonly issuer: string | undefined;
  readonly check: SignatureCheck;
  readonly audienceRule: AudienceRule;
}

/** The issuer alone decides how a signature is checked, never the algorithm that a token asks for. */
export function tokenVerifier(settings: TokenSettings): TokenVerifier {
  const ways = waysOf(settings);
  return {
    verify: async (token, nowMs) => {
      const parts = parse(token);
      if (typeof parts === 'string') return invalid(parts);
      const way = ways.find(({ issuer }) => issuer === parts.payload.iss);
      if (way === undefined) return invalid('it is from another issuer');
      const problem = await way.check(token, parts.header, nowMs);
      return problem === null ? judge(parts.payload, settings, way.audienceRule, nowMs) : invalid(problem);
    },
  };
}

/** The first way that fits an issuer is its only one. */
function waysOf({ issuer, jwksUri, sharedSecret }: TokenSettings): readonly Way[] {
  const published: Way = { issuer, check: issuerSignature(issuer, jwksUri), audienceRule: 'required' };
  if (sharedSecret === null) return [published];
  const shared: Way = {
    issuer: sharedSecret.issuer === '' ? undefined : sharedSecret.issuer,
    check: secretSignature(sharedSecret.read),
    // Products that sign this way seldom name an audience, and nobody else has their secret.
    audienceRule: 'optional',
  };
  return [published, shared];
}

/** The problem as text, or the parts of the token, of which nothing is proved yet. */
function parse(token: string): string | { readonly header: JwtHeader; readonly payload: JwtPayload } {
  if (token.length > connectionLimits.tokenCharactersMax) return 'it is too long';
  let parts: { readonly header: JwtHeader; readonly payload: JwtPayload };
  try {
    parts = decomposeUnverifiedJwt(token);
  } catch {
    return 'it is no JSON Web Token (RFC 7519, where sub is a text)';
  }
  // RFC 7515, section 4.1.11: extensions that are critical and not understood make a token invalid.
  return parts.header['crit'] === undefined ? parts : 'it needs an extension that is not supported';
}
