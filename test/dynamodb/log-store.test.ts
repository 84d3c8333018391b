// Logs in DynamoDB: the contract, many writers, and writers that die, race or lose answers.
import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { logKey } from '../../shared/dynamodb/keys.ts';
import { logStore } from '../../shared/dynamodb/log-store.ts';
import type { Clock, LogStore } from '../../shared/ports.ts';
import { tableLimits } from '../../shared/protocol/limits.ts';
import { systemClock } from '../../shared/system/clock.ts';
import { aNotification } from '../builders/notification.ts';
import { unique } from '../builders/unique.ts';
import { appendAll, logStoreContract, someNotifications } from '../contracts/log-store.contract.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { counting, intercepted, killedBefore, loseNextAnswer } from './faults.ts';
import { useTables } from './tables.ts';

const tables = useTables('logs');
const topic: Topic = userTopic('user-1');

/** A store as another process has it: writers in different ones do not wait for each other. */
function store(client = tables.client(), era = '1', clock: Clock = systemClock()): LogStore {
  return logStore(client, tables.names.logs, clock, era);
}

async function storedHead(tenant: string): Promise<unknown> {
  const key = { pk: logKey(tenant, topic), seq: 0 };
  const found = await tables.client().send(new GetCommand({ TableName: tables.names.logs, Key: key }));
  return found.Item?.['lastSeq'];
}

async function deleteEntry(tenant: string, seq: number, of = topic): Promise<void> {
  const key = { pk: logKey(tenant, of), seq };
  await tables.client().send(new DeleteCommand({ TableName: tables.names.logs, Key: key }));
}

/** Takes a log back to where it ended at `endSeq`: the entries beyond are gone, and the head is as it was then. */
async function cutOff(tenant: string, cut: Topic, endSeq: number): Promise<void> {
  const pk = logKey(tenant, cut);
  for (const { seq } of await store().read(tenant, cut, endSeq, 1_000)) {
    await tables.client().send(new DeleteCommand({ TableName: tables.names.logs, Key: { pk, seq } }));
  }
  await tables.client().send(
    new UpdateCommand({
      TableName: tables.names.logs,
      Key: { pk, seq: 0 },
      UpdateExpression: 'SET lastSeq = :seq',
      ExpressionAttributeValues: { ':seq': endSeq },
    }),
  );
}

