// Idempotency claims: the first request with a key leaves what its repetitions are answered with.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { IdempotencyClaim, IdempotencyStore } from '../ports.ts';
import { tableLimits } from '../protocol/limits.ts';
import { tooBusy } from './back-off.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';
import { idempotencyKey } from './keys.ts';

export function idempotencyStore(client: DynamoDBDocumentClient, tableName: string): IdempotencyStore {
  return {
    claim: async (claim, nowMs) => {
      const pk = idempotencyKey(claim.tenant, claim.key);
      for (let attempt = 0; attempt < tableLimits.claimAttemptsMax; attempt += 1) {
        if (await putClaim(client, tableName, pk, claim, nowMs)) return { won: true, claim };
        const standing = await getClaim(client, tableName, pk);
        // Between the two calls it may have expired and been deleted: then the key is free again.
        if (standing === null) continue;
        // A claim of this very broadcast is our own put, whose answer was lost before the client tried again.
        return { won: standing.broadcastId === claim.broadcastId, claim: standing };
      }
      throw tooBusy('this idempotency key');
    },
  };
}

async function putClaim(
  client: DynamoDBDocumentClient,
  tableName: string,
  pk: string,
  claim: IdempotencyClaim,
  nowMs: number,
): Promise<boolean> {
  return conditionHeld(
    client.send(
      new PutCommand({
        TableName: tableName,
        Item: { pk, claim, expiresAtMs: claim.expiresAtMs, ttl: ttlOf(claim.expiresAtMs) },
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAtMs <= :now',
        ExpressionAttributeValues: { ':now': nowMs },
      }),
    ),
  );
}

async function getClaim(
  client: DynamoDBDocumentClient,
  tableName: string,
  pk: string,
): Promise<IdempotencyClaim | null> {
  const found = await client.send(new GetCommand({ TableName: tableName, Key: { pk }, ConsistentRead: true }));
  return found.Item === undefined ? null : (found.Item['claim'] as IdempotencyClaim);
}
