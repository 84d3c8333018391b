// Cursors in memory.
import type { Cursor } from '../../shared/domain/cursor.ts';
import { acknowledged, withDeclined, withPassedOver, withPushed, withRead } from '../../shared/domain/cursor.ts';
import type { CursorKey, CursorStore } from '../../shared/ports.ts';
import type { OrderedMap } from './order.ts';
import { orderedMap } from './order.ts';
import { cachedShardOf, getOrMake, shardName } from './shards.ts';

export interface FakeCursors extends CursorStore {
  readonly all: () => readonly Cursor[];
}

export function fakeCursors(): FakeCursors {
  const shards = new Map<string, OrderedMap<Cursor>>();
  const membersOf = (name: string): OrderedMap<Cursor> => getOrMake(shards, name, () => orderedMap<Cursor>());
  const shardOfKey = (tenant: string, { topic, user }: CursorKey): OrderedMap<Cursor> =>
    membersOf(shardName(tenant, topic, cachedShardOf(topic, user)));
  const find = (tenant: string, key: CursorKey): Cursor | null => shardOfKey(tenant, key).get(key.user) ?? null;
  const keep = (cursor: Cursor): Cursor => {
    shardOfKey(cursor.tenant, cursor).set(cursor.user, cursor);
    return cursor;
  };
  /** The cursor before and after a change of its own epoch; null when there is none with this epoch. */
  const change = (tenant: string, key: CursorKey, epoch: string, changed: (cursor: Cursor) => Cursor) => {
    const before = find(tenant, key);
    return before?.epoch === epoch ? { before, after: keep(changed(before)) } : null;
  };
  return {
    join: async (cursor) => Promise.resolve(find(cursor.tenant, cursor) ?? keep(cursor)),
    get: async (tenant, keys) => Promise.resolve(keys.map((key) => find(tenant, key))),
    leave: async (tenant, key) => {
      shardOfKey(tenant, key).delete(key.user);
      return Promise.resolve();
    },
    rebase: async (cursor, from) => {
      const standing = find(cursor.tenant, cursor);
      if (standing === null) return Promise.resolve(cursor);
      return Promise.resolve(isSame(standing, from) ? keep(cursor) : standing);
    },
    acknowledge: async (tenant, key, { epoch, seq }, atMs) => {
      const moved = change(tenant, key, epoch, (cursor) => acknowledged(cursor, seq, atMs));
      if (moved === null) return Promise.resolve('elsewhere');
      return Promise.resolve(moved.after === moved.before ? 'unchanged' : 'advanced');
    },
    markRead: async (tenant, key, epoch, mark) =>
      Promise.resolve(change(tenant, key, epoch, (cursor) => withRead(cursor, mark))?.after ?? null),
    push: async (tenant, key, epoch, pushed, declined = []) => {
      change(tenant, key, epoch, (cursor) => withDeclined(withPushed(cursor, pushed), declined));
      return Promise.resolve();
    },
    passOver: async (tenant, key, epoch, range) => {
      change(tenant, key, epoch, (cursor) => withPassedOver(cursor, range));
      return Promise.resolve();
    },
    members: async (tenant, topic, shard, after, limit) => {
      const { items, next } = membersOf(shardName(tenant, topic, shard)).page(after, null, limit);
      return Promise.resolve({ cursors: items, next });
    },
    all: () => [...shards.values()].flatMap((shard) => shard.page(null, null, Number.POSITIVE_INFINITY).items),
  };
}

/** As the adapter compares: everything that a client can change. */
function isSame(standing: Cursor, read: Cursor): boolean {
  return (
    standing.epoch === read.epoch &&
    standing.deliveredSeq === read.deliveredSeq &&
    standing.readVersion === read.readVersion &&
    JSON.stringify(standing.passedOver) === JSON.stringify(read.passedOver) &&
    JSON.stringify(standing.pushed) === JSON.stringify(read.pushed) &&
    JSON.stringify(standing.declined) === JSON.stringify(read.declined)
  );
}
