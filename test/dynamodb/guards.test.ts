// Idempotency claims and rate counters in DynamoDB, which share a table.
import { describe, expect, it } from 'vitest';
import { idempotencyStore } from '../../shared/dynamodb/idempotency-store.ts';
import { rateCounter } from '../../shared/dynamodb/rate-counter.ts';
import { unique } from '../builders/unique.ts';
import { idempotencyStoreContract, rateCounterContract } from '../contracts/guards.contract.ts';
import { intercepted, loseNextAnswer } from './faults.ts';
import { useTables } from './tables.ts';

const tables = useTables('guards');
const nowMs = Date.UTC(2026, 10, 21, 8, 30);

const aClaim = (tenant: string) => ({
  tenant,
  key: 'key-1',
  requestHash: 'a'.repeat(64),
  broadcastId: unique('broadcast'),
  acceptedAtMs: nowMs,
  expiresAtMs: nowMs + 60_000,
});

describe('idempotency claims in DynamoDB', () => {
  idempotencyStoreContract(() => idempotencyStore(tables.client(), tables.names.guards));

  it('win when the answer to their own put was lost', async () => {
    const claim = aClaim(unique('tenant'));
    loseNextAnswer(tables.client(), 'PutItemCommand');
    const store = idempotencyStore(tables.client(), tables.names.guards);
    expect(await store.claim(claim, nowMs)).toEqual({ won: true, claim });
  });

  it('are tried again when the claim that stood in the way is gone', async () => {
    const claim = aClaim(unique('tenant'));
    let isInTheWay = true;
    const vanishing = intercepted(tables.client(), async (send, command) => {
      if (command === 'PutCommand' && isInTheWay) {
        isInTheWay = false;
        throw Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });
      }
      return send();
    });
    expect(await idempotencyStore(vanishing, tables.names.guards).claim(claim, nowMs)).toEqual({ won: true, claim });
  });

  it('give up as unavailable when that goes on', async () => {
    const haunted = intercepted(tables.client(), async (send, command) => {
      if (command === 'PutCommand') throw Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });
      return send();
    });
    const store = idempotencyStore(haunted, tables.names.guards);
    await expect(store.claim(aClaim(unique('tenant')), nowMs)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('let faults through that are no condition', async () => {
    const broken = intercepted(tables.client(), async () => Promise.reject(new Error('throttled')));
    const store = idempotencyStore(broken, tables.names.guards);
    await expect(store.claim(aClaim(unique('tenant')), nowMs)).rejects.toThrow('throttled');
  });
});

describe('rate counters in DynamoDB', () => {
  rateCounterContract(() => rateCounter(tables.client(), tables.names.guards));
});
