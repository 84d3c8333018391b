// Cursors in memory.
import type { Cursor } from '../../shared/domain/log.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { shardOf } from '../../shared/domain/topic.ts';
import type { CursorKey, CursorStore } from '../../shared/ports.ts';
import { pageAfter } from './order.ts';

export interface FakeCursors extends CursorStore {
  readonly all: () => readonly Cursor[];
}

export function fakeCursors(): FakeCursors {
  const cursors = new Map<string, Cursor>();
  const find = (tenant: string, key: CursorKey): Cursor | null => cursors.get(nameOf(tenant, key)) ?? null;
  const keep = (cursor: Cursor): Cursor => {
    cursors.set(nameOf(cursor.tenant, cursor), cursor);
    return cursor;
  };
  const followers = (tenant: string, topic: Topic, shard: number): Cursor[] =>
    [...cursors.values()].filter(
      (cursor) => cursor.tenant === tenant && cursor.topic === topic && shardOf(topic, cursor.user) === shard,
    );
  return {
    join: async (cursor) => Promise.resolve(find(cursor.tenant, cursor) ?? keep(cursor)),
    get: async (tenant, keys) => Promise.resolve(keys.map((key) => find(tenant, key))),
    acknowledge: async (tenant, key, { epoch, seq }) => {
      const cursor = find(tenant, key);
      if (cursor?.epoch !== epoch || cursor.deliveredSeq >= seq) return Promise.resolve('unchanged');
      keep({ ...cursor, deliveredSeq: seq });
      return Promise.resolve('advanced');
    },
    markRead: async (tenant, key, epoch, { upToSeq, seqs }) => {
      const cursor = find(tenant, key);
      if (cursor?.epoch !== epoch) return Promise.resolve('unchanged');
      const readSeq = Math.max(cursor.readSeq, upToSeq);
      const singles = new Set([...cursor.readSeqs, ...seqs].filter((seq) => seq > readSeq));
      keep({ ...cursor, readSeq, readSeqs: [...singles].sort((a, b) => a - b) });
      return Promise.resolve('marked');
    },
    members: async (tenant, topic, shard, after, limit) => {
      const { items, next } = pageAfter(followers(tenant, topic, shard), ({ user }) => user, after, limit);
      return Promise.resolve({ cursors: items, next });
    },
    all: () => [...cursors.values()],
  };
}

function nameOf(tenant: string, { topic, user }: CursorKey): string {
  return JSON.stringify([tenant, topic, user]);
}
