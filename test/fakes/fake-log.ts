// Logs in memory.
import type { LogEntry, Notification, Position } from '../../shared/domain/log.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import type { LogStore } from '../../shared/ports.ts';

export interface FakeLog extends LogStore {
  /** All that a topic holds. */
  entries(tenant: string, topic: Topic): readonly LogEntry[];
  /** Deletes the entries up to `seq`, as expiry does. */
  expire(tenant: string, topic: Topic, seq: number): void;
  /** Loses a topic's log, as a restored table does: it begins again under another epoch. */
  restart(tenant: string, topic: Topic): void;
}

interface Log {
  readonly epoch: string;
  lastSeq: number;
  entries: LogEntry[];
}

export function fakeLog(): FakeLog {
  const logs = new Map<string, Log>();
  let epochs = 0;
  const logOf = (tenant: string, topic: Topic): Log => {
    const name = JSON.stringify([tenant, topic]);
    const log = logs.get(name) ?? { epoch: `epoch-${String((epochs += 1))}`, lastSeq: 0, entries: [] };
    logs.set(name, log);
    return log;
  };
  const append = (log: Log, notification: Notification): Position => {
    const standing = log.entries.find((entry) => entry.notification.id === notification.id);
    if (standing !== undefined) return { epoch: standing.epoch, seq: standing.seq };
    log.lastSeq += 1;
    const position = { epoch: log.epoch, seq: log.lastSeq };
    log.entries.push({ ...position, notification });
    return position;
  };
  return {
    head: async (tenant, topic) => {
      const { epoch, lastSeq } = logOf(tenant, topic);
      return Promise.resolve({ epoch, seq: lastSeq });
    },
    append: async (tenant, topic, notification) => Promise.resolve(append(logOf(tenant, topic), notification)),
    read: async (tenant, topic, afterSeq, limit) =>
      Promise.resolve(
        logOf(tenant, topic)
          .entries.filter(({ seq }) => seq > afterSeq)
          .slice(0, limit),
      ),
    entries: (tenant, topic) => logOf(tenant, topic).entries,
    expire: (tenant, topic, upToSeq) => {
      const log = logOf(tenant, topic);
      log.entries = log.entries.filter(({ seq }) => seq > upToSeq);
    },
    restart: (tenant, topic) => {
      logs.delete(JSON.stringify([tenant, topic]));
    },
  };
}
