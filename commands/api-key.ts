// npm run api-key: makes an API key for a deployed stack, and the digest that the operator gives to cdk deploy.
import { parseArgs } from 'node:util';
import { digestOf, newApiKey } from './api-keys.ts';
import { runCommand } from './settings.ts';

await runCommand(() => {
  const { values } = parseArgs({ options: { tenant: { type: 'string', default: 'default' } } });
  const key = newApiKey();
  process.stdout.write(`key     ${key}\ndigest  ${values.tenant}:${digestOf(key)}\n`);
  return Promise.resolve();
});
