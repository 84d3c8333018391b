// How a gateway calls the function behind a route: it waits no longer than the integration's time limit.
import type { Functions, InvocationResult } from '../contracts.ts';

export interface Integration {
  readonly functionName: string;
  readonly timeoutMs: number;
}

/** `endpoint-timeout` is the gateway's own limit; a function that reached its own is `timeout`, an error like others. */
export type IntegrationResult = InvocationResult | { readonly outcome: 'endpoint-timeout'; readonly message: string };

/**
 * Calls the function and resolves whatever happens, after at most the integration's time limit or `timeoutMaxMs`.
 * The function is not stopped when the gateway gives up: on AWS it runs on, too.
 */
export async function callIntegration(
  functions: Functions,
  integration: Integration,
  event: unknown,
  timeoutMaxMs: number,
): Promise<IntegrationResult> {
  const timeoutMs = Math.min(integration.timeoutMs, timeoutMaxMs);
  let timer: NodeJS.Timeout | undefined;
  const givenUp = new Promise<IntegrationResult>((resolve) => {
    const message = `the gateway gave up after ${String(timeoutMs)} ms`;
    timer = setTimeout(resolve, timeoutMs, { outcome: 'endpoint-timeout', message });
  });
  try {
    return await Promise.race([functions.invoke(integration.functionName, event), givenUp]);
  } finally {
    clearTimeout(timer);
  }
}
