// Cursors in DynamoDB.
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { shardKey } from '../../shared/dynamodb/keys.ts';
import { cursorStore } from '../../shared/dynamodb/cursor-store.ts';
import type { Item } from '../../shared/dynamodb/pages.ts';
import { shardOf, userTopic } from '../../shared/domain/topic.ts';
import type { CursorKey, CursorStore } from '../../shared/ports.ts';
import { aCursor } from '../builders/cursor.ts';
import { unique } from '../builders/unique.ts';
import { cursorStoreContract } from '../contracts/cursor-store.contract.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { counting, intercepted } from './faults.ts';
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

  it('take less than 200 bytes for a newcomer', async () => {
    const epoch = crypto.randomUUID();
    const given = {
      tenant: 'default',
      user: 'contractor123',
      epoch,
      joinedSeq: 4_711,
      deliveredSeq: 4_711,
      readSeq: 4_711,
    };
    const cursor = await store().join(aCursor({ ...given, topic: 'all' }));
    const item = await storedItem(cursor);
    expect(Object.keys(item).sort()).toEqual(['deliveredSeq', 'epoch', 'joinedSeq', 'pk', 'readSeq', 'sk']);
    expect(sizeOf(item)).toBeLessThan(150);
  });

  it('cost one write for an acknowledgement, and one more read when there is nothing to move', async () => {
    const cursor = await store().join(aCursor());
    const { client, commands } = counting(tables.client());
    await store(client).acknowledge(cursor.tenant, cursor, { epoch: cursor.epoch, seq: 2 }, 1);
    expect(commands).toEqual(['UpdateCommand']);
    await store(client).acknowledge(cursor.tenant, cursor, { epoch: cursor.epoch, seq: 1 }, 2);
    expect(commands).toEqual(['UpdateCommand', 'UpdateCommand', 'GetCommand']);
  });

  it('cost one write for what was posted and what was declined together', async () => {
    const cursor = await store().join(aCursor());
    const { client, commands } = counting(tables.client());
    const [posted, declined] = [
      { fromSeq: 1, toSeq: 3 },
      { fromSeq: 4, toSeq: 4 },
    ] as const;
    await store(client).push(cursor.tenant, cursor, cursor.epoch, [posted], [declined]);
    expect(commands).toEqual(['GetCommand', 'UpdateCommand']);
    expect(await storedItem(cursor)).toMatchObject({ pushed: '1-3', declined: '4' });
    await store(client).push(cursor.tenant, cursor, cursor.epoch, [declined]);
    expect(commands).toEqual(['GetCommand', 'UpdateCommand', 'GetCommand', 'UpdateCommand']);
    expect(await storedItem(cursor)).not.toHaveProperty('declined');
  });

  it('cost no write for marks and runs that change nothing', async () => {
    const cursor = await store().join(aCursor({ deliveredSeq: 3, readSeq: 3 }));
    const { client, commands } = counting(tables.client());
    await store(client).markRead(cursor.tenant, cursor, cursor.epoch, { upToSeq: 2, seqs: [3], atMs: 1 });
    await store(client).passOver(cursor.tenant, cursor, cursor.epoch, { fromSeq: 1, toSeq: 3 });
    await store(client).push(cursor.tenant, cursor, cursor.epoch, [], []);
    expect(commands).toEqual(['GetCommand', 'GetCommand', 'GetCommand']);
  });
});

