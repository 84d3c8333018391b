// Bugs that mix tenants up, each in one store: a key from which the tenant was left out, a check that was forgotten.
import type { Cursor } from '../../shared/domain/cursor.ts';
import type { Plant } from './stage.ts';
import { tenantName } from './stage.ts';

/** What a key holds in place of the tenant. */
const anybody = 'anybody';

const everyTenant = Array.from({ length: 20 }, (_, number) => tenantName(number));

export const plants: Readonly<Record<string, Plant>> = {
  'logs without the tenant': (stores) => ({
    ...stores,
    logs: {
      ...stores.logs,
      head: async (_, ...rest) => stores.logs.head(anybody, ...rest),
      append: async (_, ...rest) => stores.logs.append(anybody, ...rest),
      read: async (_, ...rest) => stores.logs.read(anybody, ...rest),
    },
  }),
  'the entries of another log': (stores) => ({
    ...stores,
    logs: { ...stores.logs, read: async (_, ...rest) => stores.logs.read(tenantName(0), ...rest) },
  }),
  'subscriptions without the tenant': (stores) => ({
    ...stores,
    subscriptions: {
      page: async (_, ...rest) => {
        const pages = await Promise.all(everyTenant.map(async (tenant) => stores.subscriptions.page(tenant, ...rest)));
        return { subscribers: pages.flatMap(({ subscribers }) => subscribers), next: null };
      },
    },
  }),
  'cursors without the tenant': (stores, acting) => {
    const { cursors } = stores;
    const named = (cursor: Cursor, tenant: string): Cursor => ({ ...cursor, tenant });
    return {
      ...stores,
      cursors: {
        join: async (cursor) => named(await cursors.join(named(cursor, anybody)), acting()),
        get: async (_, keys) => (await cursors.get(anybody, keys)).map((cursor) => cursor && named(cursor, acting())),
        leave: async (_, key) => cursors.leave(anybody, key),
        rebase: async (cursor, from) =>
          named(await cursors.rebase(named(cursor, anybody), named(from, anybody)), acting()),
        acknowledge: async (_, ...rest) => cursors.acknowledge(anybody, ...rest),
        markRead: async (_, ...rest) => cursors.markRead(anybody, ...rest),
        push: async (_, ...rest) => cursors.push(anybody, ...rest),
        passOver: async (_, ...rest) => cursors.passOver(anybody, ...rest),
        members: async (_, ...rest) => {
          const page = await cursors.members(anybody, ...rest);
          return { ...page, cursors: page.cursors.map((cursor) => named(cursor, acting())) };
        },
      },
    };
  },
  'idempotency keys without the tenant': (stores) => ({
    ...stores,
    idempotency: { claim: async (claim, nowMs) => stores.idempotency.claim({ ...claim, tenant: anybody }, nowMs) },
  }),
  'reports for whoever knows the id': (stores, acting) => ({
    ...stores,
    broadcasts: {
      ...stores.broadcasts,
      get: async (id) => {
        const broadcast = await stores.broadcasts.get(id);
        return broadcast === null ? null : { ...broadcast, tenant: acting() };
      },
    },
  }),
  'presence without the tenant': (stores) => ({
    ...stores,
    presence: {
      arrive: async (_, ...rest) => stores.presence.arrive(anybody, ...rest),
      get: async (_, ...rest) => stores.presence.get(anybody, ...rest),
      depart: async (_, ...rest) => stores.presence.depart(anybody, ...rest),
      setStatus: async (_, ...rest) => stores.presence.setStatus(anybody, ...rest),
    },
  }),
  'typing without the tenant': (stores) => ({
    ...stores,
    typing: {
      start: async (_, ...rest) => stores.typing.start(anybody, ...rest),
      lastMs: async (_, ...rest) => stores.typing.lastMs(anybody, ...rest),
      stop: async (_, ...rest) => stores.typing.stop(anybody, ...rest),
    },
  }),
  'frames counted for all together': (stores) => ({
    ...stores,
    meter: { count: async (_, nowMs) => stores.meter.count(anybody, nowMs) },
  }),
};
