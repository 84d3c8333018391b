// Opens what the local runtime keeps in its data folder: tables, queues, and the clock that removes expired items.

import path from 'node:path';
import { openDynamoDb, type DynamoDb } from './aws/dynamodb.ts';
import { startExpiry } from './aws/expiry.ts';
import type { TemplateModel } from './contracts.ts';
import { RuntimeError } from './runtime-error.ts';
import { openQueues, type Queues } from './sqs/queues.ts';

export interface Stores {
  readonly database: DynamoDb;
  readonly queues: Queues;
  close(): Promise<void>;
}

/** @throws RuntimeError when another runtime has the folder open, or what lies there cannot be read */
export async function openStores(
  dataDirectory: string,
  { tables, queues: queueModels }: TemplateModel,
  onError: (error: unknown) => void,
): Promise<Stores> {
  const queues = await explain(dataDirectory, openQueues(path.join(dataDirectory, 'queues'), queueModels, onError));
  try {
    const database = await explain(dataDirectory, openDynamoDb(path.join(dataDirectory, 'tables'), tables));
    const expiry = startExpiry(database, tables, onError);
    return {
      database,
      queues,
      close: async () => {
        expiry.stop();
        await queues.close();
        await database.close();
      },
    };
  } catch (error) {
    await queues.close();
    throw error;
  }
}

async function explain<T>(dataDirectory: string, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof RuntimeError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED') {
      throw new RuntimeError(
        `Another runtime is using ${dataDirectory}: stop it, or choose another data folder with BELLHOP_DATA_DIR.`,
      );
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError(
      `The data in ${dataDirectory} cannot be opened (${reason}): move the folder away, or choose another with BELLHOP_DATA_DIR.`,
    );
  }
}
