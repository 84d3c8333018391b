// The refusals that a caller may see: one code, one HTTP status and one meaning each.

export const failureStatus = {
  bad_request: 400,
  invalid_json: 400,
  invalid_field: 400,
  missing_field: 400,
  unknown_field: 400,
  conflicting_keys: 400,
  unauthenticated: 401,
  token_expired: 401,
  token_invalid: 401,
  forbidden: 403,
  source_not_allowed: 403,
  not_found: 404,
  payload_too_large: 413,
  idempotency_mismatch: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type FailureCode = keyof typeof failureStatus;

export interface FailureDetail {
  /** What is wrong, as a sentence, with the measured value where there is one. Never a secret. */
  readonly message: string;
  /** The field, header or query parameter at fault, as a path: `contractorIds[3]`, `header Idempotency-Key`. */
  readonly field?: string;
  /** What the caller can do about it. */
  readonly remedy: string;
  /** Seconds after which the same request can succeed. */
  readonly retryAfterSeconds?: number;
  /** What was accepted all the same, of a request that asks for several things: which of them, counted from 0, and as what. */
  readonly accepted?: readonly { readonly index: number; readonly broadcastId: string }[];
}

/** A refusal that the caller may see. Anything else that is thrown is a bug and leaves as `internal` with no detail. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly detail: FailureDetail;

  /** @param cause for the log only; it never leaves the system. */
  constructor(code: FailureCode, detail: FailureDetail, cause?: unknown) {
    super(detail.message, cause === undefined ? {} : { cause });
    this.name = 'Failure';
    this.code = code;
    this.detail = detail;
  }
}
