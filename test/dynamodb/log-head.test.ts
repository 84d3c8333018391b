// Heads of logs: how an epoch ends after a restoration, a loss, or while two versions are there at once.
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { logKey } from '../../shared/dynamodb/keys.ts';
import { logStore } from '../../shared/dynamodb/log-store.ts';
import type { LogStore } from '../../shared/ports.ts';
import { systemClock } from '../../shared/system/clock.ts';
import { aNotification } from '../builders/notification.ts';
import { unique } from '../builders/unique.ts';
import { appendAll, someNotifications } from '../contracts/log-store.contract.ts';
import { intercepted, loseNextAnswer } from './faults.ts';
import { useTables } from './tables.ts';

const tables = useTables('logs');
const topic: Topic = userTopic('user-1');

function store(era = '1', client = tables.client()): LogStore {
  return logStore(client, tables.names.logs, systemClock(), era);
}

async function setLastSeq(tenant: string, seq: number): Promise<void> {
  await tables.client().send(
    new UpdateCommand({
      TableName: tables.names.logs,
      Key: { pk: logKey(tenant, topic), seq: 0 },
      UpdateExpression: 'SET lastSeq = :seq REMOVE era',
      ExpressionAttributeValues: { ':seq': seq },
    }),
  );
}

async function deleteItem(tenant: string, seq: number): Promise<void> {
  const Key = { pk: logKey(tenant, topic), seq };
  await tables.client().send(new DeleteCommand({ TableName: tables.names.logs, Key }));
}

describe('a head', () => {
  it('that names no era is of the first one', async () => {
    const tenant = unique('tenant');
    const { epoch } = await store().append(tenant, topic, aNotification());
    await setLastSeq(tenant, 1);
    expect(await store('1').head(tenant, topic)).toEqual({ epoch, seq: 1, past: [] });
    expect(await store('2').head(tenant, topic)).toMatchObject({ seq: 1, past: [{ epoch, endSeq: 1 }] });
  });

  it('that lags ends its epoch at the last entry', async () => {
    const tenant = unique('tenant');
    await appendAll(store(), tenant, topic, someNotifications(3));
    await setLastSeq(tenant, 1);
    expect(await store('2').append(tenant, topic, aNotification())).toMatchObject({ seq: 4 });
    expect(await store('2').head(tenant, topic)).toMatchObject({ seq: 4, past: [{ endSeq: 3 }] });
  });

  it('ends its epoch where it stood when all entries have expired and are gone', async () => {
    const tenant = unique('tenant');
    await appendAll(store(), tenant, topic, someNotifications(2));
    await deleteItem(tenant, 1);
    await deleteItem(tenant, 2);
    expect(await store('2').head(tenant, topic)).toMatchObject({ seq: 2, past: [{ endSeq: 2 }] });
  });

  it('that is missing begins anew after the entries that are left', async () => {
    const tenant = unique('tenant');
    const { epoch } = await store().append(tenant, topic, aNotification());
    await deleteItem(tenant, 0);
    const head = await store().head(tenant, topic);
    expect(head).toMatchObject({ seq: 1, past: [] });
    expect(head.epoch).not.toBe(epoch);
    expect(await store().append(tenant, topic, aNotification())).toEqual({ epoch: head.epoch, seq: 2 });
  });

  it('does not go back to an era that is over, while functions of both are there', async () => {
    const tenant = unique('tenant');
    await store('1').append(tenant, topic, aNotification());
    const { epoch } = await store('2').append(tenant, topic, aNotification());
    expect(await store('1').append(tenant, topic, aNotification())).toEqual({ epoch, seq: 3 });
    expect(await store('2').head(tenant, topic)).toMatchObject({ epoch, seq: 3, past: [{ endSeq: 1 }] });
  });

  it('begins one epoch when the answer to its put was lost', async () => {
    const tenant = unique('tenant');
    await store('1').append(tenant, topic, aNotification());
    loseNextAnswer(tables.client(), 'PutItemCommand');
    expect((await store('2').head(tenant, topic)).past).toHaveLength(1);
  });

  it('gives up as unavailable when others are always quicker', async () => {
    const refused = intercepted(tables.client(), async (send, command) => {
      if (command === 'PutCommand') throw Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });
      return send();
    });
    await expect(store('1', refused).head(unique('tenant'), topic)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('an entry of an older version', () => {
  it('is read without the epoch that it holds', async () => {
    const tenant = unique('tenant');
    const notification = aNotification();
    const item = { epoch: 'e0', id: notification.id, appendedAtMs: 1, notification: JSON.stringify(notification) };
    await tables
      .client()
      .send(new PutCommand({ TableName: tables.names.logs, Item: { pk: logKey(tenant, topic), seq: 1, ...item } }));
    expect(await store().read(tenant, topic, 0, 10)).toEqual([{ seq: 1, notification }]);
    const { epoch } = await store().head(tenant, topic);
    expect(await store().append(tenant, topic, notification)).toEqual({ epoch, seq: 1 });
  });
});
