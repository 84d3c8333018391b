// What every AWS service of the local runtime shares: who calls, and how refusals are answered.

import type { AwsRequest, AwsResponse } from '../contracts.ts';
import type { Guard, Identity } from '../permissions.ts';

/** One call's sender. */
export interface Caller {
  /** Null when the caller may do this, otherwise the answer that refuses it. */
  refusal(action: string, resource: string): AwsResponse | null;
  /** Aborted when the caller hangs up before it has its answer. */
  readonly signal: AbortSignal;
}

/** One AWS service: answers everything, and throws only for its own bugs. */
export type AwsService = (request: AwsRequest, caller: Caller) => Promise<AwsResponse>;

export function callerOf(guard: Guard, identity: Identity, signal: AbortSignal): Caller {
  return {
    signal,
    refusal: (action, resource) => {
      if (guard.check(identity, action, resource)) return null;
      const message =
        `User: ${identity.arn} is not authorized to perform: ${action} on resource: ${resource} ` +
        `because no identity-based policy allows the ${action} action`;
      return failure(400, 'AccessDeniedException', message);
    },
  };
}

/** A failure that SDKs of every protocol understand: JSON services look at the body, REST services at the header. */
export function failure(status: number, name: string, message: string): AwsResponse {
  return json(status, { __type: `com.amazon.coral.service#${name}`, message }, { 'x-amzn-errortype': name });
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): AwsResponse {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0', ...headers }, body: JSON.stringify(body) };
}
