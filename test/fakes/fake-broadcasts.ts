// Broadcasts and receipts in memory.
import type { Broadcast, Page } from '../../shared/domain/broadcast.ts';
import { mergedReceipts } from '../../shared/domain/delivery.ts';
import type { BroadcastStore, PageRecord } from '../../shared/ports.ts';
import { outboxLimits } from '../../shared/protocol/limits.ts';
import { getOrMake } from './shards.ts';

export interface FakeBroadcasts extends BroadcastStore {
  readonly all: () => readonly Broadcast[];
}

export function fakeBroadcasts(): FakeBroadcasts {
  const broadcasts = new Map<string, Broadcast>();
  const outbox = new Map<string, Broadcast>();
  const pages = new Map<string, Map<string, PageRecord>>();
  const pagesOf = (id: string): Map<string, PageRecord> => getOrMake(pages, id, () => new Map<string, PageRecord>());
  const change = async (id: string, changed: (broadcast: Broadcast) => Broadcast): Promise<void> => {
    const broadcast = broadcasts.get(id);
    if (broadcast !== undefined) broadcasts.set(id, changed(broadcast));
    return Promise.resolve();
  };
  return {
    put: async (broadcast) => {
      const { id } = broadcast;
      if (broadcasts.has(id)) return Promise.resolve('exists');
      broadcasts.set(id, broadcast);
      if (broadcast.dispatchedAtMs === undefined) outbox.set(id, broadcast);
      return Promise.resolve('stored');
    },
    get: async (id) => Promise.resolve(broadcasts.get(id) ?? null),
    setPosition: async (id, position) => change(id, (broadcast) => ({ position, ...broadcast })),
    markDispatched: async (id, nowMs) => {
      outbox.delete(id);
      return change(id, (broadcast) => ({ dispatchedAtMs: nowMs, ...broadcast }));
    },
    undispatched: async (acceptedBeforeMs) =>
      Promise.resolve(
        [...outbox.values()]
          .filter(({ acceptedAtMs }) => acceptedAtMs < acceptedBeforeMs)
          .sort((a, b) => a.acceptedAtMs - b.acceptedAtMs)
          .slice(0, outboxLimits.shards * outboxLimits.perShardMax)
          .map(({ id }) => id),
      ),
    beginPage: async (id, page, through) => {
      const standing = getOrMake(pagesOf(id), pageName(page), () => ({ through, receipts: [] }));
      const record = { ...standing, through: standing.through ?? through };
      pagesOf(id).set(pageName(page), record);
      return Promise.resolve(record);
    },
    getPage: async (id, page) => Promise.resolve(pages.get(id)?.get(pageName(page)) ?? null),
    addReceipts: async (id, page, receipts) => {
      const standing = pagesOf(id).get(pageName(page));
      const merged = mergedReceipts(standing?.receipts ?? [], receipts);
      const record = { through: standing?.through ?? null, receipts: merged };
      if (merged.length > 0) pagesOf(id).set(pageName(page), record);
      return Promise.resolve();
    },
    getShardReceipts: async (id, shard) =>
      Promise.resolve(
        [...pagesOf(id)]
          .filter(([name]) => name.startsWith(shardPrefix(shard)))
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flatMap(([, { receipts }]) => receipts),
      ),
    all: () => [...broadcasts.values()],
  };
}

/** A page of a shard is known by its number; where it starts is how it was found. In order as text. */
function pageName(page: Page): string {
  return `${page.kind === 'shard' ? shardPrefix(page.shard) : 'users '}${String(page.number).padStart(9, '0')}`;
}

function shardPrefix(shard: number): string {
  return `shard ${String(shard)} `;
}
