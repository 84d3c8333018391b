// DynamoDB through the AWS SDK: what works, what each caller may do, and what happens to tables between starts.
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDynamoDb } from '../../../local/aws/dynamodb.ts';
import { removeExpired } from '../../../local/aws/expiry.ts';
import type { Statement, TableModel } from '../../../local/contracts.ts';
import { RuntimeError } from '../../../local/runtime-error.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { startAws, type ClientSettings } from './aws-stand.ts';
import { tableModel } from './table-model.ts';

function clientOf(settings: ClientSettings): DynamoDBClient {
  const client = new DynamoDBClient(settings);
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

async function operator(...tables: TableModel[]): Promise<DynamoDBClient> {
  return clientOf((await startAws({ tables })).operator);
}

function item(
  pk: string,
  sk: number,
  more: Record<string, { S: string } | { N: string }> = {},
): Record<string, { S: string } | { N: string }> {
  return { pk: { S: pk }, sk: { N: String(sk) }, ...more };
}

describe('tables', () => {
  it('are those of the template, ready at once', async () => {
    const client = await operator(tableModel('Things'), tableModel('Others'));
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['Others', 'Things']);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'Things' }));
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE', TableArn: tableModel('Things').arn });
    const missing = new GetItemCommand({ TableName: 'Missing', Key: item('a', 1) });
    await expect(client.send(missing)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('keep their items across starts, also after a start that was cut short', async () => {
    const folder = await temporaryFolder();
    const first = await openDynamoDb(folder, [tableModel('Things')]);
    await first.execute('PutItem', { TableName: 'Things', Item: item('a', 1) });
    await first.close();
    const second = await openDynamoDb(folder, [tableModel('Things'), tableModel('Added')]);
    onTestFinished(() => second.close());
    expect(await second.execute('GetItem', { TableName: 'Things', Key: item('a', 1) })).toMatchObject({
      Item: item('a', 1),
    });
    await second.execute('PutItem', { TableName: 'Added', Item: item('a', 1) });
  });

  it.each([
    [
      'other keys',
      { key: [{ AttributeName: 'pk', KeyType: 'HASH' }], attributes: [{ AttributeName: 'pk', AttributeType: 'S' }] },
    ],
    [
      'keys of another type',
      {
        attributes: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
      },
    ],
    [
      'another index',
      {
        attributes: [...tableModel('Things').attributes, { AttributeName: 'user', AttributeType: 'S' }],
        globalIndexes: [
          {
            IndexName: 'byUser',
            KeySchema: [{ AttributeName: 'user', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      },
    ],
  ] satisfies [string, Partial<TableModel>][])(
    'with %s than the template are refused in one line',
    async (_, differences) => {
      const folder = await temporaryFolder();
      await (await openDynamoDb(folder, [tableModel('Things')])).close();
      const reopened = openDynamoDb(folder, [tableModel('Things', differences)]);
      await expect(reopened).rejects.toThrow(RuntimeError);
      await expect(reopened).rejects.toThrow(
        /^Table Things in .* has other keys or indexes than the template: [^\n]*$/,
      );
      // The folder is free again.
      await (await openDynamoDb(folder, [tableModel('Things')])).close();
    },
  );

  it('with an index keep it', async () => {
    const folder = await temporaryFolder();
    const indexed = tableModel('Things', {
      attributes: [{ AttributeName: 'user', AttributeType: 'S' }, ...tableModel('Things').attributes],
      globalIndexes: [
        {
          IndexName: 'byUser',
          KeySchema: [{ AttributeName: 'user', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['size'] },
        },
      ],
    });
    await (await openDynamoDb(folder, [indexed])).close();
    const again = await openDynamoDb(folder, [indexed]);
    onTestFinished(() => again.close());
    await again.execute('PutItem', { TableName: 'Things', Item: item('a', 1, { user: { S: 'u' } }) });
    const query = {
      TableName: 'Things',
      IndexName: 'byUser',
      KeyConditionExpression: '#u = :u',
      ExpressionAttributeNames: { '#u': 'user' },
      ExpressionAttributeValues: { ':u': { S: 'u' } },
    };
    expect(await again.execute('Query', query)).toMatchObject({ Count: 1 });
  });

  it('that DynamoDB would not make are refused in one line', async () => {
    const broken = tableModel('Things', { attributes: [{ AttributeName: 'pk', AttributeType: 'S' }] });
    await expect(openDynamoDb(await temporaryFolder(), [broken])).rejects.toThrow(/^Table Things is refused: [^\n]*$/);
  });
});

describe('queries', () => {
  it('come in pages, in order, and stop early without harm', async () => {
    const client = await operator(tableModel('Things'));
    const requests = Array.from({ length: 25 }, (_, index) => ({ PutRequest: { Item: item('a', index) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { Things: requests } }));
    const query = {
      TableName: 'Things',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'a' } },
    };
    const first = await client.send(new QueryCommand({ ...query, Limit: 10 }));
    const second = await client.send(new QueryCommand({ ...query, ExclusiveStartKey: first.LastEvaluatedKey }));
    const numbers = [...(first.Items ?? []), ...(second.Items ?? [])].map(({ sk }) => Number(sk?.N));
    expect(numbers).toEqual(Array.from({ length: 25 }, (_, index) => index));
    expect(first.Items).toHaveLength(10);
    expect(second.LastEvaluatedKey).toBeUndefined();
    const last = await client.send(new QueryCommand({ ...query, Limit: 1, ScanIndexForward: false }));
    expect(last.Items).toEqual([item('a', 24)]);
  });

  it('end at 1 MB', async () => {
    const client = await operator(tableModel('Things'));
    for (let sk = 0; sk < 4; sk += 1) {
      await client.send(
        new PutItemCommand({ TableName: 'Things', Item: item('a', sk, { blob: { S: 'x'.repeat(390_000) } }) }),
      );
    }
    const page = await client.send(new ScanCommand({ TableName: 'Things' }));
    expect(page.Items).toHaveLength(3);
    expect(page.LastEvaluatedKey).toEqual(item('a', 2));
  });
});

describe('what is refused', () => {
  it('has the names that the SDK knows', async () => {
    const client = await operator(tableModel('Things'));
    await client.send(new PutItemCommand({ TableName: 'Things', Item: item('a', 1) }));
    const again = new PutItemCommand({
      TableName: 'Things',
      Item: item('a', 1),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await expect(client.send(again)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    const large = new PutItemCommand({ TableName: 'Things', Item: item('a', 2, { blob: { S: 'x'.repeat(410_000) } }) });
    await expect(client.send(large)).rejects.toMatchObject({ name: 'ValidationException' });
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [{ Put: { TableName: 'Things', Item: item('a', 3) } }],
    });
    await expect(client.send(transaction)).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });

  it('includes parameters that would silently do nothing', async () => {
    const client = await operator(tableModel('Things'));
    const update = new UpdateItemCommand({
      TableName: 'Things',
      Key: item('a', 1),
      UpdateExpression: 'SET size_ = :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await expect(client.send(update)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('ReturnValuesOnConditionCheckFailure') as unknown,
    });
  });
});

describe('permissions', () => {
  const statement: Statement = {
    effect: 'Allow',
    actions: ['dynamodb:PutItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
    resources: [tableModel('Mine').arn],
  };

  it('are those of the function that calls', async () => {
    const stand = await startAws({ tables: [tableModel('Mine'), tableModel('Others')], permissions: [statement] });
    const client = clientOf(stand.caller);
    await client.send(new PutItemCommand({ TableName: 'Mine', Item: item('a', 1) }));
    await client.send(new BatchGetItemCommand({ RequestItems: { Mine: { Keys: [item('a', 1)] } } }));
    await expect(client.send(new ScanCommand({ TableName: 'Mine' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        `is not authorized to perform: dynamodb:Scan on resource: ${tableModel('Mine').arn}`,
      ) as unknown,
    });
    await expect(client.send(new PutItemCommand({ TableName: 'Others', Item: item('a', 1) }))).rejects.toThrow(
      'Others',
    );
    const both = { Mine: { Keys: [item('a', 1)] }, Others: { Keys: [item('a', 1)] } };
    await expect(client.send(new BatchGetItemCommand({ RequestItems: both }))).rejects.toThrow('Others');
    const query = {
      TableName: 'Mine',
      KeyConditionExpression: 'pk = :a',
      ExpressionAttributeValues: { ':a': { S: 'a' } },
    };
    await client.send(new QueryCommand(query));
    await expect(client.send(new QueryCommand({ ...query, IndexName: 'byUser' }))).rejects.toThrow(
      'table/Mine/index/byUser',
    );
    const used = stand.guard
      .used()
      .map(({ action, resource, allowed }) => [action, resource.replace(/^.*table/, ''), allowed]);
    expect(used).toEqual([
      ['dynamodb:PutItem', '/Mine', true],
      ['dynamodb:BatchGetItem', '/Mine', true],
      ['dynamodb:Scan', '/Mine', false],
      ['dynamodb:PutItem', '/Others', false],
      ['dynamodb:BatchGetItem', '/Others', false],
      ['dynamodb:Query', '/Mine', true],
      ['dynamodb:Query', '/Mine/index/byUser', false],
    ]);
  });
});

describe('expiry', () => {
  it('removes what is past, in every page, and nothing else', async () => {
    const tables = [tableModel('Things', { expiryAttribute: 'expiresAt' }), tableModel('Kept')];
    const { database } = await startAws({ tables });
    const nowMs = 1_700_000_000_000;
    const past = { expiresAt: { N: '1699999999' }, blob: { S: 'x'.repeat(300_000) } };
    for (let sk = 0; sk < 5; sk += 1)
      await database.execute('PutItem', { TableName: 'Things', Item: item('old', sk, past) });
    const kept = [
      item('now', 1, { expiresAt: { N: '1700000000' } }),
      item('text', 1, { expiresAt: { S: '1' } }),
      item('never', 1),
    ];
    for (const Item of kept) await database.execute('PutItem', { TableName: 'Things', Item });
    await database.execute('PutItem', { TableName: 'Kept', Item: item('old', 1, past) });
    expect(await removeExpired(database, tables, nowMs)).toBe(5);
    expect(await database.execute('Scan', { TableName: 'Things' })).toMatchObject({ Count: kept.length });
    expect(await database.execute('Scan', { TableName: 'Kept' })).toMatchObject({ Count: 1 });
  });
});
