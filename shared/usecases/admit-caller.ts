// Decides whether a caller of the HTTP API may go on: where it calls from, which key it has, how often it has called.
import type { Allowance, Headers } from '../domain/caller.ts';
import { allowanceOf, presentedKey } from '../domain/caller.ts';
import type { ApiKey, ApiKeys, Clock, RateCounter, SourceList } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import { requestLimits } from '../protocol/limits.ts';

export interface AdmissionPorts {
  readonly apiKeys: ApiKeys;
  readonly sources: SourceList;
  readonly rates: RateCounter;
  readonly clock: Clock;
  readonly rateLimitPerMinute: number;
}

export interface Admission {
  readonly caller: ApiKey;
  readonly allowance: Allowance;
}

/** Throws `source_not_allowed`, `unauthenticated`, `conflicting_keys`; an exceeded allowance is for the caller to refuse, with its headers. */
export async function admitCaller(ports: AdmissionPorts, headers: Headers, sourceIp: string): Promise<Admission> {
  if (!ports.sources.allows(sourceIp)) {
    throw new Failure('source_not_allowed', {
      message: `calls from ${sourceIp} are not allowed`,
      remedy: 'Call from an allowed network, or have the operator add this address to AllowedSources.',
    });
  }
  const caller = ports.apiKeys.find(presentedKey(headers));
  if (caller === null) {
    throw new Failure('unauthenticated', {
      message: 'the API key is not known',
      field: 'header X-Internal-API-Key',
      remedy: 'Send a key that the operator has set; after a rotation the old key stops working.',
    });
  }
  const nowMs = ports.clock.nowMs();
  const count = await ports.rates.count(`${caller.tenant}/${caller.keyId}`, requestLimits.rateWindowMs, nowMs);
  return { caller, allowance: allowanceOf(count, ports.rateLimitPerMinute, nowMs) };
}
