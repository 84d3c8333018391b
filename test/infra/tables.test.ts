// What must hold of the tables whatever else changes: their names and keys, and that nothing deletes them.
import { describe, expect, it } from 'vitest';
import { resourceOf, resourcesOf, synthesizedTemplate } from './template.ts';

const template = synthesizedTemplate();

describe('tables', () => {
  const partition = { AttributeName: 'pk', KeyType: 'HASH' };
  const sorted = [partition, { AttributeName: 'sk', KeyType: 'RANGE' }];

  // CloudFormation makes a new, empty table for a logical id that it does not know.
  it.each([
    ['ConnectionsTable', [partition]],
    ['SubscriptionsTable', sorted],
    ['LogsTable', [partition, { AttributeName: 'seq', KeyType: 'RANGE' }]],
    ['CursorsTable', sorted],
    ['BroadcastsTable', sorted],
    ['GuardsTable', [partition]],
  ])('%s has its name and its keys for good', (id, key) => {
    expect(resourceOf(template, id).Properties['KeySchema']).toEqual(key);
  });

  it('number their log entries and name everything else', () => {
    expect(resourceOf(template, 'LogsTable').Properties['AttributeDefinitions']).toEqual([
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'seq', AttributeType: 'N' },
    ]);
    expect(resourceOf(template, 'CursorsTable').Properties['AttributeDefinitions']).toEqual([
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ]);
  });

  const tables = Object.entries(resourcesOf(template, 'AWS::DynamoDB::GlobalTable'));

  it('are six, with no index that could lag behind', () => {
    expect(tables).toHaveLength(6);
    for (const [, table] of tables) expect(table.Properties).not.toHaveProperty('GlobalSecondaryIndexes');
  });

  it.each(tables)('%s is kept when the stack goes, restorable, on demand, and tidied by ttl', (_, table) => {
    expect(table).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    });
  });
});
