// Requests counted in fixed windows: one write a request.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { RateCounter } from '../ports.ts';
import { ttlOf } from './expiry.ts';
import { rateKey } from './keys.ts';

export function rateCounter(client: DynamoDBDocumentClient, tableName: string): RateCounter {
  return {
    count: async (key, windowMs, nowMs) => {
      const windowStartMs = nowMs - (nowMs % windowMs);
      const counted = await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { pk: rateKey(key, windowMs, windowStartMs) },
          UpdateExpression: 'SET #ttl = :ttl ADD #count :one',
          ExpressionAttributeNames: { '#ttl': 'ttl', '#count': 'count' },
          ExpressionAttributeValues: { ':ttl': ttlOf(windowStartMs + windowMs), ':one': 1 },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return (counted.Attributes as { readonly count: number }).count;
    },
  };
}
