// What each refusal means, and which ones a route can give, for the API documents.
import { failureStatus } from './failures.ts';
import type { FailureCode } from './failures.ts';
import type { Operation } from './operation.ts';
import type { Callers, HttpRoute } from './routes.ts';

export const failureNotes: Readonly<Record<FailureCode, string>> = {
  bad_request: 'The request means nothing here.',
  invalid_json: 'The body is no JSON, is nested too deep, or holds what JSON cannot carry back.',
  invalid_field: 'A field, a parameter or a header has a value that is not allowed.',
  missing_field: 'A field is missing.',
  unknown_field: 'A field or a parameter is not known; it may be misspelt.',
  conflicting_keys: 'Two headers hold different API keys.',
  unauthenticated: 'No credentials, or a key that is not known.',
  token_expired: 'The token has expired.',
  token_invalid: 'The token is not valid here.',
  forbidden: 'The caller may not do this.',
  source_not_allowed: 'Calls from this network are not allowed.',
  not_found: 'There is no such thing, or it belongs to somebody else.',
  payload_too_large: 'The body, or what it becomes, is too large.',
  idempotency_mismatch: 'The idempotency key was used with another request.',
  rate_limited: 'Too many requests; `Retry-After` says when to go on.',
  internal: 'A bug on our side. Nothing of it is told but the request id, which the log holds too.',
  unavailable: 'Something that is needed is too busy or cannot be reached. The same request can succeed in a moment.',
};

/** Who may call, as a sentence. */
export const callerNotes: Readonly<Record<Callers, string>> = {
  key: 'A back office with an API key.',
  office: 'A back office with an API key, or a person whose token has the role `admin`.',
  admin: 'A person whose token has the role `admin`.',
  person: 'A person with a token.',
  anyone: 'Anybody, without credentials.',
};

const keyRefusals = ['conflicting_keys', 'unauthenticated', 'source_not_allowed'] as const;
const tokenRefusals = ['unauthenticated', 'token_expired', 'token_invalid'] as const;

const callerRefusals: Readonly<Record<Callers, readonly FailureCode[]>> = {
  key: keyRefusals,
  office: [...keyRefusals, ...tokenRefusals, 'forbidden'],
  admin: [...tokenRefusals, 'forbidden'],
  person: tokenRefusals,
  anyone: [],
};

/** The refusals that a route can give, by status, each list in the order of `failureStatus`. */
export function refusalsOf(route: HttpRoute, operation: Operation): ReadonlyMap<number, readonly FailureCode[]> {
  const codes = new Set<FailureCode>([
    ...callerRefusals[route.callers],
    ...(operation.body === undefined
      ? []
      : (['invalid_json', 'invalid_field', 'missing_field', 'unknown_field', 'payload_too_large'] as const)),
    ...(operation.query === undefined ? [] : (['invalid_field', 'unknown_field'] as const)),
    ...(route.path.includes('{') ? (['invalid_field'] as const) : []),
    ...(route.method === 'POST' ? (['idempotency_mismatch'] as const) : []),
    ...(operation.refusals ?? []),
    'rate_limited',
    'internal',
    'unavailable',
  ]);
  const byStatus = new Map<number, FailureCode[]>();
  for (const [code, status] of Object.entries(failureStatus) as [FailureCode, number][]) {
    if (codes.has(code)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}
