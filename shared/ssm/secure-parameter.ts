// A secret in the Parameter Store of AWS Systems Manager: read when needed, and again from time to time, so that it can be changed without a deployment.
import type { SSMClient } from '@aws-sdk/client-ssm';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { Telemetry } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import { sharedSecretLimits } from '../protocol/limits.ts';

/** What the parameter holds, or held some minutes ago. Throws `unavailable` when that cannot be found out now. */
export type ReadParameter<Value> = (nowMs: number) => Promise<Value>;

/**
 * A SecureString, decrypted. What cannot be read, or what `parse` throws at, leaves the value before in force and is told
 * to the log; only a parameter that is gone takes its value with it.
 */
export function secureParameter<Value>(
  client: SSMClient,
  name: string,
  parse: (text: string) => Value,
  telemetry: Telemetry,
): ReadParameter<Value> {
  let kept: { readonly value: Value; readonly readAtMs: number } | null = null;
  let notBeforeMs = 0;
  let underWay: Promise<void> | null = null;

  const readOnce = async (nowMs: number): Promise<void> => {
    try {
      kept = { value: parse(await textOf(client, name)), readAtMs: nowMs };
    } catch (error) {
      if (error instanceof Error && error.name === 'ParameterNotFound') kept = null;
      notBeforeMs = nowMs + sharedSecretLimits.waitAfterFailureMs;
      telemetry.error('parameter_not_usable', { parameter: name, keptOld: kept !== null }, error);
    } finally {
      underWay = null;
    }
  };

  return async (nowMs) => {
    const isFresh = kept !== null && nowMs - kept.readAtMs < sharedSecretLimits.ageMaxMs;
    // Calls that come together share one read.
    if (!isFresh && nowMs >= notBeforeMs) await (underWay ??= readOnce(nowMs));
    if (kept === null) throw unavailable(notBeforeMs - nowMs);
    return kept.value;
  };
}

async function textOf(client: SSMClient, name: string): Promise<string> {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }), {
    abortSignal: AbortSignal.timeout(sharedSecretLimits.readTimeoutMs),
  });
  return Parameter?.Value ?? '';
}

function unavailable(waitMs: number): Failure {
  return new Failure('unavailable', {
    message: 'tokens of this kind cannot be checked at the moment',
    remedy: 'Try again in a moment.',
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
  });
}
