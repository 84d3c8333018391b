// What must hold of the tables whatever else changes: their names and keys, and that nothing deletes them.
import { describe, expect, it } from 'vitest';
import { permissionsOf, resourceOf, resourcesOf, synthesizedTemplate } from './template.ts';

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

  it('order their log entries and their outbox by number and name everything else', () => {
    expect(resourceOf(template, 'LogsTable').Properties['AttributeDefinitions']).toEqual([
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'seq', AttributeType: 'N' },
    ]);
    expect(resourceOf(template, 'CursorsTable').Properties['AttributeDefinitions']).toEqual([
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ]);
    expect(resourceOf(template, 'BroadcastsTable').Properties['AttributeDefinitions']).toEqual([
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: 'outbox', AttributeType: 'S' },
      { AttributeName: 'acceptedAtMs', AttributeType: 'N' },
    ]);
  });

  const tables = Object.entries(resourcesOf(template, 'AWS::DynamoDB::GlobalTable'));

  it('are six, with one index: of keys, for the sweep of the outbox', () => {
    expect(tables).toHaveLength(6);
    const indexes = tables.flatMap(([id, { Properties }]) =>
      ((Properties['GlobalSecondaryIndexes'] ?? []) as object[]).map((index) => [id, index] as const),
    );
    expect(indexes).toEqual([
      [
        'BroadcastsTable',
        {
          IndexName: 'Outbox',
          KeySchema: [
            { AttributeName: 'outbox', KeyType: 'HASH' },
            { AttributeName: 'acceptedAtMs', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    ]);
  });

  it('may be read by their index in the sweep alone: an index lags behind, and nothing that is delivered may wait for it', () => {
    const readers = Object.keys(resourcesOf(template, 'AWS::IAM::Role')).filter((role) =>
      Object.keys(permissionsOf(template, role)).some((resource) => resource.includes('/index/')),
    );
    expect(readers).toEqual(['SweepOutboxRole']);
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
