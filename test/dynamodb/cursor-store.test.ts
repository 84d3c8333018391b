// Cursors in DynamoDB.
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { shardKey } from '../../shared/dynamodb/keys.ts';
import { cursorStore } from '../../shared/dynamodb/cursor-store.ts';
import type { CursorStore } from '../../shared/ports.ts';
import { tableLimits } from '../../shared/protocol/limits.ts';
import { aCursor } from '../builders/cursor.ts';
import { cursorStoreContract } from '../contracts/cursor-store.contract.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { intercepted } from './faults.ts';
import { useTables } from './tables.ts';

const tables = useTables('cursors');

function store(client = tables.client(), clock = fakeClock()): CursorStore {
  return cursorStore(client, tables.names.cursors, clock);
}

describe('cursors in DynamoDB', () => {
  cursorStoreContract(() => store());

  it('ask again for the keys that DynamoDB left for later', async () => {
    const { tenant } = aCursor();
    const joined = [aCursor({ tenant }), aCursor({ tenant }), aCursor({ tenant })];
    for (const cursor of joined) await store().join(cursor);
    const Keys = joined.slice(1).map(({ topic, user }) => ({ pk: shardKey(tenant, topic, 0), sk: user }));
    const UnprocessedKeys = { [tables.names.cursors]: { Keys } };
    const clock = fakeClock();
    let calls = 0;
    const throttled = intercepted(tables.client(), async (send) => {
      calls += 1;
      if (calls === 1) return { Responses: {}, UnprocessedKeys: {} };
      return calls === 2 ? { Responses: {}, UnprocessedKeys } : send();
    });
    expect(await store(throttled, clock).get(tenant, joined)).toEqual([null, null, null]);
    expect(await store(throttled, clock).get(tenant, joined)).toEqual([null, joined[1], joined[2]]);
    expect(calls).toBe(3);
    expect(clock.waits).toHaveLength(1);
  });

  it('are unavailable when DynamoDB goes on leaving keys for later', async () => {
    const cursor = aCursor();
    const never = intercepted(tables.client(), async () =>
      Promise.resolve({ UnprocessedKeys: { [tables.names.cursors]: { Keys: [{ pk: 'a', sk: 'b' }] } } }),
    );
    await expect(store(never).get(cursor.tenant, [cursor])).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('keep the set of single reads small when there are no gaps', async () => {
    const cursor = await store().join(aCursor());
    const count = tableLimits.singleReadsMax * 2;
    for (let seq = 1; seq <= count; seq += 1) {
      await store().markRead(cursor.tenant, cursor, cursor.epoch, { upToSeq: 0, seqs: [seq] });
    }
    const key = { pk: shardKey(cursor.tenant, cursor.topic, 0), sk: cursor.user };
    const { Item } = await tables.client().send(new GetCommand({ TableName: tables.names.cursors, Key: key }));
    expect(Item).toMatchObject({ readSeq: count });
    expect(Item).not.toHaveProperty('readSeqs');
  });

  it('never go back, when another call reads on while the set is made smaller', async () => {
    const cursor = await store().join(aCursor());
    const seqs = Array.from({ length: tableLimits.singleReadsMax }, (_, index) => index + 1);
    let updates = 0;
    const slow = intercepted(tables.client(), async (send, command) => {
      updates += command === 'UpdateCommand' ? 1 : 0;
      if (updates === 2) await store().markRead(cursor.tenant, cursor, cursor.epoch, { upToSeq: 500, seqs: [] });
      return send();
    });
    await store(slow).markRead(cursor.tenant, cursor, cursor.epoch, { upToSeq: 0, seqs });
    expect(updates).toBe(2);
    expect(await store().get(cursor.tenant, [cursor])).toMatchObject([{ readSeq: 500 }]);
  });

  it('cost one write for an acknowledgement and one for a read', async () => {
    const cursor = await store().join(aCursor());
    const commands: string[] = [];
    const counted = intercepted(tables.client(), async (send, command) => {
      commands.push(command);
      return send();
    });
    await store(counted).acknowledge(cursor.tenant, cursor, { epoch: cursor.epoch, seq: 2 });
    await store(counted).markRead(cursor.tenant, cursor, cursor.epoch, { upToSeq: 2, seqs: [4] });
    expect(commands).toEqual(['UpdateCommand', 'UpdateCommand']);
  });
});
