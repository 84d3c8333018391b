// The tables: on demand, restorable to any second of the last 35 days, and never deleted with the stack.
import { RemovalPolicy } from 'aws-cdk-lib';
import type { GlobalSecondaryIndexPropsV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
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

/** A second order of those items of a table that have both attributes. */
interface Index {
  readonly name: string;
  readonly partition: string;
  readonly sort: { readonly name: string; readonly type: AttributeType };
}

/**
 * An index lags behind its table, so nothing on the delivery path reads one: what was written a moment ago could be
 * missing. This one is read by the sweep of the outbox alone, which looks for what is already old, asks the table before
 * it acts, and comes again in a minute. A broadcast has both attributes only until the queue has taken it, so the index
 * holds what waits and nothing else.
 */
export const indexes = {
  broadcasts: {
    name: 'Outbox',
    partition: 'outbox',
    sort: { name: 'acceptedAtMs', type: AttributeType.NUMBER },
  },
} as const satisfies Partial<Record<TableName, Index>>;

export type IndexedTable = keyof typeof indexes;

const tableIndexes: Readonly<Partial<Record<TableName, Index>>> = indexes;

export class Tables extends Construct {
  readonly byName: Readonly<Record<TableName, TableV2>>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.byName = mapValues(keys, (key, name) => this.table(name, key, tableIndexes[name]));
  }

  /**
   * `TableV2` rather than `Table`: both cost the same in one Region, but only the resource that this one makes can get a
   * replica in another Region later without being replaced.
   */
  private table(name: TableName, { partition, sort }: Key, index: Index | undefined): TableV2 {
    const table = new TableV2(this, capitalized(name), {
      partitionKey: { name: partition, type: AttributeType.STRING },
      ...(sort === undefined ? {} : { sortKey: sort }),
      ...(index === undefined ? {} : { globalSecondaryIndexes: [indexProps(index)] }),
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

/** With the keys of the items alone: whoever finds one there reads the rest from the table. */
function indexProps({ name, partition, sort }: Index): GlobalSecondaryIndexPropsV2 {
  return {
    indexName: name,
    partitionKey: { name: partition, type: AttributeType.STRING },
    sortKey: sort,
    projectionType: ProjectionType.KEYS_ONLY,
  };
}
