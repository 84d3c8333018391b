// Secondary indexes of DynamoDB: a sparse one as a template asks for it, and what a caller needs to read one.
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Statement, TableModel } from '../../../local/contracts.ts';
import { readTemplate } from '../../../local/template/template.ts';
import { addresses } from '../template/stack-template.ts';
import { startAws, type ClientSettings } from './aws-stand.ts';

/** As `TableV2` synthesizes a table on demand with an index over what is due; most items are not. */
const jobs = {
  Type: 'AWS::DynamoDB::GlobalTable',
  Properties: {
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: 'dueShard', AttributeType: 'S' },
      { AttributeName: 'dueAtMs', AttributeType: 'N' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'due',
        KeySchema: [
          { AttributeName: 'dueShard', KeyType: 'HASH' },
          { AttributeName: 'dueAtMs', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    Replicas: [{ GlobalSecondaryIndexes: [{ IndexName: 'due' }], Region: { Ref: 'AWS::Region' } }],
  },
};

type Item = Record<string, AttributeValue>;

function tables(): readonly TableModel[] {
  const template = { Resources: { Jobs: jobs } };
  return readTemplate({ template, assemblyDirectory: '', parameters: {}, addresses }).tables;
}

function clientOf(settings: ClientSettings): DynamoDBClient {
  const client = new DynamoDBClient(settings);
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

function key(id: string): Item {
  return { pk: { S: id }, sk: { S: '#' } };
}

function due(id: string, atMs: number): Item {
  return { ...key(id), dueShard: { S: '0' }, dueAtMs: { N: String(atMs) } };
}

const query = {
  TableName: 'Jobs',
  IndexName: 'due',
  KeyConditionExpression: 'dueShard = :shard AND dueAtMs <= :now',
  ExpressionAttributeValues: { ':shard': { S: '0' }, ':now': { N: '2000000000000' } },
};

describe('a sparse index', () => {
  async function open(): Promise<{ client: DynamoDBClient; found: () => Promise<readonly Item[]> }> {
    const client = clientOf((await startAws({ tables: tables() })).operator);
    return { client, found: async () => (await client.send(new QueryCommand(query))).Items ?? [] };
  }

  it('holds the keys of the items that have its attributes, in order', async () => {
    const { client, found } = await open();
    const items = [
      { ...due('late', 1_900_000_000_000), note: { S: 'not projected' } },
      due('early', 5),
      due('future', 2_100_000_000_000),
      key('never'),
      { ...key('half'), dueAtMs: { N: '1' } },
    ];
    for (const Item of items) await client.send(new PutItemCommand({ TableName: 'Jobs', Item }));
    expect(await found()).toEqual([due('early', 5), due('late', 1_900_000_000_000)]);
    const scan = await client.send(new ScanCommand({ TableName: 'Jobs', IndexName: 'due' }));
    expect(scan.Count).toBe(3);
    expect((await client.send(new ScanCommand({ TableName: 'Jobs' }))).Count).toBe(5);
  });

  it('follows its attributes as they come, change and go', async () => {
    const { client, found } = await open();
    const update = (UpdateExpression: string, atMs?: number): Promise<unknown> =>
      client.send(
        new UpdateItemCommand({
          TableName: 'Jobs',
          Key: key('job'),
          UpdateExpression,
          ...(atMs !== undefined && {
            ExpressionAttributeValues: { ':shard': { S: '0' }, ':at': { N: String(atMs) } },
          }),
        }),
      );
    await client.send(new PutItemCommand({ TableName: 'Jobs', Item: { ...key('job'), note: { S: 'kept' } } }));
    expect(await found()).toEqual([]);
    await update('SET dueShard = :shard, dueAtMs = :at', 10);
    expect(await found()).toEqual([due('job', 10)]);
    await update('SET dueShard = :shard, dueAtMs = :at', 7);
    expect(await found()).toEqual([due('job', 7)]);
    await update('REMOVE dueShard, dueAtMs');
    expect(await found()).toEqual([]);
    expect((await client.send(new ScanCommand({ TableName: 'Jobs' }))).Items).toEqual([
      { ...key('job'), note: { S: 'kept' } },
    ]);
    // Removing what is not there changes nothing, as REMOVE does everywhere.
    await update('REMOVE dueShard, dueAtMs');
    await update('SET dueShard = :shard, dueAtMs = :at', 8);
    expect(await found()).toEqual([due('job', 8)]);
  });

  it('forgets what is replaced or deleted', async () => {
    const { client, found } = await open();
    const PutRequests = ['replaced', 'deleted', 'kept'].map((id) => ({ PutRequest: { Item: due(id, 1) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { Jobs: PutRequests } }));
    await client.send(new PutItemCommand({ TableName: 'Jobs', Item: key('replaced') }));
    await client.send(new DeleteItemCommand({ TableName: 'Jobs', Key: key('deleted') }));
    expect(await found()).toEqual([due('kept', 1)]);
  });

  it('comes in pages, also where many items are due at once', async () => {
    const { client } = await open();
    const ids = Array.from({ length: 7 }, (_, index) => `job${String(index)}`);
    const PutRequests = ids.map((id) => ({ PutRequest: { Item: due(id, 1) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { Jobs: PutRequests } }));
    const seen: (string | undefined)[] = [];
    let startKey: Item | undefined;
    do {
      const page = new QueryCommand({ ...query, Limit: 3, ExclusiveStartKey: startKey });
      const { Items = [], LastEvaluatedKey } = await client.send(page);
      seen.push(...Items.map(({ pk }) => pk?.S));
      startKey = LastEvaluatedKey;
    } while (startKey !== undefined);
    expect(seen.toSorted()).toEqual(ids);
  });

  it.each([
    ['strongly consistent reads', { ConsistentRead: true }],
    ['whole items', { Select: 'ALL_ATTRIBUTES' as const }],
  ])('refuses %s', async (_, more) => {
    const { client } = await open();
    await expect(client.send(new QueryCommand({ ...query, ...more }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('refuses an attribute of another type than its own', async () => {
    const { client } = await open();
    const Item = { ...due('job', 1), dueAtMs: { S: 'soon' } };
    await expect(client.send(new PutItemCommand({ TableName: 'Jobs', Item }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe('reading an index', () => {
  const tableArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Jobs';
  const allow = (resource: string): Statement => ({
    effect: 'Allow',
    actions: ['dynamodb:Query', 'dynamodb:Scan'],
    resources: [resource],
  });
  type Read = (client: DynamoDBClient) => Promise<{ readonly Count?: number | undefined }>;
  const reads: [string, Read][] = [
    ['Query', (client) => client.send(new QueryCommand(query))],
    ['Scan', (client) => client.send(new ScanCommand({ TableName: 'Jobs', IndexName: 'due' }))],
  ];

  async function caller(resource: string): Promise<DynamoDBClient> {
    return clientOf((await startAws({ tables: tables(), permissions: [allow(resource)] })).caller);
  }

  it.each(reads)('by %s needs the index and not its table', async (_, read) => {
    const client = await caller(`${tableArn}/index/due`);
    expect(await read(client)).toMatchObject({ Count: 0 });
    await expect(client.send(new ScanCommand({ TableName: 'Jobs' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(/dynamodb:Scan on resource: \S+:table\/Jobs /) as unknown,
    });
  });

  it.each(reads)('by %s is not allowed by the table alone', async (operation, read) => {
    const client = await caller(tableArn);
    expect(await client.send(new ScanCommand({ TableName: 'Jobs' }))).toMatchObject({ Count: 0 });
    await expect(read(client)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`dynamodb:${operation} on resource: ${tableArn}/index/due`) as unknown,
    });
  });
});
