// Removes expired items from the tables whose template says which attribute holds the time.

import type { TableModel } from '../contracts.ts';
import { DynamoFault } from './dynalite.ts';
import type { DynamoDb } from './dynamodb.ts';

/** DynamoDB takes up to days for this; readers must compare the time themselves here as there. */
const sweepEveryMs = 60_000;

export interface Expiry {
  stop(): void;
}

export function startExpiry(
  database: DynamoDb,
  tables: readonly TableModel[],
  onError: (error: unknown) => void,
): Expiry {
  let sweeping = false;
  const timer = setInterval(() => {
    if (sweeping) return;
    sweeping = true;
    removeExpired(database, tables, Date.now())
      .catch(onError)
      .finally(() => (sweeping = false));
  }, sweepEveryMs);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Removes, page by page, every item whose time is past; answers how many it removed. */
export async function removeExpired(database: DynamoDb, tables: readonly TableModel[], nowMs: number): Promise<number> {
  let removed = 0;
  for (const { name, key, expiryAttribute } of tables) {
    if (expiryAttribute === null) continue;
    const expired = (): Record<string, unknown> => ({
      ExpressionAttributeNames: { '#expiry': expiryAttribute },
      ExpressionAttributeValues: { ':now': { N: String(Math.floor(nowMs / 1000)) } },
    });
    let startKey: unknown;
    do {
      const page = await database.execute('Scan', {
        TableName: name,
        FilterExpression: '#expiry < :now',
        ...expired(),
        ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
      });
      for (const item of page['Items'] as readonly Record<string, unknown>[]) {
        const Key = Object.fromEntries(key.map(({ AttributeName }) => [AttributeName, item[AttributeName]]));
        // The condition spares an item that was given more time since it was read.
        const removal = { TableName: name, Key, ConditionExpression: '#expiry < :now', ...expired() };
        if (await succeeds(database.execute('DeleteItem', removal))) removed += 1;
      }
      startKey = page['LastEvaluatedKey'];
    } while (startKey !== undefined);
  }
  return removed;
}

async function succeeds(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof DynamoFault) return false;
    throw error;
  }
}