describe('logs in DynamoDB', () => {
  logStoreContract((clock) => ({
    logs: store(tables.client(), '1', clock),
    restore: async (tenant, cut, endSeq) => {
      await cutOff(tenant, cut, endSeq);
      return store(tables.client(), unique('era'), clock);
    },
    expire: async (tenant, of, upToSeq) => {
      for (let seq = 1; seq <= upToSeq; seq += 1) await deleteEntry(tenant, seq, of);
    },
  }));

  it('have no gap and nothing twice when 8 processes append 10 each', async () => {
    const tenant = unique('tenant');
    // A second passes with every look at the clock, so that each append reads back over a few entries, not over all.
    let nowMs = Date.now();
    const nextMs = (): number => (nowMs += 1_000);
    const sent: string[] = [];
    const writer = async (): Promise<void> => {
      const logs = store(tables.client(), '1', { ...systemClock(), nowMs: nextMs });
      for (let count = 0; count < 10; count += 1) {
        const notification = aNotification({ createdAtMs: nextMs() });
        sent.push(notification.id);
        await logs.append(tenant, topic, notification);
      }
    };
    await Promise.all(Array.from({ length: 8 }, writer));
    const entries = await store().read(tenant, topic, 0, 1_000);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
    expect(entries.map(({ notification }) => notification.id).sort()).toEqual(sent.sort());
    expect(await storedHead(tenant)).toBe(80);
  }, 120_000);

  it('take no place from each other within one process, though one of them fails', async () => {
    const tenant = unique('tenant');
    const { commands, client } = counting(tables.client());
    const logs = store(killedBefore(client, 'PutCommand'));
    await store().head(tenant, topic);
    const outcomes = await Promise.allSettled(
      someNotifications(6).map(async (each) => logs.append(tenant, topic, each)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', ...Array.from({ length: 5 }, () => 'fulfilled')]);
    expect(await store().head(tenant, topic)).toMatchObject({ seq: 5 });
    expect(commands.filter((command) => command === 'PutCommand')).toHaveLength(5);
  });

  it('have nothing twice when 16 processes append the same 4', async () => {
    const tenant = unique('tenant');
    const sent = someNotifications(4);
    const positions = await Promise.all(
      Array.from({ length: 16 }, async () => appendAll(store(), tenant, topic, sent)),
    );
    expect(new Set(positions.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(await store().read(tenant, topic, 0, 100)).toHaveLength(4);
  });

  it('read on where DynamoDB ends a page, after 1 MB', async () => {
    const tenant = unique('tenant');
    const large = Array.from({ length: 14 }, () => aNotification({ data: { text: 'x'.repeat(90_000) } }));
    await appendAll(store(), tenant, topic, large);
    expect(await store().read(tenant, topic, 0, 14)).toHaveLength(14);
  });
});

describe('a writer that died between the entry and the head', () => {
  const makers: readonly (readonly [string, (tenant: string, id: string) => Promise<unknown>])[] = [
    ['its own repetition', async (tenant, id) => store().append(tenant, topic, aNotification({ id }))],
    ['somebody who asks for the head', async (tenant) => store().head(tenant, topic)],
    ['somebody who asks whether it reaches that far', async (tenant) => store().head(tenant, topic, 1)],
  ];

  it.each(makers)('is made good by %s', async (_, heal) => {
    const tenant = unique('tenant');
    const notification = aNotification();
    const dying = store(killedBefore(tables.client(), 'UpdateCommand'));
    await expect(dying.append(tenant, topic, notification)).rejects.toThrow('killed');
    expect(await storedHead(tenant)).toBe(0);
    expect(await heal(tenant, notification.id)).toMatchObject({ seq: 1 });
    expect(await storedHead(tenant)).toBe(1);
  });

  it('is made good by the next append, whose place comes after', async () => {
    const tenant = unique('tenant');
    const dying = store(killedBefore(tables.client(), 'UpdateCommand'));
    await expect(dying.append(tenant, topic, aNotification())).rejects.toThrow('killed');
    expect(await store().append(tenant, topic, aNotification())).toMatchObject({ seq: 2 });
    expect(await storedHead(tenant)).toBe(2);
  });
});

describe('an append', () => {
  it('uses no number again when all entries have expired and are gone', async () => {
    const tenant = unique('tenant');
    const { epoch } = await store().append(tenant, topic, aNotification());
    await deleteEntry(tenant, 1);
    expect(await store().head(tenant, topic)).toEqual({ epoch, seq: 1, past: [] });
    expect(await store().append(tenant, topic, aNotification())).toEqual({ epoch, seq: 2 });
  });

  it('finds what was appended between its look at the tail and its look at the head', async () => {
    const tenant = unique('tenant');
    const notification = aNotification();
    let first: unknown;
    const late = intercepted(tables.client(), async (send, command) => {
      // The tail is read before, the head after another writer has appended the same notification.
      if (command === 'GetCommand') first ??= await store().append(tenant, topic, notification);
      if (command === 'QueryCommand' && first === undefined) return { Items: [] };
      return send();
    });
    expect(await store(late).append(tenant, topic, notification)).toEqual(first);
    expect(await store().read(tenant, topic, 0, 10)).toHaveLength(1);
  });

  it('does not take the head back that a faster writer has advanced', async () => {
    const tenant = unique('tenant');
    const slow = intercepted(tables.client(), async (send, command) => {
      if (command === 'UpdateCommand') await store().append(tenant, topic, aNotification());
      return send();
    });
    await store(slow).append(tenant, topic, aNotification());
    expect(await storedHead(tenant)).toBe(2);
  });

  it('knows its own entry when the answer was lost', async () => {
    const tenant = unique('tenant');
    await store().head(tenant, topic);
    loseNextAnswer(tables.client(), 'PutItemCommand');
    expect(await store().append(tenant, topic, aNotification())).toMatchObject({ seq: 1 });
    expect(await store().read(tenant, topic, 0, 10)).toHaveLength(1);
  });

  it('gives up as unavailable when the place is always taken, after waiting longer and longer', async () => {
    const clock = fakeClock();
    const contested = intercepted(tables.client(), async (send, command) => {
      if (command === 'PutCommand') throw Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });
      return send();
    });
    const tenant = unique('tenant');
    await store().head(tenant, topic);
    const logs = store(contested, '1', clock);
    await expect(logs.append(tenant, topic, aNotification())).rejects.toMatchObject({ code: 'unavailable' });
    expect(clock.waits).toHaveLength(tableLimits.appendAttemptsMax);
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(tableLimits.backOffMaxMs);
  });

  it('reads no further back than the notification can be', async () => {
    const tenant = unique('tenant');
    await appendAll(store(), tenant, topic, someNotifications(40));
    const { commands, client } = counting(tables.client());
    const nextDay = aNotification({ createdAtMs: Date.now() + 24 * 60 * 60_000 });
    await store(client).append(tenant, topic, nextDay);
    expect([...commands].sort()).toEqual(['GetCommand', 'PutCommand', 'QueryCommand', 'UpdateCommand']);
  });
});
