// Proves the meter before it is believed: items of known sizes, an index, and a refusal.
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { MeteredTables } from './metered-tables.ts';

/** @throws when the meter does not say what DynamoDB would charge */
export async function checkMeter(tables: MeteredTables): Promise<void> {
  const { documents } = tables;
  const TableName = tables.names.broadcasts;
  const Key = { pk: 'meter', sk: 'check' };
  // Names and texts count by their bytes, so this item is of exactly this size: 14 bytes are its key and two names.
  const sized = (bytes: number): object => ({ ...Key, text: 'x'.repeat(bytes - 'pkmeterskchecktext'.length) });
  const outboxed = { outbox: '0', acceptedAtMs: 1 };
  const steps: readonly (readonly [string, () => Promise<unknown>, number])[] = [
    ['1,024 bytes', () => documents.send(new PutCommand({ TableName, Item: sized(1_024) })), 1],
    ['1,025 bytes', () => documents.send(new PutCommand({ TableName, Item: sized(1_025) })), 2],
    ['3,000 bytes instead', () => documents.send(new PutCommand({ TableName, Item: sized(3_000) })), 3],
    ['100 bytes instead of 3,000', () => documents.send(new PutCommand({ TableName, Item: sized(100) })), 3],
    ['into the index', () => documents.send(new PutCommand({ TableName, Item: { ...sized(100), ...outboxed } })), 2],
    [
      'a change that the index does not see',
      () => documents.send(new UpdateCommand({ TableName, Key, ...set('SET dispatchedAtMs = :value', 1) })),
      1,
    ],
    [
      'a condition that fails',
      () =>
        documents
          .send(new PutCommand({ TableName, Item: Key, ConditionExpression: 'attribute_not_exists(pk)' }))
          .catch(() => undefined),
      1,
    ],
    [
      'out of the index',
      () => documents.send(new UpdateCommand({ TableName, Key, UpdateExpression: 'REMOVE outbox' })),
      2,
    ],
    ['deleted', () => documents.send(new DeleteCommand({ TableName, Key })), 1],
  ];
  for (const [what, write, expected] of steps) {
    tables.take();
    await write();
    const units = tables.take().reduce((sum, each) => sum + each.units, 0);
    if (units !== expected)
      throw new Error(`${what}: the meter says ${String(units)} write units, not ${String(expected)}`);
  }
}

function set(UpdateExpression: string, value: number): object {
  return { UpdateExpression, ExpressionAttributeValues: { ':value': value } };
}
