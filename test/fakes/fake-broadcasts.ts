// Broadcasts and receipts in memory.
import type { Broadcast, Page } from '../../shared/domain/broadcast.ts';
import type { Receipt } from '../../shared/domain/delivery.ts';
import type { BroadcastStore } from '../../shared/ports.ts';

export interface FakeBroadcasts extends BroadcastStore {
  readonly all: () => readonly Broadcast[];
}

export function fakeBroadcasts(): FakeBroadcasts {
  const broadcasts = new Map<string, Broadcast>();
  const pages = new Map<string, { readonly id: string; readonly page: Page; readonly receipts: readonly Receipt[] }>();
  const change = async (id: string, changed: (broadcast: Broadcast) => Broadcast): Promise<void> => {
    const broadcast = broadcasts.get(id);
    if (broadcast !== undefined) broadcasts.set(id, changed(broadcast));
    return Promise.resolve();
  };
  return {
    put: async (broadcast) => {
      if (broadcasts.has(broadcast.id)) return Promise.resolve('exists');
      broadcasts.set(broadcast.id, broadcast);
      return Promise.resolve('stored');
    },
    get: async (id) => Promise.resolve(broadcasts.get(id) ?? null),
    setPosition: async (id, position) => change(id, (broadcast) => ({ position, ...broadcast })),
    markDispatched: async (id, nowMs) => change(id, (broadcast) => ({ dispatchedAtMs: nowMs, ...broadcast })),
    putReceipts: async (id, page, receipts) => {
      pages.set(nameOf(id, page), { id, page, receipts });
      return Promise.resolve();
    },
    getReceipts: async (id, page) => Promise.resolve(pages.get(nameOf(id, page))?.receipts ?? null),
    getShardReceipts: async (id, shard) =>
      Promise.resolve(
        [...pages.values()]
          .filter((entry) => entry.id === id && entry.page.kind === 'shard' && entry.page.shard === shard)
          .sort((a, b) => a.page.number - b.page.number)
          .flatMap(({ receipts }) => receipts),
      ),
    all: () => [...broadcasts.values()],
  };
}

/** A page of a shard is known by its number; where it starts is how it was found. */
function nameOf(id: string, page: Page): string {
  return JSON.stringify([id, page.kind, page.kind === 'shard' ? page.shard : null, page.number]);
}
