// Connections and subscriptions in DynamoDB.
import { describe } from 'vitest';
import { connectionStore } from '../../shared/dynamodb/connection-store.ts';
import { subscriptionStore } from '../../shared/dynamodb/subscription-store.ts';
import { connectionStoreContract } from '../contracts/connection-store.contract.ts';
import { useTables } from './tables.ts';

const tables = useTables('connections', 'subscriptions');

describe('connections in DynamoDB', () => {
  connectionStoreContract(() => ({
    connections: connectionStore(tables.client(), tables.names),
    subscriptions: subscriptionStore(tables.client(), tables.names.subscriptions),
  }));
});
