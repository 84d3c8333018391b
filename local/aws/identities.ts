// The access keys of the local account: one pair for the operator, kept in the data folder, and one a function a start.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { accountId, partition } from '../account.ts';
import type { FunctionModel } from '../contracts.ts';
import type { Identity } from '../permissions.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The operator's keys, for tests and tools; made at the first start and readable by the owner alone. */
export async function openRootIdentity(dataDirectory: string): Promise<Identity> {
  const file = path.join(dataDirectory, 'credentials.json');
  const { accessKeyId, secretAccessKey } = (await readCredentials(file)) ?? (await writeCredentials(file));
  return {
    accessKeyId,
    secretAccessKey,
    arn: `arn:${partition}:iam::${accountId}:root`,
    functionName: null,
    permissions: 'everything',
  };
}

async function readCredentials(file: string): Promise<Credentials | null> {
  try {
    const read: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isCredentials(read) ? read : null;
  } catch {
    // Missing or cut short by a crash: either way there is nothing to keep.
    return null;
  }
}

function isCredentials(value: unknown): value is Credentials {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Partial<Record<keyof Credentials, unknown>>;
  return typeof fields.accessKeyId === 'string' && typeof fields.secretAccessKey === 'string';
}

async function writeCredentials(file: string): Promise<Credentials> {
  const credentials = createCredentials('ROOT');
  await writeFile(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  return credentials;
}

/** A function signs with keys of its own, which is how the endpoint knows whose permissions to check. */
export function functionIdentity({ name, permissions }: FunctionModel): Identity {
  return {
    ...createCredentials('FUNCTION'),
    arn: `arn:${partition}:sts::${accountId}:assumed-role/${name}/${name}`,
    functionName: name,
    permissions,
  };
}

function createCredentials(prefix: string): Credentials {
  return {
    accessKeyId: `${prefix}${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
}
