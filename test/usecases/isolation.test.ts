// Tenants whose people, rooms and events are called the same: nobody is told a byte of another tenant, whatever they all do.
import { describe, expect, it } from 'vitest';
import { useTables } from '../dynamodb/tables.ts';
import { plants } from '../isolation/plants.ts';
import { run } from '../isolation/run.ts';
import { storesIn, storesInMemory } from '../isolation/stores.ts';
import { heardIn } from './dialect-clients.ts';

const wallMsMax = 240_000;

/** `npm run isolation` does 100,000. */
const operations = 20_000;

describe('20 tenants that do 20,000 things at random', () => {
  it(
    'are told nothing of each other, and the same as if they were alone',
    async () => {
      const outcome = await run({
        seed: 1,
        operations,
        tenants: 20,
        makeStores: storesInMemory,
        alone: 2,
      });

      expect(outcome.violations).toEqual([]);
      expect(outcome.told).toBeGreaterThan(operations / 2);
      expect(Math.min(...outcome.perTenant)).toBeGreaterThan(operations / 50);
    },
    wallMsMax,
  );
});

describe('a shorter run', () => {
  const short = { seed: 2, operations: 2_000, tenants: 4, makeStores: storesInMemory, alone: 4 };

  it('sees all that there is to be told', async () => {
    const heard = new Set<string>();
    const { violations } = await run({ ...short, onPost: (text) => heard.add(heardIn(text).event) });

    expect(violations).toEqual([]);
    expect([...heard]).toEqual(
      expect.arrayContaining([
        ...['connected', 'joined', 'left', 'sent', 'resumed', 'refreshed', 'pong', 'unread', 'error', 'skipped'],
        ...['authenticated', 'subscribed', 'connection', 'news', 'lead_update', 'message', 'typing'],
        ...['user_online', 'user_offline', 'user_typing_start', 'user_typing_stop', 'user_presence_update'],
        ...['messageBroadcast', 'roomMessage', 'notification_count_updated', '40', '3'],
      ]),
    );
  });

  it.each(Object.entries(plants))('catches %s', async (_, plant) => {
    const { violations } = await run({ ...short, plant });

    expect(violations).not.toEqual([]);
    expect(violations.filter(({ what }) => what === 'a crash')).toEqual([]);
  });
});

describe('the same in tables', () => {
  const together = useTables('connections', 'subscriptions', 'logs', 'cursors', 'broadcasts', 'guards');
  const apart = useTables('connections', 'subscriptions', 'logs', 'cursors', 'broadcasts', 'guards');

  it(
    'comes to the same',
    async () => {
      const unused = [together, apart];
      const outcome = await run({
        seed: 3,
        operations: 600,
        tenants: 2,
        makeStores: (clock) => storesIn(unused.shift() ?? apart)(clock),
        alone: 1,
      });

      expect(outcome.violations).toEqual([]);
      expect(outcome.told).toBeGreaterThan(400);
    },
    wallMsMax,
  );
});
