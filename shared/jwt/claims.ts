// What a token says, once its signature is known to be right: whether it is meant for us and for now, and whom it names.
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import type { Identity } from '../domain/connection.ts';
import { isExpired, nameProblem, rolesProblem } from '../domain/connection.ts';
import type { TokenVerdict } from '../ports.ts';
import { keySetLimits } from '../protocol/limits.ts';

export interface ClaimSettings {
  /** What `aud` must hold; in a token without `aud`, as Cognito's access tokens are, what `client_id` must be. */
  readonly audience: string;
  readonly userClaim: string;
  readonly tenantClaim: string;
  /** A list of names, or a text with names between spaces or commas. */
  readonly rolesClaim: string;
  /** The tenant of a token without a tenant claim; empty refuses such tokens. */
  readonly defaultTenant: string;
}

/** Whether a token that names no audience at all is refused, or is for whoever can check it. */
export type AudienceRule = 'required' | 'optional';

export function judge(
  payload: JwtPayload,
  settings: ClaimSettings,
  audienceRule: AudienceRule,
  nowMs: number,
): TokenVerdict {
  if (!isMeantFor(payload, settings.audience, audienceRule)) return invalid('it is for another audience');
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

/** @param reason with nothing of the token in it */
export function invalid(reason: string): TokenVerdict {
  return { verdict: 'invalid', reason };
}

function isMeantFor({ aud, client_id: clientId }: JwtPayload, audience: string, rule: AudienceRule): boolean {
  if (aud !== undefined) return Array.isArray(aud) ? aud.includes(audience) : aud === audience;
  return clientId === undefined ? rule === 'optional' : clientId === audience;
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
