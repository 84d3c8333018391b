// What every store of broadcasts and receipts must do.
import { expect, it } from 'vitest';
import type { Page } from '../../shared/domain/broadcast.ts';
import type { Receipt } from '../../shared/domain/delivery.ts';
import type { BroadcastStore } from '../../shared/ports.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { unique } from '../builders/unique.ts';

const usersPage = (number: number): Page => ({ kind: 'users', number });
const shardPage = (shard: number, number: number): Page => ({ kind: 'shard', shard, after: null, number });

const receipts: readonly Receipt[] = [
  { user: 'anna', position: { epoch: 'e1', seq: 7 }, outcome: 'sent' },
  { user: 'Öz', position: { epoch: 'e2', seq: 1 }, outcome: 'queued', reason: 'not_connected' },
  { user: 'bo', position: { epoch: 'e1', seq: 8 }, outcome: 'queued', reason: 'connection_slow' },
  { user: 'cy', position: null, outcome: 'failed', reason: 'too_late' },
  { user: 'dee', position: { epoch: 'e1', seq: 9 }, outcome: 'failed', reason: 'too_large' },
];

export function broadcastStoreContract(make: () => BroadcastStore): void {
  it.each([
    ['named users', aBroadcast({ metadata: { source: 'crm' } })],
    ['everyone', aBroadcast({ audience: { kind: 'everyone' }, durability: 'ephemeral' })],
    ['notes that it came with', aBroadcast({ position: { epoch: 'e1', seq: 4 }, dispatchedAtMs: 5 })],
  ])('stores a broadcast to %s as it is', async (_, broadcast) => {
    const broadcasts = make();
    expect(await broadcasts.put(broadcast)).toBe('stored');
    expect(await broadcasts.get(broadcast.id)).toEqual(broadcast);
  });

  it('stores an id once', async () => {
    const broadcasts = make();
    const broadcast = aBroadcast();
    await broadcasts.put(broadcast);
    expect(await broadcasts.put({ ...broadcast, event: 'another' })).toBe('exists');
    expect(await broadcasts.get(broadcast.id)).toEqual(broadcast);
  });

  it('knows no broadcast that was never stored', async () => {
    expect(await make().get(unique('broadcast'))).toBeNull();
  });

  it('lets the first notes stand', async () => {
    const broadcasts = make();
    const broadcast = aBroadcast();
    await broadcasts.put(broadcast);
    await broadcasts.setPosition(broadcast.id, { epoch: 'e1', seq: 4 });
    await broadcasts.setPosition(broadcast.id, { epoch: 'e1', seq: 5 });
    await broadcasts.markDispatched(broadcast.id, 1_000);
    await broadcasts.markDispatched(broadcast.id, 2_000);
    const noted = { ...broadcast, position: { epoch: 'e1', seq: 4 }, dispatchedAtMs: 1_000 };
    expect(await broadcasts.get(broadcast.id)).toEqual(noted);
  });

  it('makes no broadcast by noting something about it', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.setPosition(id, { epoch: 'e1', seq: 4 });
    await broadcasts.markDispatched(id, 1_000);
    expect(await broadcasts.get(id)).toBeNull();
  });

  receiptPages(make);
}

function receiptPages(make: () => BroadcastStore): void {
  it('returns the receipts of a page as they were recorded', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.putReceipts(id, usersPage(0), receipts);
    expect(await broadcasts.getReceipts(id, usersPage(0))).toEqual(receipts);
  });

  it('tells a page without recipients from one that was not worked on', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.putReceipts(id, usersPage(0), []);
    expect(await broadcasts.getReceipts(id, usersPage(0))).toEqual([]);
    expect(await broadcasts.getReceipts(id, usersPage(1))).toBeNull();
  });

  it('replaces what was recorded for a page before', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.putReceipts(id, usersPage(0), receipts);
    await broadcasts.putReceipts(id, usersPage(0), receipts.slice(1, 2));
    expect(await broadcasts.getReceipts(id, usersPage(0))).toEqual(receipts.slice(1, 2));
  });

  it('keeps pages apart, of users and of shards, and from the broadcast', async () => {
    const broadcasts = make();
    const broadcast = aBroadcast();
    const { id } = broadcast;
    await broadcasts.put(broadcast);
    const pages = [
      usersPage(1),
      usersPage(10),
      usersPage(1_000_001),
      shardPage(1, 1),
      shardPage(1, 10),
      shardPage(11, 1),
    ];
    for (const [number, page] of pages.entries()) await broadcasts.putReceipts(id, page, [aReceipt(String(number))]);
    for (const [number, page] of pages.entries()) {
      expect(await broadcasts.getReceipts(id, page)).toEqual([aReceipt(String(number))]);
    }
    expect(await broadcasts.getReceipts(id, usersPage(100_000))).toBeNull();
    expect(await broadcasts.get(id)).toEqual(broadcast);
  });

  it('knows a page of a shard by its number, wherever it starts', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.putReceipts(id, { kind: 'shard', shard: 2, after: 'c1', number: 3 }, receipts);
    expect(await broadcasts.getReceipts(id, shardPage(2, 3))).toEqual(receipts);
  });

  it('returns all receipts of one shard', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    for (const number of [0, 1, 2]) await broadcasts.putReceipts(id, shardPage(1, number), [aReceipt(String(number))]);
    await broadcasts.putReceipts(id, shardPage(2, 0), [aReceipt('another')]);
    await broadcasts.putReceipts(unique('broadcast'), shardPage(1, 0), [aReceipt('another')]);
    expect(await broadcasts.getShardReceipts(id, 1)).toEqual(['0', '1', '2'].map(aReceipt));
    expect(await broadcasts.getShardReceipts(id, 3)).toEqual([]);
  });

  it('takes pages of any size, and replaces them with smaller ones', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    const large = Array.from({ length: 3_000 }, (_, number) => aReceipt(String(number) + '汉'.repeat(120)));
    await broadcasts.putReceipts(id, shardPage(0, 0), large);
    await broadcasts.putReceipts(id, shardPage(0, 1), receipts);
    expect(await broadcasts.getReceipts(id, shardPage(0, 0))).toEqual(large);
    expect(await broadcasts.getShardReceipts(id, 0)).toEqual([...large, ...receipts]);
    await broadcasts.putReceipts(id, shardPage(0, 0), receipts);
    expect(await broadcasts.getReceipts(id, shardPage(0, 0))).toEqual(receipts);
    expect(await broadcasts.getShardReceipts(id, 0)).toEqual([...receipts, ...receipts]);
  });
}

function aReceipt(user: string): Receipt {
  return { user, position: { epoch: 'e1', seq: 1 }, outcome: 'sent' };
}
