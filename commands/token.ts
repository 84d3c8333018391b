// npm run token: prints one token of the local issuer and nothing else, whether or not the runtime is up.
import { parseArgs } from 'node:util';
import { openIssuer } from '../local/issuer.ts';
import { signWithSecret } from '../local/secret-issuer.ts';
import { jwtSecrets } from './jwt-secret.ts';
import { dataDirectory, identityOptions, parseDuration, runCommand, UsageError } from './settings.ts';

const usage =
  'npm run --silent token -- --user contractor1 [--tenant default] [--role technician]... [--ttl 1h] [--hs256 [--issuer <iss>]]';

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      ...identityOptions,
      ttl: { type: 'string', default: '1h' },
      hs256: { type: 'boolean', default: false },
      issuer: { type: 'string' },
    },
  });
  if (values.user === undefined || values.user === '') throw new UsageError(`--user is missing: ${usage}`);
  if (values.issuer !== undefined && !values.hs256) throw new UsageError(`--issuer goes with --hs256 alone: ${usage}`);
  const claims = {
    user: values.user,
    tenant: values.tenant,
    roles: values.role,
    lifetimeMs: parseDuration(values.ttl),
  };
  const nowMs = Date.now();
  const token = values.hs256
    ? await signWithSecret(secretOf(process.env), values.issuer ?? '', claims, nowMs)
    : await (await openIssuer(dataDirectory(process.env))).sign(claims, nowMs);
  process.stdout.write(`${token}\n`);
});

/** The first one: while a secret is rotated, the new one stands before the old one. */
function secretOf(environment: NodeJS.ProcessEnv): string {
  const [secret] = jwtSecrets(environment);
  if (secret !== undefined) return secret;
  throw new UsageError('JWT_SECRET is not set: --hs256 signs with the secret that npm start was given');
}
