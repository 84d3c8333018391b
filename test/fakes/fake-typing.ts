// Who types where, in memory.
import type { TypingStore } from '../../shared/ports.ts';
import { presenceLimits } from '../../shared/protocol/limits.ts';

export function fakeTyping(): TypingStore {
  const notes = new Map<string, number>();
  const nameOf = (...parts: readonly string[]): string => JSON.stringify(parts);
  return {
    start: async (tenant, room, user, atMs) => {
      const name = nameOf(tenant, room, user);
      const notedMs = notes.get(name);
      if (notedMs === undefined || notedMs < atMs) notes.set(name, atMs);
      const isForgotten = notedMs === undefined || notedMs + 4 * presenceLimits.typingMs <= atMs;
      return Promise.resolve(isForgotten ? 'started' : 'goes_on');
    },
    lastMs: async (...where) => Promise.resolve(notes.get(nameOf(...where)) ?? null),
    stop: async (tenant, room, user, atMs) => {
      const name = nameOf(tenant, room, user);
      const notedMs = notes.get(name);
      if (notedMs === undefined || notedMs > atMs) return Promise.resolve('was_not');
      notes.delete(name);
      return Promise.resolve('stopped');
    },
  };
}
