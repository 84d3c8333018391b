// Queries over any number of pages: DynamoDB ends a page after 1 MB, whatever the limit says.
import type { DynamoDBDocumentClient, QueryCommandInput, QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';

/** An item as the document client returns it; what it holds is for the caller to say. */
export type Item = NonNullable<QueryCommandOutput['Items']>[number];

/**
 * Every item that the query matches, in order; `Limit` is only how many are read at a time, each time `growth` as many.
 * The next page is read when the last one is used up.
 */
export async function* queryItems(
  client: DynamoDBDocumentClient,
  query: QueryCommandInput,
  growth = 1,
): AsyncGenerator<Item> {
  let next: QueryCommandInput | null = query;
  while (next !== null) {
    const page: QueryCommandOutput = await client.send(new QueryCommand(next));
    yield* page.Items ?? [];
    const Limit: number | undefined = next.Limit === undefined ? undefined : next.Limit * growth;
    next = page.LastEvaluatedKey === undefined ? null : { ...query, Limit, ExclusiveStartKey: page.LastEvaluatedKey };
  }
}

/** The first `limit` items, and whether there are more. One more is read to know: DynamoDB itself cannot say when the limit is met. */
export async function queryUpTo(
  client: DynamoDBDocumentClient,
  query: QueryCommandInput,
  limit: number,
): Promise<{ readonly items: readonly Item[]; readonly more: boolean }> {
  const items: Item[] = [];
  for await (const item of queryItems(client, { ...query, Limit: limit + 1 })) {
    items.push(item);
    if (items.length > limit) break;
  }
  return { items: items.slice(0, limit), more: items.length > limit };
}

/**
 * The items of one partition in order of their sort key, after one key and up to and including another. A start key
 * needs no item of its own, only to be within the condition: nothing may be asked for after the end.
 */
export function itemsAfter(tableName: string, partition: string, { after, through }: KeyRange): QueryCommandInput {
  return {
    TableName: tableName,
    KeyConditionExpression: through === null ? 'pk = :pk' : 'pk = :pk AND sk <= :through',
    ExpressionAttributeValues: { ':pk': partition, ...(through === null ? {} : { ':through': through }) },
    ...(after === null ? {} : { ExclusiveStartKey: { pk: partition, sk: after } }),
  };
}

/** Null leaves an end open. */
export interface KeyRange {
  readonly after: string | null;
  readonly through: string | null;
}

/** Whether nothing can be in the range. DynamoDB sorts text by its UTF-8 bytes. */
export function isEmptyRange({ after, through }: KeyRange): boolean {
  return after !== null && through !== null && Buffer.compare(Buffer.from(after), Buffer.from(through)) >= 0;
}