describe('a cursor that others change meanwhile', () => {
  const position = { epoch: 'epoch-1', seq: 4 };

  /** A store whose first update comes after what somebody else does. */
  function late(meanwhile: () => Promise<unknown>): CursorStore {
    let isFirst = true;
    const client = intercepted(tables.client(), async (send, command) => {
      if (command === 'UpdateCommand' && isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return send();
    });
    return store(client);
  }

  it('keeps both marks', async () => {
    const cursor = await store().join(aCursor());
    const { tenant, epoch } = cursor;
    const slow = late(async () => store().markRead(tenant, cursor, epoch, { upToSeq: 0, seqs: [3], atMs: 1 }));
    const marked = await slow.markRead(tenant, cursor, epoch, { upToSeq: 0, seqs: [5], atMs: 2 });
    expect(marked).toMatchObject({ readSeq: 0, readVersion: 2, readBeyond: [{ fromSeq: 3 }, { fromSeq: 5 }] });
  });

  it('passes over nothing that is acknowledged meanwhile', async () => {
    const cursor = await store().join(aCursor());
    const slow = late(async () => store().acknowledge(cursor.tenant, cursor, position, 1));
    await slow.passOver(cursor.tenant, cursor, cursor.epoch, { fromSeq: 3, toSeq: 6 });
    const [standing] = await store().get(cursor.tenant, [cursor]);
    expect(standing).toMatchObject({ deliveredSeq: 4, passedOver: [{ fromSeq: 5, toSeq: 6 }] });
  });

  it('keeps both of what was pushed', async () => {
    const cursor = await store().join(aCursor());
    const { tenant, epoch } = cursor;
    const pushed = [
      { fromSeq: 1, toSeq: 2 },
      { fromSeq: 4, toSeq: 4 },
      { fromSeq: 6, toSeq: 7 },
    ] as const;
    for (const [others, own] of [
      [pushed[0], pushed[1]],
      [pushed[1], pushed[2]],
    ] as const) {
      const slow = late(async () => store().push(tenant, cursor, epoch, [others]));
      await slow.push(tenant, cursor, epoch, [own]);
    }
    expect((await store().get(tenant, [cursor]))[0]?.pushed).toEqual(pushed);
  });

  it('takes what is posted meanwhile for posted, not for declined', async () => {
    const cursor = await store().join(aCursor());
    const { tenant, epoch } = cursor;
    const [first, second] = [
      { fromSeq: 1, toSeq: 2 },
      { fromSeq: 3, toSeq: 4 },
    ];
    const slow = late(async () => store().push(tenant, cursor, epoch, [first]));
    await slow.push(tenant, cursor, epoch, [], [first, second]);
    expect(await store().get(tenant, [cursor])).toMatchObject([{ pushed: [first], declined: [second] }]);
    const later = late(async () => store().push(tenant, cursor, epoch, [], [{ fromSeq: 5, toSeq: 5 }]));
    await later.push(tenant, cursor, epoch, [second]);
    expect(await store().get(tenant, [cursor])).toMatchObject([
      { pushed: [{ fromSeq: 1, toSeq: 4 }], declined: [{ fromSeq: 5, toSeq: 5 }] },
    ]);
  });

  it('is joined when it was left between the refusal and the look', async () => {
    const cursor = await store().join(aCursor());
    const { client, commands } = counting(
      intercepted(tables.client(), async (send, command) => {
        if (command === 'GetCommand') await store().leave(cursor.tenant, cursor);
        return send();
      }),
    );
    const again = { ...cursor, joinedSeq: 4 };
    expect(await store(client).join(again)).toEqual(again);
    expect(commands).toEqual(['PutCommand', 'GetCommand', 'PutCommand']);
    expect(await store().get(cursor.tenant, [cursor])).toEqual([again]);
  });

  it('marks nothing when it goes to another epoch meanwhile', async () => {
    const cursor = await store().join(aCursor());
    const rebased = { ...cursor, epoch: 'epoch-2' };
    const slow = late(async () => store().rebase(rebased, cursor));
    expect(await slow.markRead(cursor.tenant, cursor, cursor.epoch, { upToSeq: 2, seqs: [], atMs: 1 })).toBeNull();
    expect(await store().get(cursor.tenant, [cursor])).toEqual([rebased]);
  });

  it('is acknowledged when it comes to the epoch between the refusal and the look', async () => {
    const cursor = await store().join(aCursor({ epoch: 'epoch-0' }));
    const { client, commands } = counting(
      intercepted(tables.client(), async (send, command) => {
        if (command === 'GetCommand') await store().rebase({ ...cursor, epoch: 'epoch-1' }, cursor);
        return send();
      }),
    );
    expect(await store(client).acknowledge(cursor.tenant, cursor, position, 1)).toBe('advanced');
    expect(commands).toEqual(['UpdateCommand', 'GetCommand', 'UpdateCommand']);
  });

  it('is unavailable when others are always quicker', async () => {
    const cursor = await store().join(aCursor());
    const { tenant, epoch } = cursor;
    const refused = intercepted(tables.client(), async (send, command) => {
      if (command === 'UpdateCommand') throw Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });
      return send();
    });
    const busy = { code: 'unavailable' };
    const mark = { upToSeq: 1, seqs: [], atMs: 1 };
    await expect(store(refused).acknowledge(tenant, cursor, position, 1)).rejects.toMatchObject(busy);
    await expect(store(refused).markRead(tenant, cursor, epoch, mark)).rejects.toMatchObject(busy);
    await expect(store(refused).push(tenant, cursor, epoch, [{ fromSeq: 1, toSeq: 1 }])).rejects.toMatchObject(busy);
  });
});

