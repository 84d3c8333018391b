// A new epoch that begins while an entry is appended: whichever comes first, the place that is returned stays true.
import { describe, expect, it } from 'vitest';
import { carriedOver } from '../../shared/domain/log.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { logStore } from '../../shared/dynamodb/log-store.ts';
import type { LogStore } from '../../shared/ports.ts';
import { systemClock } from '../../shared/system/clock.ts';
import { aNotification } from '../builders/notification.ts';
import { unique } from '../builders/unique.ts';
import { intercepted } from './faults.ts';
import { useTables } from './tables.ts';

const tables = useTables('logs');
const topic = userTopic('user-1');

function store(era: string, client = tables.client()): LogStore {
  return logStore(client, tables.names.logs, systemClock(), era);
}

/** Appends with `late` happening between two calls: after so many were begun. Returns how many there were in all. */
async function appendDuring(after: number, tenant: string): Promise<number> {
  let calls = 0;
  const client = intercepted(tables.client(), async (send) => {
    calls += 1;
    if (calls !== after) return send();
    const answer = await send();
    await store('2').head(tenant, topic);
    return answer;
  });
  const notification = aNotification();
  const position = await store('1', client).append(tenant, topic, notification);
  const head = await store('2').head(tenant, topic);
  // Whoever got this place live and comes back with it is neither told it again nor misses what follows.
  expect(carriedOver(position, head)).toBe(position.seq);
  const entries = await store('2').read(tenant, topic, 0, 10);
  expect(entries.filter(({ notification: { id } }) => id === notification.id).map(({ seq }) => seq)).toEqual([
    position.seq,
  ]);
  return calls;
}

describe('an epoch that begins', () => {
  it('between any two calls of an append leaves its place true', async () => {
    let calls = 1;
    for (let after = 1; after <= calls; after += 1) {
      const tenant = unique('tenant');
      await store('1').append(tenant, topic, aNotification());
      calls = Math.max(calls, await appendDuring(after, tenant));
    }
    expect(calls).toBeGreaterThanOrEqual(4);
  });
});
