// Logs in memory.
import type { LogEntry, LogHead, Notification, PastEpoch, Position } from '../../shared/domain/log.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import type { Clock, LogStore } from '../../shared/ports.ts';
import { tableLimits } from '../../shared/protocol/limits.ts';
import { fakeClock } from './fake-clock.ts';
import { getOrMake, topicName } from './shards.ts';

export interface FakeLog extends LogStore {
  /** All that a topic holds. */
  entries(tenant: string, topic: Topic): readonly LogEntry[];
  /** Deletes the entries up to `seq`, as expiry does. */
  expire(tenant: string, topic: Topic, upToSeq: number): void;
  /** Loses a topic's log, head and all: it begins again under an epoch that knows of none before. */
  restart(tenant: string, topic: Topic): void;
  /** Takes a topic's log back to where it ended at `endSeq`, as a restored table does: a new epoch goes on from there. */
  restore(tenant: string, topic: Topic, endSeq: number): void;
}

interface Log {
  epoch: string;
  past: readonly PastEpoch[];
  /** Everything up to here has expired and is gone; the entry after it is the first of `entries`. */
  goneSeq: number;
  readonly entries: Entry[];
  readonly seqs: Map<string, number>;
}

interface Entry extends LogEntry {
  readonly appendedAtMs: number;
}

/** @param clock gives the times at which entries were appended, which `lastSeqBefore` is about */
export function fakeLog(clock: Pick<Clock, 'nowMs'> = fakeClock()): FakeLog {
  const logs = new Map<string, Log>();
  let epochs = 0;
  const newEpoch = (): string => `epoch-${String((epochs += 1))}`;
  const logOf = (tenant: string, topic: Topic): Log =>
    getOrMake(logs, topicName(tenant, topic), () => newLog(newEpoch()));
  return {
    head: async (tenant, topic) => Promise.resolve(headOf(logOf(tenant, topic))),
    append: async (tenant, topic, notification) =>
      Promise.resolve(append(logOf(tenant, topic), notification, clock.nowMs())),
    read: async (tenant, topic, afterSeq, limit) => {
      const { goneSeq, entries } = logOf(tenant, topic);
      const from = Math.max(afterSeq - goneSeq, 0);
      return Promise.resolve(entries.slice(from, from + limit).map(logEntryOf));
    },
    lastSeqBefore: async (tenant, topic, atMs) =>
      Promise.resolve(logOf(tenant, topic).entries.findLast(({ appendedAtMs }) => appendedAtMs < atMs)?.seq ?? 0),
    entries: (tenant, topic) => logOf(tenant, topic).entries.map(logEntryOf),
    expire: (tenant, topic, upToSeq) => {
      const log = logOf(tenant, topic);
      const gone = log.entries.splice(0, Math.max(upToSeq - log.goneSeq, 0));
      log.goneSeq += gone.length;
      for (const { notification } of gone) log.seqs.delete(notification.id);
    },
    restart: (tenant, topic) => {
      logs.delete(topicName(tenant, topic));
    },
    restore: (tenant, topic, endSeq) => {
      restore(logOf(tenant, topic), endSeq, newEpoch());
    },
  };
}

function newLog(epoch: string): Log {
  return { epoch, past: [], goneSeq: 0, entries: [], seqs: new Map() };
}

function headOf({ epoch, past, goneSeq, entries }: Log): LogHead {
  return { epoch, seq: goneSeq + entries.length, past };
}

function append(log: Log, notification: Notification, appendedAtMs: number): Position {
  const { epoch } = log;
  const standing = log.seqs.get(notification.id);
  if (standing !== undefined) return { epoch, seq: standing };
  const seq = headOf(log).seq + 1;
  log.entries.push({ seq, notification, appendedAtMs });
  log.seqs.set(notification.id, seq);
  return { epoch, seq };
}

function restore(log: Log, endSeq: number, newEpoch: string): void {
  const lost = log.entries.splice(Math.max(endSeq - log.goneSeq, 0));
  for (const { notification } of lost) log.seqs.delete(notification.id);
  const { epoch, seq } = headOf(log);
  log.past = [...log.past, { epoch, endSeq: seq }].slice(-tableLimits.pastEpochsMax);
  log.epoch = newEpoch;
}

function logEntryOf({ seq, notification }: Entry): LogEntry {
  return { seq, notification };
}
