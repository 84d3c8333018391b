// Decides whether a person who calls the HTTP API may go on: who the token says that they are, and how often they have called.
import type { Allowance, Headers } from '../domain/caller.ts';
import { allowanceOf, bearerToken } from '../domain/caller.ts';
import type { Identity } from '../domain/connection.ts';
import type { Clock, RateCounter, TokenVerifier } from '../ports.ts';
import { requestLimits } from '../protocol/limits.ts';
import { verifyToken } from './identify.ts';

export interface UserAdmissionPorts {
  readonly tokens: TokenVerifier;
  readonly rates: RateCounter;
  readonly clock: Clock;
}

/** Throws `unauthenticated`, `token_expired`, `token_invalid`; an exceeded allowance is for the caller to refuse, with its headers. */
export async function admitUser(
  ports: UserAdmissionPorts,
  headers: Headers,
): Promise<{ readonly caller: Identity; readonly allowance: Allowance }> {
  const nowMs = ports.clock.nowMs();
  const caller = await verifyToken(ports.tokens, bearerToken(headers), nowMs);
  const { rateWindowMs, inboxRequestsMax } = requestLimits;
  // As a list, so that no tenant and user together read like another two.
  const key = `user${JSON.stringify([caller.tenant, caller.user])}`;
  const count = await ports.rates.count(key, rateWindowMs, nowMs);
  return { caller, allowance: allowanceOf(count, inboxRequestsMax, nowMs) };
}
