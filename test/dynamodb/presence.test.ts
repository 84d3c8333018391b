// Presence, and who types where, in DynamoDB.
import { describe, expect, it } from 'vitest';
import { presenceStore } from '../../shared/dynamodb/presence-store.ts';
import { typingStore } from '../../shared/dynamodb/typing-store.ts';
import { unique } from '../builders/unique.ts';
import { presenceStoreContract, typingStoreContract } from '../contracts/presence.contract.ts';
import { counting, loseNextAnswer } from './faults.ts';
import { useTables } from './tables.ts';

const tables = useTables('guards');
const nowMs = Date.UTC(2026, 10, 21, 9);

describe('presence in DynamoDB', () => {
  const store = (client = tables.client()) => presenceStore(client, tables.names.guards);

  presenceStoreContract(() => store());

  it('knows an arrival and a departure again whose answers were lost', async () => {
    const tenant = unique('tenant');
    loseNextAnswer(tables.client(), 'UpdateItemCommand');
    expect(await store().arrive(tenant, 'anna', nowMs)).toBe('came');
    expect(await store().arrive(tenant, 'anna', nowMs + 1)).toBe('was_there');
    const arrivals = (await store().get(tenant, 'anna'))?.arrivals ?? 0;
    loseNextAnswer(tables.client(), 'UpdateItemCommand');
    expect(await store().depart(tenant, 'anna', arrivals, nowMs + 2)).toBe('left');
    expect(await store().get(tenant, 'anna')).toMatchObject({ state: 'offline', sinceMs: nowMs + 2 });
  });

  it('costs one write for each thing that is noted', async () => {
    const { client, commands } = counting(tables.client());
    const tenant = unique('tenant');
    await store(client).arrive(tenant, 'anna', nowMs);
    await store(client).setStatus(tenant, 'anna', 'away', nowMs);
    await store(client).depart(tenant, 'anna', 1, nowMs);
    expect(commands).toEqual(['UpdateCommand', 'UpdateCommand', 'UpdateCommand']);
  });
});

describe('typing in DynamoDB', () => {
  typingStoreContract(() => typingStore(tables.client(), tables.names.guards));
});
