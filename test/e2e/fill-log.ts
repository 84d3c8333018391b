// Puts many entries into a log at once, past the API: what would take minutes to publish takes seconds.
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Topic } from '../../shared/domain/topic.ts';
import { logKey } from '../../shared/dynamodb/keys.ts';
import { logStore } from '../../shared/dynamodb/log-store.ts';
import { systemClock } from '../../shared/system/clock.ts';
import type { Stack } from './stack.ts';

const hourMs = 3_600_000;
const itemsPerBatch = 25;
const batchesAtOnce = 8;

/** Entries 1 to `count` of a log that nobody has used yet, all appended at `appendedAtMs`; their ids are `old-<seq>`. */
export async function fillLog(
  stack: Stack,
  topic: Topic,
  count: number,
  { tenant = 'default', appendedAtMs = Date.now() }: { readonly tenant?: string; readonly appendedAtMs?: number } = {},
): Promise<void> {
  const documents = stack.documents();
  const table = stack.tableName('LogsTable');
  // The first look at a log gives it its head. It lags behind the entries then, as a head may.
  await logStore(documents, table, systemClock(), '1').head(tenant, topic);
  const items = Array.from({ length: count }, (_, index) => {
    const id = `old-${String(index + 1)}`;
    const expiresAtMs = appendedAtMs + 24 * hourMs;
    const notification = { id, event: 'task:new', data: { id }, createdAtMs: appendedAtMs, expiresAtMs };
    return {
      pk: logKey(tenant, topic),
      seq: index + 1,
      id,
      appendedAtMs,
      notification: JSON.stringify(notification),
      ttl: Math.ceil((expiresAtMs + hourMs) / 1_000),
    };
  });
  const batches = Array.from({ length: Math.ceil(count / itemsPerBatch) }, (_, index) =>
    items.slice(index * itemsPerBatch, (index + 1) * itemsPerBatch),
  );
  const write = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const RequestItems = { [table]: batch.map((Item) => ({ PutRequest: { Item } })) };
      await documents.send(new BatchWriteCommand({ RequestItems }));
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, write));
  documents.destroy();
}
