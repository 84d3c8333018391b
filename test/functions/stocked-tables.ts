// The tables behind a mocked client as they are after some connections were opened, and while claims are kept.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AwsClientStub } from 'aws-sdk-client-mock';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import { connectionStore } from '../../shared/dynamodb/connection-store.ts';
import { sdkError } from './deployed.ts';

type Tables = AwsClientStub<DynamoDBDocumentClient>;
type Item = Readonly<Record<string, unknown>>;

/** Lets reads answer with what the adapter itself writes for these connections. */
export async function stockConnections(tables: Tables, connections: readonly KnownConnection[]): Promise<void> {
  const written: { readonly table: string; readonly item: Item }[] = [];
  tables.on(PutCommand).callsFake(({ TableName, Item: item }: { TableName: string; Item: Item }) => {
    written.push({ table: TableName, item });
    return {};
  });
  const client = DynamoDBDocumentClient.from(new DynamoDBClient());
  const store = connectionStore(client, { connections: 'connections', subscriptions: 'subscriptions' });
  for (const connection of connections) await store.open(connection);
  const itemsOf = (table: string, pk: unknown): readonly Item[] =>
    written.flatMap(({ table: of, item }) => (of === table && item['pk'] === pk ? [item] : []));
  tables.resetHistory();
  tables.on(PutCommand).resolves({});
  tables
    .on(QueryCommand, { TableName: 'subscriptions' })
    .callsFake(({ ExpressionAttributeValues: values }: { ExpressionAttributeValues: Item }) => ({
      Items: itemsOf('subscriptions', values[':pk']),
    }));
  tables.on(GetCommand, { TableName: 'connections' }).callsFake(({ Key: key }: { Key: Item }) => ({
    Item: itemsOf('connections', key['pk'])[0],
  }));
}

/**
 * Keeps claims of idempotency keys as their table would: the first one under a key stands. What was stored counts as queued.
 *
 * @param isDown asked at each put of a broadcast, which fails then.
 */
export function keepClaims(tables: Tables, isDown: () => boolean = () => false): void {
  const kept = new Map<unknown, Item>();
  tables.on(PutCommand, { TableName: 'guards' }).callsFake(({ Item: item }: { Item: Item }) => {
    if (kept.has(item['pk'])) throw sdkError('ConditionalCheckFailedException', 400);
    kept.set(item['pk'], item);
    return {};
  });
  tables.on(PutCommand, { TableName: 'broadcasts' }).callsFake(({ Item: item }: { Item: Item }) => {
    if (isDown()) throw sdkError('ThrottlingException', 400);
    kept.set(item['pk'], { ...item, dispatchedAtMs: 1 });
    return {};
  });
  tables.on(GetCommand).callsFake(({ Key: key }: { Key: Item }) => ({ Item: kept.get(key['pk']) }));
}

/** Every caller is within the allowance, and every put is taken. */
export function emptyTables(tables: Tables): void {
  tables.reset();
  tables.on(UpdateCommand).resolves({ Attributes: { count: 1 } });
  tables.on(PutCommand).resolves({});
  tables.on(QueryCommand).resolves({ Items: [] });
  tables.on(GetCommand).resolves({});
}

/** What was put into the table of broadcasts, in order. */
export function storedBroadcasts(tables: Tables): readonly Broadcast[] {
  return tables
    .commandCalls(PutCommand, { TableName: 'broadcasts' })
    .map(({ args }) => JSON.parse(String(args[0].input.Item?.['broadcast'])) as Broadcast);
}
