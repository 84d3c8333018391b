// Broadcasts and receipts in DynamoDB.
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../shared/domain/delivery.ts';
import type { BroadcastStore } from '../../shared/ports.ts';
import { broadcastStore } from '../../shared/dynamodb/broadcast-store.ts';
import { retention, tableLimits } from '../../shared/protocol/limits.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { unique } from '../builders/unique.ts';
import { broadcastStoreContract } from '../contracts/broadcast-store.contract.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { intercepted } from './faults.ts';
import { useTables } from './tables.ts';

const tables = useTables('broadcasts');
const page = { kind: 'users', number: 0 } as const;

function store(client = tables.client()): BroadcastStore {
  return broadcastStore(client, tables.names.broadcasts, fakeClock());
}

/** Receipts that need two items. */
function largePage(outcome: Receipt['outcome']): readonly Receipt[] {
  return Array.from({ length: 1_500 }, (_, number) => ({
    user: String(number).padStart(250, '-'),
    position: null,
    outcome,
  }));
}

describe('broadcasts in DynamoDB', () => {
  broadcastStoreContract(() => store());

  it('show the old receipts or the new ones while a large page is replaced, never a mixture', async () => {
    const id = unique('broadcast');
    await store().putReceipts(id, page, largePage('queued'));
    const seen: (readonly Receipt[] | null)[] = [];
    const watched = intercepted(tables.client(), async (send) => {
      const answer = await send();
      seen.push(await store().getReceipts(id, page));
      return answer;
    });
    await store(watched).putReceipts(id, page, largePage('sent'));
    expect(seen.length).toBeGreaterThan(1);
    for (const receipts of seen) {
      expect(receipts).toHaveLength(1_500);
      expect(new Set(receipts?.map(({ outcome }) => outcome)).size).toBe(1);
    }
    expect(seen.at(-1)).toEqual(largePage('sent'));
  });

  it('expire an hour after their retention', async () => {
    const broadcast = aBroadcast();
    await store().put(broadcast);
    const Key = { pk: broadcast.id, sk: 'broadcast' };
    const { Item } = await tables.client().send(new GetCommand({ TableName: tables.names.broadcasts, Key }));
    const expiresAtMs = broadcast.acceptedAtMs + retention.broadcastMs + tableLimits.expirySlackMs;
    expect(Item).toMatchObject({ ttl: expiresAtMs / 1_000 });
  });
});
