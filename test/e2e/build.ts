// Builds the functions and the template once for all end-to-end tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundleFunctions } from '../../infra/bundle.ts';
import { synthesize } from '../../infra/synthesize.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    template: object;
    assemblyDirectory: string;
  }
}

export async function setup(project: TestProject): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), 'bellhop-build-'));
  const bundleDirectory = join(directory, 'functions');
  await bundleFunctions(bundleDirectory);
  const { template, assemblyDirectory } = synthesize({
    bundleDirectory,
    outDirectory: join(directory, 'assembly'),
    validate: false,
  });
  project.provide('template', template);
  project.provide('assemblyDirectory', assemblyDirectory);
  return () => {
    rmSync(directory, { recursive: true, force: true });
  };
}
