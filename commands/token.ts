// npm run token: prints one token of the local issuer and nothing else, whether or not the runtime is up.
import { parseArgs } from 'node:util';
import { openIssuer } from '../local/issuer.ts';
import { dataDirectory, identityOptions, parseDuration, runCommand, UsageError } from './settings.ts';

const usage = 'npm run --silent token -- --user contractor1 [--tenant default] [--role technician]... [--ttl 1h]';

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      ...identityOptions,
      ttl: { type: 'string', default: '1h' },
    },
  });
  if (values.user === undefined || values.user === '') throw new UsageError(`--user is missing: ${usage}`);
  const issuer = await openIssuer(dataDirectory(process.env));
  const claims = {
    user: values.user,
    tenant: values.tenant,
    roles: values.role,
    lifetimeMs: parseDuration(values.ttl),
  };
  process.stdout.write(`${await issuer.sign(claims, Date.now())}\n`);
});
