// The secret of HS256 tokens on one machine: JWT_SECRET, which the stack finds in the Parameter Store.
import { sharedSecretLimits } from '../shared/protocol/limits.ts';
import { UsageError } from './settings.ts';

const parameterName = '/bellhop/jwt-secret';

/** The secrets of JWT_SECRET, one a line as in the parameter; none when it is not set. */
export function jwtSecrets(environment: NodeJS.ProcessEnv): readonly string[] {
  const secrets = (environment['JWT_SECRET'] ?? '').split(/\r?\n/).filter((secret) => secret !== '');
  const short = secrets.find((secret) => Buffer.byteLength(secret) < sharedSecretLimits.bytesMin);
  if (short === undefined) return secrets;
  throw new UsageError(
    `JWT_SECRET is ${String(Buffer.byteLength(short))} bytes long: HS256 needs at least ` +
      `${String(sharedSecretLimits.bytesMin)}, make one with "openssl rand -base64 48", or leave it unset`,
  );
}

/** What the local Parameter Store holds, by the parameter's name: the secrets, or nothing. */
export function storedSecrets(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const secrets = jwtSecrets(environment);
  return secrets.length === 0 ? {} : { [parameterName]: secrets.join('\n') };
}
