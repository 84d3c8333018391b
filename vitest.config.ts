// How the tests run: one process a file, loopback only, results as JSON too when the environment names a file for them.
import { env } from 'node:process';
import { defineConfig } from 'vitest/config';

const resultsFile = env['TEST_RESULTS_FILE'];

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/e2e/build.ts'],
    // A process for each file, because the local runtime brings native code and the setup changes what all of a process
    // share. As many at once as there are cores: most of them wait for the loopback most of the time.
    pool: 'forks',
    maxWorkers: '100%',
    // Starting the runtime means bundling and synthesizing; a slow machine is no reason to fail.
    testTimeout: 30_000,
    hookTimeout: 120_000,
    reporters: resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
  },
});
