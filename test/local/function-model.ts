// Functions as a template would describe them, with code of one line in a folder of their own.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FunctionModel } from '../../local/contracts.ts';

/** Writes `exports.handler = <handler>` into a bundle, and describes the function that runs it. */
export async function writeFunction(
  folder: string,
  name: string,
  handler: string,
  differences: Partial<FunctionModel> = {},
): Promise<FunctionModel> {
  const codeDirectory = path.join(folder, name);
  await mkdir(codeDirectory, { recursive: true });
  await writeFile(path.join(codeDirectory, 'index.cjs'), `exports.handler = ${handler};\n`);
  return functionModel(name, { codeDirectory, ...differences });
}

export function functionModel(name: string, differences: Partial<FunctionModel> = {}): FunctionModel {
  return {
    logicalId: name,
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    codeDirectory: '/nowhere',
    handler: 'index.handler',
    timeoutMs: 20_000,
    memoryMegabytes: 128,
    environment: {},
    permissions: [],
    concurrencyMax: null,
    asynchronous: { retriesMax: 2, ageMaxMs: 60_000 },
    ...differences,
  };
}
