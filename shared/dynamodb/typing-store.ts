// Who types where: one note for each person and room, which is forgotten when it ends.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { TypingStore } from '../ports.ts';
import { presenceLimits } from '../protocol/limits.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';
import { typingKey } from './keys.ts';

interface TypingItem {
  readonly atMs: number;
}

/** A note as old as this was left behind by a call that was killed before anything could end it: the next one is new. */
const keptMs = 4 * presenceLimits.typingMs;

export function typingStore(client: DynamoDBDocumentClient, tableName: string): TypingStore {
  return {
    start: async (tenant, room, user, atMs) => {
      let before: TypingItem | undefined;
      const update = new UpdateCommand({
        TableName: tableName,
        Key: { pk: typingKey(tenant, room, user) },
        UpdateExpression: 'SET atMs = :at, #ttl = :ttl',
        ConditionExpression: 'attribute_not_exists(atMs) OR atMs < :at',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':at': atMs, ':ttl': ttlOf(atMs + keptMs) },
        ReturnValues: 'ALL_OLD',
      });
      const isNoted = await conditionHeld(
        client.send(update).then(({ Attributes }) => {
          before = Attributes as TypingItem | undefined;
        }),
      );
      if (!isNoted) return 'goes_on';
      return before === undefined || before.atMs + keptMs <= atMs ? 'started' : 'goes_on';
    },
    lastMs: async (tenant, room, user) => {
      const Key = { pk: typingKey(tenant, room, user) };
      const found = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
      return (found.Item as TypingItem | undefined)?.atMs ?? null;
    },
    stop: async (tenant, room, user, atMs) => {
      const removal = new DeleteCommand({
        TableName: tableName,
        Key: { pk: typingKey(tenant, room, user) },
        // An item that is not there has no time, so this does not hold for it.
        ConditionExpression: 'atMs <= :at',
        ExpressionAttributeValues: { ':at': atMs },
      });
      return (await conditionHeld(client.send(removal))) ? 'stopped' : 'was_not';
    },
  };
}
