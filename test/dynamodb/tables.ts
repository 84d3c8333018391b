// Tables for tests: in dynalite on a loopback port, or at TEST_DYNAMODB_ENDPOINT when the environment names one.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { env } from 'node:process';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { outboxIndex } from '../../shared/dynamodb/keys.ts';

type TableName = 'connections' | 'subscriptions' | 'logs' | 'cursors' | 'broadcasts' | 'guards';

const sortKeys: Readonly<Record<TableName, { readonly name: string; readonly type: 'S' | 'N' } | null>> = {
  connections: null,
  subscriptions: { name: 'sk', type: 'S' },
  logs: { name: 'seq', type: 'N' },
  cursors: { name: 'sk', type: 'S' },
  broadcasts: { name: 'sk', type: 'S' },
  guards: null,
};

/** The index of the outbox: broadcasts that have both attributes, by name only. */
const outbox: Pick<CreateTableCommandInput, 'GlobalSecondaryIndexes'> = {
  GlobalSecondaryIndexes: [
    {
      IndexName: outboxIndex,
      KeySchema: [
        { AttributeName: 'outbox', KeyType: 'HASH' },
        { AttributeName: 'acceptedAtMs', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
};

const outboxAttributes: NonNullable<CreateTableCommandInput['AttributeDefinitions']> = [
  { AttributeName: 'outbox', AttributeType: 'S' },
  { AttributeName: 'acceptedAtMs', AttributeType: 'N' },
];

export interface Tables {
  /** A document client with its defaults, which are all that the adapters need. */
  readonly client: () => DynamoDBDocumentClient;
  /** The names of the tables. */
  readonly names: Readonly<Record<TableName, string>>;
}

/** Makes the named tables before the tests of this file, and removes them afterwards. */
export function useTables(...wanted: readonly TableName[]): Tables {
  const suffix = randomUUID();
  const nameOf = (table: TableName): string => `test-${table}-${suffix}`;
  let running: { readonly client: DynamoDBClient; readonly document: DynamoDBDocumentClient } | undefined;
  let server: Server | undefined;
  beforeAll(async () => {
    const given = env['TEST_DYNAMODB_ENDPOINT'];
    if (given === undefined) server = await startDynalite();
    const client = new DynamoDBClient({
      endpoint: given ?? `http://127.0.0.1:${String((server?.address() as AddressInfo).port)}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    running = { client, document: DynamoDBDocumentClient.from(client) };
    await Promise.all(wanted.map(async (table) => createTable(client, table, nameOf(table))));
  });
  afterAll(async () => {
    const client = running?.client;
    if (server === undefined) {
      await Promise.all(
        wanted.map(async (table) => client?.send(new DeleteTableCommand({ TableName: nameOf(table) }))),
      );
    }
    client?.destroy();
    server?.close();
  });
  return {
    client: () => {
      if (running === undefined) throw new Error('the tables are made before the first test, not earlier');
      return running.document;
    },
    names: {
      connections: nameOf('connections'),
      subscriptions: nameOf('subscriptions'),
      logs: nameOf('logs'),
      cursors: nameOf('cursors'),
      broadcasts: nameOf('broadcasts'),
      guards: nameOf('guards'),
    },
  };
}

/** dynalite is plain JavaScript without types. */
async function startDynalite(): Promise<Server> {
  const dynalite = createRequire(import.meta.url)('dynalite') as (options: {
    readonly createTableMs: number;
  }) => Server;
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function createTable(client: DynamoDBClient, table: TableName, name: string): Promise<void> {
  const sortKey = sortKeys[table];
  const hasOutbox = table === 'broadcasts';
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        ...(sortKey === null ? [] : [{ AttributeName: sortKey.name, AttributeType: sortKey.type }]),
        ...(hasOutbox ? outboxAttributes : []),
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        ...(sortKey === null ? [] : [{ AttributeName: sortKey.name, KeyType: 'RANGE' as const }]),
      ],
      ...(hasOutbox ? outbox : {}),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { TableName: name });
}
