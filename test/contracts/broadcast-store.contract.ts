// What every store of broadcasts and receipts must do.
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Page } from '../../shared/domain/broadcast.ts';
import type { Receipt } from '../../shared/domain/delivery.ts';
import type { BroadcastStore } from '../../shared/ports.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { aReceipt } from '../builders/receipt.ts';
import { unique } from '../builders/unique.ts';

const usersPage = (number: number): Page => ({ kind: 'users', number });
const shardPage = (shard: number, number: number): Page => ({ kind: 'shard', shard, after: null, number });

const receipts: readonly Receipt[] = [
  aReceipt('anna', { position: { epoch: 'e1', seq: 7 } }),
  aReceipt('Öz', { position: { epoch: 'e2', seq: 1 }, outcome: 'queued', reason: 'not_connected', atMs: 1 }),
  aReceipt('bo', { position: { epoch: 'e1', seq: 8 }, outcome: 'queued', reason: 'connection_slow' }),
  aReceipt('cy', { position: null, outcome: 'failed', reason: 'too_late' }),
  aReceipt('dee', { position: { epoch: 'e1', seq: 9 }, outcome: 'failed', reason: 'too_large' }),
  aReceipt('el', { outcome: 'expired', atMs: Date.UTC(2030, 0, 1) }),
  aReceipt('fay', { position: null, outcome: 'suppressed' }),
];

export function broadcastStoreContract(make: () => BroadcastStore): void {
  it.each([
    ['named users', aBroadcast({ metadata: { source: 'crm' } })],
    ['everyone', aBroadcast({ audience: { kind: 'topic', topic: 'all' }, durability: 'ephemeral' })],
    ['a role, but for some', aBroadcast({ audience: { kind: 'topic', topic: 'role:admin' }, except: ['anna'] })],
    ['nobody after a time of its own', aBroadcast({ expiresAtMs: 9 })],
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

  outbox(make);
  pages(make);
  receiptPages(make);
  writersAtOnce(make);
}

function outbox(make: () => BroadcastStore): void {
  it('has a broadcast in the outbox until it is dispatched, the oldest first', async () => {
    const broadcasts = make();
    const [second, first, third] = [2_000, 1_000, 3_000].map((acceptedAtMs) => aBroadcast({ acceptedAtMs }));
    const own = [first?.id, second?.id, third?.id];
    for (const broadcast of [second, first, third]) if (broadcast !== undefined) await broadcasts.put(broadcast);
    // Tables are shared with other tests, whose broadcasts are left out here.
    const waiting = async (beforeMs: number): Promise<readonly string[]> =>
      (await broadcasts.undispatched(beforeMs)).filter((id) => own.includes(id));
    expect(await waiting(1_000)).toEqual([]);
    expect(await waiting(3_000)).toEqual(own.slice(0, 2));
    expect(await waiting(3_001)).toEqual(own);
    await broadcasts.setPosition(first?.id ?? '', { epoch: 'e1', seq: 4 });
    await broadcasts.markDispatched(second?.id ?? '', 5_000);
    expect(await waiting(9_000)).toEqual([first?.id, third?.id]);
  });

  it('takes nothing into the outbox that was dispatched before, is stored again, or was never stored', async () => {
    const broadcasts = make();
    const dispatched = aBroadcast({ acceptedAtMs: 1_000, dispatchedAtMs: 1_500 });
    const repeated = aBroadcast({ acceptedAtMs: 1_000 });
    const unknown = unique('broadcast');
    await broadcasts.put(dispatched);
    await broadcasts.put(repeated);
    await broadcasts.markDispatched(repeated.id, 1_500);
    await broadcasts.put(repeated);
    await broadcasts.markDispatched(unknown, 1_500);
    const waiting = await broadcasts.undispatched(9_000);
    for (const id of [dispatched.id, repeated.id, unknown]) expect(waiting).not.toContain(id);
  });
}

function pages(make: () => BroadcastStore): void {
  it.each([null, 'connection-9'])('begins a page that ends at %s', async (through) => {
    const broadcasts = make();
    const id = unique('broadcast');
    expect(await broadcasts.getPage(id, shardPage(1, 0))).toBeNull();
    expect(await broadcasts.beginPage(id, shardPage(1, 0), through)).toEqual({ through, receipts: [] });
    expect(await broadcasts.getPage(id, shardPage(1, 0))).toEqual({ through, receipts: [] });
  });

  it('lets the first beginning stand, with what was recorded since', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.beginPage(id, shardPage(1, 0), 'c1');
    await broadcasts.addReceipts(id, shardPage(1, 0), receipts);
    const record = { through: 'c1', receipts };
    expect(await broadcasts.beginPage(id, shardPage(1, 0), 'c2')).toEqual(record);
    expect(await broadcasts.getPage(id, shardPage(1, 0))).toEqual(record);
  });

  it('needs no beginning, and then has no end', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.addReceipts(id, usersPage(0), receipts);
    expect(await broadcasts.getPage(id, usersPage(0))).toEqual({ through: null, receipts });
    expect(await broadcasts.beginPage(id, usersPage(0), null)).toEqual({ through: null, receipts });
  });

  it('gets its end later when it had none, and keeps what was recorded', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.beginPage(id, shardPage(1, 0), null);
    await broadcasts.addReceipts(id, shardPage(1, 0), receipts);
    const ended = await Promise.all(['c1', 'c2'].map(async (end) => broadcasts.beginPage(id, shardPage(1, 0), end)));
    const record = await broadcasts.getPage(id, shardPage(1, 0));
    expect(record).toEqual({ through: expect.stringMatching(/^c[12]$/) as string, receipts });
    expect(ended).toEqual([record, record]);
  });

  it('records nothing when there is nothing to add', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.addReceipts(id, usersPage(0), []);
    expect(await broadcasts.getPage(id, usersPage(0))).toBeNull();
  });

  it('keeps pages apart, of users and of shards, and from the broadcast', async () => {
    const broadcasts = make();
    const broadcast = aBroadcast();
    const { id } = broadcast;
    await broadcasts.put(broadcast);
    const all = [
      usersPage(1),
      usersPage(10),
      usersPage(1_000_001),
      shardPage(1, 1),
      shardPage(1, 10),
      shardPage(11, 1),
    ];
    for (const [number, page] of all.entries()) await broadcasts.addReceipts(id, page, [aReceipt(String(number))]);
    for (const [number, page] of all.entries()) {
      expect(await broadcasts.getPage(id, page)).toEqual({ through: null, receipts: [aReceipt(String(number))] });
    }
    expect(await broadcasts.getPage(id, usersPage(100_000))).toBeNull();
    expect(await broadcasts.get(id)).toEqual(broadcast);
  });

  it('knows a page of a shard by its number, wherever it starts', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.addReceipts(id, { kind: 'shard', shard: 2, after: 'c1', number: 3 }, receipts);
    expect(await broadcasts.getPage(id, shardPage(2, 3))).toEqual({ through: null, receipts });
  });
}

