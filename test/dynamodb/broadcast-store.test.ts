// Broadcasts, their outbox and the records of their pages in DynamoDB.
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { broadcastStore } from '../../shared/dynamodb/broadcast-store.ts';
import { outboxShardOf, outboxShards } from '../../shared/dynamodb/keys.ts';
import type { BroadcastStore } from '../../shared/ports.ts';
import { outboxLimits, retention, tableLimits } from '../../shared/protocol/limits.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { aReceipt } from '../builders/receipt.ts';
import { unique } from '../builders/unique.ts';
import { broadcastStoreContract } from '../contracts/broadcast-store.contract.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { counting, intercepted, loseNextAnswer } from './faults.ts';
import { useTables } from './tables.ts';

const tables = useTables('broadcasts');
const page = { kind: 'users', number: 0 } as const;

function store(client = tables.client(), clock = fakeClock()): BroadcastStore {
  return broadcastStore(client, tables.names.broadcasts, clock);
}

async function itemOf(id: string): Promise<Record<string, unknown> | undefined> {
  const Key = { pk: id, sk: 'broadcast' };
  return (await tables.client().send(new GetCommand({ TableName: tables.names.broadcasts, Key }))).Item;
}

describe('broadcasts in DynamoDB', () => {
  broadcastStoreContract(() => store());

  it('expire an hour after their retention', async () => {
    const broadcast = aBroadcast();
    await store().put(broadcast);
    const expiresAtMs = broadcast.acceptedAtMs + retention.broadcastMs + tableLimits.expirySlackMs;
    expect(await itemOf(broadcast.id)).toMatchObject({ ttl: expiresAtMs / 1_000 });
  });

  it('leave the index when they are dispatched', async () => {
    const broadcast = aBroadcast({ acceptedAtMs: 5 });
    await store().put(broadcast);
    expect(await itemOf(broadcast.id)).toMatchObject({ outbox: outboxShardOf(broadcast.id), acceptedAtMs: 5 });
    await store().markDispatched(broadcast.id, 9);
    expect(Object.keys((await itemOf(broadcast.id)) ?? {}).sort()).toEqual([
      'broadcast',
      'dispatchedAtMs',
      'pk',
      'sk',
      'ttl',
    ]);
  });

  it('of each shard of the outbox are named up to a number, the oldest', async () => {
    const inOneShard = Array.from({ length: 2_000 }, () => unique('broadcast'))
      .filter((id) => outboxShardOf(id) === outboxShards[0])
      .slice(0, outboxLimits.perShardMax + 5);
    // Before all others in this table: the oldest come last.
    const puts = inOneShard.map((id, index) => store().put(aBroadcast({ id, acceptedAtMs: -index })));
    await Promise.all(puts);
    const oldest = inOneShard.reverse().slice(0, outboxLimits.perShardMax);
    expect(puts).toHaveLength(outboxLimits.perShardMax + 5);
    expect(await store().undispatched(1)).toEqual(oldest);
  });
});

describe('the record of a page', () => {
  it('is begun once when the answer was lost', async () => {
    loseNextAnswer(tables.client(), 'PutItemCommand');
    const record = { through: 'c1', receipts: [] };
    expect(await store().beginPage(unique('broadcast'), page, 'c1')).toEqual(record);
  });

  it('has what was added when the answer was lost', async () => {
    const id = unique('broadcast');
    loseNextAnswer(tables.client(), 'PutItemCommand');
    await store().addReceipts(id, page, [aReceipt('anna')]);
    expect(await store().getPage(id, page)).toEqual({ through: null, receipts: [aReceipt('anna')] });
  });

  it('is not written when nothing is new', async () => {
    const id = unique('broadcast');
    const receipts = [aReceipt('anna'), aReceipt('bo', { outcome: 'queued' })];
    await store().addReceipts(id, page, receipts);
    const { client, commands } = counting(tables.client());
    await store(client).addReceipts(id, page, [...receipts, aReceipt('anna', { outcome: 'queued' })]);
    await store(client).addReceipts(id, page, []);
    expect(commands).toEqual(['GetCommand', 'GetCommand']);
  });

  it('is as small as its recipients when the page is empty', async () => {
    const id = unique('broadcast');
    await store().beginPage(id, page, null);
    const Key = { pk: id, sk: 'page#users#000000' };
    const { Item } = await tables.client().send(new GetCommand({ TableName: tables.names.broadcasts, Key }));
    expect(Object.keys(Item ?? {}).sort()).toEqual(['pk', 'sk', 'ttl', 'write']);
  });

  it('keeps what others add between the look and the put', async () => {
    const id = unique('broadcast');
    let others = 0;
    const slow = intercepted(tables.client(), async (send, command) => {
      if (command === 'PutCommand' && others < 3) {
        others += 1;
        await store().addReceipts(id, page, [aReceipt(`other-${String(others)}`)]);
      }
      return send();
    });
    const clock = fakeClock();
    await store(slow, clock).addReceipts(id, page, [aReceipt('anna')]);
    const users = (await store().getPage(id, page))?.receipts.map(({ user }) => user);
    expect(users).toEqual(['other-1', 'other-2', 'other-3', 'anna']);
    expect(clock.waits).toHaveLength(3);
  });

  it('is unavailable when others are always quicker', async () => {
    const refused = intercepted(tables.client(), async (send, command) => {
      if (command === 'PutCommand') throw Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });
      return send();
    });
    const added = store(refused).addReceipts(unique('broadcast'), page, [aReceipt('anna')]);
    await expect(added).rejects.toMatchObject({ code: 'unavailable' });
  });
});
