// What every store of logs must do.
import { expect, it } from 'vitest';
import type { Notification } from '../../shared/domain/log.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import type { LogStore } from '../../shared/ports.ts';
import { tableLimits } from '../../shared/protocol/limits.ts';
import { aNotification } from '../builders/notification.ts';
import { unique } from '../builders/unique.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { fakeClock } from '../fakes/fake-clock.ts';

export interface LogUnderTest {
  readonly logs: LogStore;
  /** Takes a topic's log back to where it ended at `endSeq`, as restoring its table does, and returns the store from then on. */
  readonly restore: (tenant: string, topic: Topic, endSeq: number) => Promise<LogStore>;
  /** Deletes the entries up to `seq`, as expiry does. */
  readonly expire: (tenant: string, topic: Topic, upToSeq: number) => Promise<void>;
}

/** @param makeWith a store whose entries take the time of their appending from this clock */
export function logStoreContract(makeWith: (clock: FakeClock) => LogUnderTest): void {
  const make = (): LogStore => makeWith(aClock()).logs;
  it('begins with an epoch and nothing in it', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const [first, second] = await Promise.all([logs.head(tenant, topic), logs.head(tenant, topic)]);
    expect(first.seq).toBe(0);
    expect(first.epoch).not.toBe('');
    expect(first.past).toEqual([]);
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
    expect(await logs.head(tenant, topic)).toEqual({ epoch, seq: 3, past: [] });
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
    expect(await logs.head(tenant, topic)).toEqual({ ...position, past: [] });
  });

  it('returns notifications as they were', async () => {
    const logs = make();
    const [tenant, topic] = aLog();
    const sent = [
      aNotification({ data: { text: 'Zimmer 7 ist fertig ✓ 🛎️', nested: [{ deep: [null, true, 1.5] }], empty: '' } }),
      aNotification({ metadata: { source: 'crm' }, except: ['user-1'] }),
    ];
    await appendAll(logs, tenant, topic, sent);
    expect(await logs.read(tenant, topic, 0, 10)).toEqual(
      sent.map((notification, index) => ({ seq: index + 1, notification })),
    );
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
  times(makeWith);
  restorations(makeWith);
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

function times(makeWith: (clock: FakeClock) => LogUnderTest): void {
  it('finds the last entry that was appended before a time', async () => {
    const clock = aClock();
    const { logs } = makeWith(clock);
    const [tenant, topic] = aLog();
    const startMs = clock.nowMs();
    // More than are read at a time: entry n is appended after n - 1 minutes.
    for (let count = 0; count < 40; count += 1) {
      await logs.append(tenant, topic, aNotification({ createdAtMs: clock.nowMs() }));
      clock.advance(60_000);
    }
    const before = async (minutes: number): Promise<number> =>
      logs.lastSeqBefore(tenant, topic, startMs + minutes * 60_000);
    expect([await before(0), await before(0.5), await before(1), await before(1.5)]).toEqual([0, 1, 1, 2]);
    expect([await before(38.5), await before(39), await before(1_000)]).toEqual([39, 39, 40]);
  });

  it('finds none before a time in a log that has none', async () => {
    const { logs } = makeWith(aClock());
    const [tenant, topic] = aLog();
    expect(await logs.lastSeqBefore(tenant, topic, Date.now() + 60_000)).toBe(0);
  });

  it('does not count what has expired and gone, nor uses its numbers again', async () => {
    const clock = aClock();
    const { logs, expire } = makeWith(clock);
    const [tenant, topic] = aLog();
    await appendAll(logs, tenant, topic, someNotifications(3));
    clock.advance(1);
    await expire(tenant, topic, 2);
    expect(await logs.lastSeqBefore(tenant, topic, clock.nowMs())).toBe(3);
    await expire(tenant, topic, 3);
    expect(await logs.lastSeqBefore(tenant, topic, clock.nowMs())).toBe(0);
    expect(await logs.read(tenant, topic, 0, 10)).toEqual([]);
    expect(await logs.append(tenant, topic, aNotification())).toMatchObject({ seq: 4 });
    expect(await logs.read(tenant, topic, 1, 10)).toMatchObject([{ seq: 4 }]);
  });
}

function restorations(makeWith: (clock: FakeClock) => LogUnderTest): void {
  it.each([
    ['head', async (logs: LogStore, ...log: ReturnType<typeof aLog>) => logs.head(...log)],
    ['head that need not be the end', async (logs: LogStore, ...log: ReturnType<typeof aLog>) => logs.head(...log, 1)],
  ])('begins a new epoch after a restoration, where the log was cut off: %s', async (_, headOf) => {
    const { logs, restore } = makeWith(aClock());
    const log = aLog();
    const sent = someNotifications(5);
    await appendAll(logs, ...log, sent);
    const { epoch } = await logs.head(...log);
    const restored = await restore(...log, 3);
    const head = await headOf(restored, ...log);
    expect(head).toEqual({ epoch: expect.any(String) as string, seq: 3, past: [{ epoch, endSeq: 3 }] });
    expect(head.epoch).not.toBe(epoch);
    expect((await restored.read(...log, 0, 10)).map(({ notification }) => notification)).toEqual(sent.slice(0, 3));
    expect(await restored.head(...log)).toEqual(head);
  });

  it('appends in the new epoch, after what is left', async () => {
    const { logs, restore } = makeWith(aClock());
    const log = aLog();
    const [kept, lost] = [aNotification(), aNotification()];
    const [before] = await appendAll(logs, ...log, [kept, lost]);
    const restored = await restore(...log, 1);
    const again = await restored.append(...log, lost);
    expect(again.seq).toBe(2);
    expect(again.epoch).not.toBe(before?.epoch);
    expect(await restored.append(...log, kept)).toEqual({ epoch: again.epoch, seq: 1 });
    expect(await restored.head(...log)).toMatchObject({ ...again, past: [{ endSeq: 1 }] });
  });

  it('remembers the epochs before, oldest first, but not for ever', async () => {
    const { logs, restore } = makeWith(aClock());
    const log = aLog();
    await appendAll(logs, ...log, someNotifications(3));
    const epochs = [(await logs.head(...log)).epoch];
    let restored = logs;
    for (let count = 0; count < tableLimits.pastEpochsMax + 1; count += 1) {
      restored = await restore(...log, 3);
      epochs.push((await restored.head(...log)).epoch);
    }
    const past = epochs.slice(1, -1).map((epoch) => ({ epoch, endSeq: 3 }));
    expect(await restored.head(...log)).toEqual({ epoch: epochs.at(-1), seq: 3, past });
    expect(new Set(epochs).size).toBe(tableLimits.pastEpochsMax + 2);
  });

  it('begins one new epoch when many are the first to see the restoration', async () => {
    const { logs, restore } = makeWith(aClock());
    const log = aLog();
    await appendAll(logs, ...log, someNotifications(2));
    const restored = await restore(...log, 2);
    const heads = Array.from({ length: 4 }, async () => restored.head(...log));
    const positions = Array.from({ length: 4 }, async () => restored.append(...log, aNotification()));
    const epochs = (await Promise.all([...heads, ...positions])).map(({ epoch }) => epoch);
    expect(new Set(epochs).size).toBe(1);
    expect(await restored.head(...log)).toMatchObject({ epoch: epochs[0], seq: 6, past: [{ endSeq: 2 }] });
  });
}

/** Ahead of the machine's, which gives notifications their times: a slow test does not append before they were made. */
function aClock(): FakeClock {
  return fakeClock(Date.now() + 60 * 60_000);
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
