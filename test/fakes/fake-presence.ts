// Presence in memory.
import type { Presence } from '../../shared/domain/presence.ts';
import type { PresenceStore } from '../../shared/ports.ts';

export function fakePresence(): PresenceStore {
  const known = new Map<string, Presence>();
  const nameOf = (tenant: string, user: string): string => JSON.stringify([tenant, user]);
  return {
    arrive: async (tenant, user, nowMs) => {
      const before = known.get(nameOf(tenant, user));
      const isThere = before?.state === 'online';
      known.set(nameOf(tenant, user), {
        ...before,
        state: 'online',
        arrivals: (before?.arrivals ?? 0) + 1,
        sinceMs: isThere ? before.sinceMs : nowMs,
      });
      return Promise.resolve(isThere ? 'was_there' : 'came');
    },
    get: async (tenant, user) => Promise.resolve(known.get(nameOf(tenant, user)) ?? null),
    depart: async (tenant, user, arrivals, nowMs) => {
      const before = known.get(nameOf(tenant, user));
      if (before?.state !== 'online' || before.arrivals !== arrivals) return Promise.resolve('stayed');
      known.set(nameOf(tenant, user), { ...before, state: 'offline', sinceMs: nowMs });
      return Promise.resolve('left');
    },
    setStatus: async (tenant, user, status, nowMs) => {
      const before = known.get(nameOf(tenant, user)) ?? { state: 'offline', arrivals: 0, sinceMs: nowMs };
      known.set(nameOf(tenant, user), { ...before, status });
      return Promise.resolve();
    },
  };
}
