// What the CDK's command line runs.
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from './bundle.ts';
import { synthesize } from './synthesize.ts';

const bundleDirectory = fileURLToPath(new URL('../dist/functions', import.meta.url));
await bundleFunctions(bundleDirectory);
synthesize({ bundleDirectory, validate: true });
