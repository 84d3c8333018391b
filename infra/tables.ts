// The tables: on demand, restorable to any second of the last 35 days, and never deleted with the stack.
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { TableName } from '../shared/protocol/environment-names.ts';
import { mapValues } from './entries.ts';
import { capitalized, pinLogicalId } from './logical-id.ts';

interface Key {
  readonly partition: string;
  readonly sort?: { readonly name: string; readonly type: AttributeType };
}

const textSortKey = { name: 'sk', type: AttributeType.STRING };

const keys: Readonly<Record<TableName, Key>> = {
  connections: { partition: 'pk' },
  subscriptions: { partition: 'pk', sort: textSortKey },
  logs: { partition: 'pk', sort: { name: 'seq', type: AttributeType.NUMBER } },
  cursors: { partition: 'pk', sort: textSortKey },
  broadcasts: { partition: 'pk', sort: textSortKey },
  guards: { partition: 'pk' },
};

export class Tables extends Construct {
  readonly byName: Readonly<Record<TableName, TableV2>>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.byName = mapValues(keys, (key, name) => this.table(name, key));
  }

  /**
   * `TableV2` rather than `Table`: both cost the same in one Region, but only the resource that this one makes can get a
   * replica in another Region later without being replaced.
   */
  private table(name: TableName, { partition, sort }: Key): TableV2 {
    const table = new TableV2(this, capitalized(name), {
      partitionKey: { name: partition, type: AttributeType.STRING },
      ...(sort === undefined ? {} : { sortKey: sort }),
      billing: Billing.onDemand(),
      // The key that DynamoDB owns encrypts without a price and without a call to KMS on the delivery path.
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    pinLogicalId(table, `${capitalized(name)}Table`);
    return table;
  }
}