function receiptPages(make: () => BroadcastStore): void {
  it('adds to what is recorded: the further outcome stands, and the earlier of two equal ones', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    const queued = aReceipt('anna', { outcome: 'queued', reason: 'not_connected', atMs: 1 });
    const sent = aReceipt('anna', { atMs: 2 });
    const other = aReceipt('bo', { position: null });
    await broadcasts.addReceipts(id, usersPage(0), [queued]);
    await broadcasts.addReceipts(id, usersPage(0), [other, sent]);
    await broadcasts.addReceipts(id, usersPage(0), [
      { ...sent, atMs: 3 },
      { ...queued, atMs: 4 },
    ]);
    expect(await broadcasts.getPage(id, usersPage(0))).toEqual({ through: null, receipts: [sent, other] });
  });

  it('returns all receipts of one shard', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.beginPage(id, shardPage(1, 3), null);
    for (const number of [0, 1, 2]) await broadcasts.addReceipts(id, shardPage(1, number), [aReceipt(String(number))]);
    await broadcasts.addReceipts(id, shardPage(2, 0), [aReceipt('another')]);
    await broadcasts.addReceipts(unique('broadcast'), shardPage(1, 0), [aReceipt('another')]);
    expect(await broadcasts.getShardReceipts(id, 1)).toEqual(['0', '1', '2'].map((user) => aReceipt(user)));
    expect(await broadcasts.getShardReceipts(id, 3)).toEqual([]);
  });

  it('takes a page of a thousand with the longest names', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    // Characters at random of the four-byte kind, so that no compression makes them much shorter.
    const name = (): string =>
      String.fromCodePoint(...Array.from({ length: 128 }, () => randomInt(0x1_0000, 0x10_ffff)));
    const large = Array.from({ length: 1_000 }, (_, seq) => aReceipt(name(), { position: { epoch: 'e1', seq } }));
    await broadcasts.addReceipts(id, shardPage(0, 0), large);
    await broadcasts.addReceipts(id, shardPage(0, 1), receipts);
    expect(await broadcasts.getPage(id, shardPage(0, 0))).toEqual({ through: null, receipts: large });
    expect(await broadcasts.getShardReceipts(id, 0)).toEqual([...large, ...receipts]);
  });
}

function writersAtOnce(make: () => BroadcastStore): void {
  it('loses nothing of many that add to one page at once, and nobody goes back', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    await broadcasts.beginPage(id, usersPage(0), 'c1');
    const writers = Array.from({ length: 8 }, (_, number) => [
      aReceipt(`user-${String(number)}`),
      aReceipt('anna', number === 3 ? {} : { outcome: 'queued', atMs: number }),
    ]);
    await Promise.all(writers.map(async (added) => broadcasts.addReceipts(id, usersPage(0), added)));
    const page = await broadcasts.getPage(id, usersPage(0));
    const expected = [...writers.flatMap(([own]) => own ?? []), aReceipt('anna')];
    expect(page?.through).toBe('c1');
    expect([...(page?.receipts ?? [])].sort((a, b) => (a.user < b.user ? -1 : 1))).toEqual(
      expected.sort((a, b) => (a.user < b.user ? -1 : 1)),
    );
  });

  it('lets one of many that begin a page at once stand for all', async () => {
    const broadcasts = make();
    const id = unique('broadcast');
    const ends = Array.from({ length: 8 }, (_, number) => `c${String(number)}`);
    const records = await Promise.all(ends.map(async (end) => broadcasts.beginPage(id, shardPage(0, 0), end)));
    expect(new Set(records.map(({ through }) => through)).size).toBe(1);
    expect(await broadcasts.getPage(id, shardPage(0, 0))).toEqual(records[0]);
  });
}
