// What every store of logs must do.
import { expect, it } from 'vitest';
import type { Notification } from '../../shared/domain/log.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import type { LogStore } from '../../shared/ports.ts';
import { aNotification } from '../builders/notification.ts';
import { unique } from '../builders/unique.ts';

export function logStoreContract(make: () => LogStore): void {
  it('begins with an epoch and nothing in it', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const [first, second] = await Promise.all([logs.head(tenant, topic), logs.head(tenant, topic)]);
    expect(first.seq).toBe(0);
    expect(first.epoch).not.toBe('');
    expect(second).toEqual(first);
    expect(await logs.head(tenant, topic)).toEqual(first);
    expect(await logs.read(tenant, topic, 0, 10)).toEqual([]);
  });

  it('appends without gaps, in the epoch of the head', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const { epoch } = await logs.head(tenant, topic);
    expect(await appendAll(logs, tenant, topic, someNotifications(3))).toEqual(
      [1, 2, 3].map((seq) => ({ epoch, seq })),
    );
    expect(await logs.head(tenant, topic)).toEqual({ epoch, seq: 3 });
  });

  it('says at least as much as was asked for, and the end when that is further', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    await appendAll(logs, tenant, topic, someNotifications(3));
    expect((await logs.head(tenant, topic, 2)).seq).toBeGreaterThanOrEqual(2);
    expect((await logs.head(tenant, topic, 9)).seq).toBe(3);
  });

  it('makes the epoch with the first entry when nobody asked for the head before', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const position = await logs.append(tenant, topic, aNotification());
    expect(await logs.head(tenant, topic)).toEqual(position);
  });

  it('returns notifications as they were', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const sent = [
      aNotification({ data: { text: 'Zimmer 7 ist fertig ✓ 🛎️', nested: [{ deep: [null, true, 1.5] }], empty: '' } }),
      aNotification({ metadata: { source: 'crm' } }),
    ];
    const [first, second] = await appendAll(logs, tenant, topic, sent);
    expect(await logs.read(tenant, topic, 0, 10)).toEqual([
      { ...first, notification: sent[0] },
      { ...second, notification: sent[1] },
    ]);
  });

  it('reads a limited number of entries after a place', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    await appendAll(logs, tenant, topic, someNotifications(5));
    const read = async (afterSeq: number, limit: number): Promise<number[]> =>
      (await logs.read(tenant, topic, afterSeq, limit)).map(({ seq }) => seq);
    expect(await read(0, 2)).toEqual([1, 2]);
    expect(await read(2, 2)).toEqual([3, 4]);
    expect(await read(4, 2)).toEqual([5]);
    expect(await read(5, 2)).toEqual([]);
  });

  it('keeps the logs of topics and tenants apart', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    await logs.append(tenant, topic, aNotification());
    expect(await logs.read(tenant, everyone, 0, 10)).toEqual([]);
    expect(await logs.read(unique('tenant'), topic, 0, 10)).toEqual([]);
  });

  appendsOfOneId(make);
}

function appendsOfOneId(make: () => LogStore): void {
  it('returns the place that a notification has already', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const sent = someNotifications(40);
    const positions = await appendAll(logs, tenant, topic, sent);
    expect(await appendAll(logs, tenant, topic, sent)).toEqual(positions);
    expect(await logs.read(tenant, topic, 0, 100)).toHaveLength(40);
  });

  it('finds it behind a notification that was made long before and appended after it', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const fresh = aNotification();
    const position = await logs.append(tenant, topic, fresh);
    await logs.append(tenant, topic, aNotification({ createdAtMs: fresh.createdAtMs - 60 * 60_000 }));
    expect(await logs.append(tenant, topic, fresh)).toEqual(position);
  });

  it('has the same notification once in each of several topics', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const notification = aNotification();
    await logs.append(tenant, topic, notification);
    expect(await logs.append(tenant, everyone, notification)).toMatchObject({ seq: 1 });
  });

  it('gives many writers of one notification one place', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const notification = aNotification();
    const positions = await Promise.all(
      Array.from({ length: 16 }, async () => logs.append(tenant, topic, notification)),
    );
    expect(new Set(positions.map(({ seq }) => seq))).toEqual(new Set([1]));
    expect(await logs.read(tenant, topic, 0, 100)).toHaveLength(1);
  });

  it('gives many writers of different notifications places without gaps', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const writers = Array.from({ length: 4 }, () => someNotifications(4));
    const positions = await Promise.all(writers.map(async (sent) => appendAll(logs, tenant, topic, sent)));
    const seqs = positions.flat().map(({ seq }) => seq);
    expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
    const ids = (await logs.read(tenant, topic, 0, 100)).map(({ notification }) => notification.id);
    expect(new Set(ids)).toEqual(new Set(writers.flat().map(({ id }) => id)));
  });
}

function aLog(): readonly [tenant: string, topic: Topic] {
  return [unique('tenant'), userTopic('user-1')];
}

export function someNotifications(count: number): readonly Notification[] {
  return Array.from({ length: count }, () => aNotification());
}

export async function appendAll(
  logs: LogStore,
  tenant: string,
  topic: Topic,
  notifications: readonly Notification[],
): Promise<Awaited<ReturnType<LogStore['append']>>[]> {
  const positions = [];
  for (const notification of notifications) positions.push(await logs.append(tenant, topic, notification));
  return positions;
}