describe('a row of an older version', () => {
  const user = 'anna';
  const topic = userTopic(user);

  async function anOldRow(): Promise<{ readonly tenant: string; readonly key: CursorKey }> {
    const tenant = unique('tenant');
    const item = { epoch: 'epoch-1', joinedSeq: 1, deliveredSeq: 5, readSeq: 2, readSeqs: new Set([3, 9, 5, 1, 6]) };
    const Item = { pk: shardKey(tenant, topic, 0), sk: user, ...item };
    await tables.client().send(new PutCommand({ TableName: tables.names.cursors, Item }));
    return { tenant, key: { topic, user } };
  }

  const asRead = {
    epoch: 'epoch-1',
    joinedSeq: 1,
    deliveredSeq: 5,
    acknowledgements: [],
    passedOver: [],
    pushed: [],
    declined: [],
    readSeq: 3,
    readBeyond: [
      { fromSeq: 5, toSeq: 6 },
      { fromSeq: 9, toSeq: 9 },
    ],
    readVersion: 0,
    readTimes: [],
    past: [],
  };

  it('says the same as it did', async () => {
    const { tenant, key } = await anOldRow();
    expect(await store().get(tenant, [key])).toEqual([{ tenant, topic, user, ...asRead }]);
  });

  it('is changed as a new one is', async () => {
    const { tenant, key } = await anOldRow();
    const mark = { upToSeq: 0, seqs: [4], atMs: 1 };
    const marked = {
      ...asRead,
      readSeq: 6,
      readBeyond: [{ fromSeq: 9, toSeq: 9 }],
      readVersion: 1,
      readTimes: [{ ranges: [{ fromSeq: 4, toSeq: 4 }], atMs: 1 }],
    };
    expect(await store().markRead(tenant, key, 'epoch-1', mark)).toEqual({ tenant, topic, user, ...marked });
    expect(await store().acknowledge(tenant, key, { epoch: 'epoch-1', seq: 6 }, 2)).toBe('advanced');
    const acknowledgements = [{ seq: 6, atMs: 2 }];
    const [standing] = await store().get(tenant, [key]);
    expect(standing).toEqual({ tenant, topic, user, ...marked, deliveredSeq: 6, acknowledgements });
    expect(await storedItem({ tenant, topic, user })).not.toHaveProperty('readSeqs');
  });
});

async function storedItem({ tenant, topic, user }: CursorKey & { readonly tenant: string }): Promise<Item> {
  const Key = { pk: shardKey(tenant, topic, shardOf(topic, user)), sk: user };
  const { Item = {} } = await tables.client().send(new GetCommand({ TableName: tables.names.cursors, Key }));
  return Item;
}

/** Names and values as DynamoDB counts them; a number is no longer than its text. */
function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
}
