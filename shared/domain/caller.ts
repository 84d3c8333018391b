// Who calls the HTTP API: the key in whichever of its three headers, and how many calls a key has left.
import { Failure } from '../protocol/failures.ts';
import { requestLimits } from '../protocol/limits.ts';

/** Header names in lower case, as API Gateway passes them. */
export type Headers = Readonly<Record<string, string | undefined>>;

/**
 * The key that the caller presents in `X-Internal-API-Key`, `X-API-Key` or `Authorization` (bare, `Bearer` or `ApiKey`).
 * Two headers with different keys are refused: which one counts must not depend on who reads first.
 */
export function presentedKey(headers: Headers): string {
  const presented = [
    headers['x-internal-api-key'],
    headers['x-api-key'],
    headers['authorization']?.replace(/^(?:bearer|apikey) +/i, ''),
  ].flatMap((value) => (value === undefined || value.trim() === '' ? [] : [value.trim()]));
  const [key, ...others] = new Set(presented);
  if (key === undefined) {
    throw new Failure('unauthenticated', {
      message: 'no API key was sent',
      field: 'header X-Internal-API-Key',
      remedy: 'Send the key in X-Internal-API-Key, X-API-Key, or Authorization: Bearer <key>.',
    });
  }
  if (others.length > 0) {
    throw new Failure('conflicting_keys', {
      message: 'the headers hold different API keys',
      field: 'header X-Internal-API-Key, X-API-Key, Authorization',
      remedy: 'Send the key in one header, or the same key in each.',
    });
  }
  return key;
}

/** The token of a person, from `Authorization: Bearer …`; the scheme's case does not matter (RFC 9110, section 11.1). */
export function bearerToken(headers: Headers): string {
  const token = /^bearer +(\S+) *$/i.exec(headers['authorization'] ?? '')?.[1];
  if (token !== undefined) return token;
  throw new Failure('unauthenticated', {
    message: 'no token was sent',
    field: 'header Authorization',
    remedy: 'Send the same token as for the socket, in Authorization: Bearer <token>.',
  });
}

/**
 * Whether the caller is a person with a token rather than a system with a key: three parts between dots, as a JSON Web
 * Token has and our keys have not, and no key beside it.
 */
export function holdsToken(headers: Headers): boolean {
  const hasKey = [headers['x-internal-api-key'], headers['x-api-key']].some((key) => (key ?? '').trim() !== '');
  return !hasKey && /^bearer +[\w-]+\.[\w-]+\.[\w-]* *$/i.test(headers['authorization'] ?? '');
}

/** What is left of a key's allowance in the current window. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
  readonly exceeded: boolean;
}

/** `count` includes the call in question. */
export function allowanceOf(count: number, limit: number, nowMs: number): Allowance {
  const { rateWindowMs } = requestLimits;
  return {
    limit,
    remaining: Math.max(0, limit - count),
    resetSeconds: Math.ceil((rateWindowMs - (nowMs % rateWindowMs)) / 1_000),
    exceeded: count > limit,
  };
}

/** RateLimit header fields: https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-06 */
export function rateLimitHeaders(allowance: Allowance): Readonly<Record<string, string>> {
  return {
    'ratelimit-limit': String(allowance.limit),
    'ratelimit-remaining': String(allowance.remaining),
    'ratelimit-reset': String(allowance.resetSeconds),
  };
}
