// Logs in DynamoDB: the contract, many writers, and writers that die, race or lose answers.
import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { logKey } from '../../shared/dynamodb/keys.ts';
import { logStore } from '../../shared/dynamodb/log-store.ts';
import type { LogStore } from '../../shared/ports.ts';
import { tableLimits } from '../../shared/protocol/limits.ts';
import { systemClock } from '../../shared/system/clock.ts';
import { aNotification } from '../builders/notification.ts';
import { unique } from '../builders/unique.ts';
import { appendAll, logStoreContract, someNotifications } from '../contracts/log-store.contract.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { intercepted, killedBefore, loseNextAnswer } from './faults.ts';
import { useTables } from './tables.ts';

const tables = useTables('logs');
const topic: Topic = userTopic('user-1');

function store(client = tables.client()): LogStore {
  return logStore(client, tables.names.logs, systemClock());
}

async function storedHead(tenant: string): Promise<unknown> {
  const key = { pk: logKey(tenant, topic), seq: 0 };
  const found = await tables.client().send(new GetCommand({ TableName: tables.names.logs, Key: key }));
  return found.Item?.['lastSeq'];
}

async function deleteEntry(tenant: string, seq: number): Promise<void> {
  const key = { pk: logKey(tenant, topic), seq };
  await tables.client().send(new DeleteCommand({ TableName: tables.names.logs, Key: key }));
}

describe('logs in DynamoDB', () => {
  logStoreContract(() => store());

  it('have no gap and nothing twice when 16 writers append 20 each', async () => {
    const tenant = unique('tenant');
    // A second passes with every look at the clock, so that each append reads back over a few entries, not over all.
    let nowMs = Date.now();
    const nextMs = (): number => (nowMs += 1_000);
    const logs = logStore(tables.client(), tables.names.logs, { ...systemClock(), nowMs: nextMs });
    const sent: string[] = [];
    const writer = async (): Promise<void> => {
      for (let count = 0; count < 20; count += 1) {
        const notification = aNotification({ createdAtMs: nextMs() });
        sent.push(notification.id);
        await logs.append(tenant, topic, notification);
      }
    };
    await Promise.all(Array.from({ length: 16 }, writer));
    const entries = await store().read(tenant, topic, 0, 1_000);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 320 }, (_, index) => index + 1));
    expect(entries.map(({ notification }) => notification.id).sort()).toEqual(sent.sort());
    expect(new Set(entries.map(({ epoch }) => epoch)).size).toBe(1);
    expect(await storedHead(tenant)).toBe(320);
  }, 120_000);

  it('have nothing twice when 16 writers append the same 4', async () => {
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
    expect(await store().head(tenant, topic)).toEqual({ epoch, seq: 1 });
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
    const logs = logStore(contested, tables.names.logs, clock);
    await expect(logs.append(tenant, topic, aNotification())).rejects.toMatchObject({ code: 'unavailable' });
    expect(clock.waits).toHaveLength(tableLimits.appendAttemptsMax);
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(tableLimits.backOffMaxMs);
  });

  it('reads no further back than the notification can be', async () => {
    const tenant = unique('tenant');
    await appendAll(store(), tenant, topic, someNotifications(40));
    const commands: string[] = [];
    const counted = intercepted(tables.client(), async (send, command) => {
      commands.push(command);
      return send();
    });
    const nextDay = aNotification({ createdAtMs: Date.now() + 24 * 60 * 60_000 });
    await store(counted).append(tenant, topic, nextDay);
    expect(commands.sort()).toEqual(['GetCommand', 'PutCommand', 'QueryCommand', 'UpdateCommand']);
  });
});
