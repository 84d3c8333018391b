// Sends a connection what it lacks of its topics, in order, and says where it then stands.
import type { KnownConnection } from '../domain/connection.ts';
import { isExpired } from '../domain/connection.ts';
import type { TopicPosition } from '../domain/frames.ts';
import { notificationFrame, resumedFrame, skippedFrame } from '../domain/frames.ts';
import type { LogEntry } from '../domain/log.ts';
import type { ServerFrame } from '../protocol/server-frames.ts';
import type { LogStore } from '../ports.ts';
import { resumeLimits } from '../protocol/limits.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { PostFramePorts } from './post-frame.ts';
import { postFrame } from './post-frame.ts';

export interface SendMissedPorts extends PostFramePorts {
  readonly logs: LogStore;
}

/**
 * Posts every entry after the given positions, one after the other so that their order holds, and then `resumed`. What
 * cannot be sent now, because the socket is slow or gone or the deadline is near, is left for the next `resume`.
 */
export async function sendMissed(
  ports: SendMissedPorts,
  connection: KnownConnection,
  from: readonly TopicPosition[],
  goOn: GoOn,
  replyTo?: string,
): Promise<void> {
  const reached: TopicPosition[] = [];
  const budget = { entries: resumeLimits.entriesPerCallMax };
  let complete = true;
  for (const start of from) {
    const sent = await sendTopic(ports, connection, start, budget, goOn);
    if (sent.outcome === 'gone') return;
    reached.push(sent.position);
    if (sent.outcome === 'stopped') complete = false;
  }
  await post(ports, connection, resumedFrame(reached, complete, replyTo), goOn);
}

/** How many entries may still be sent in this call. */
interface Budget {
  entries: number;
}

type Sent = { readonly outcome: 'all' | 'stopped'; readonly position: TopicPosition } | { readonly outcome: 'gone' };

async function sendTopic(
  ports: SendMissedPorts,
  connection: KnownConnection,
  start: TopicPosition,
  budget: Budget,
  goOn: GoOn,
): Promise<Sent> {
  let position = start;
  for (;;) {
    const entries = await ports.logs.read(connection.tenant, position.topic, position.seq, resumeLimits.entriesPerRead);
    for (const entry of entries) {
      if (budget.entries === 0 || !goOn()) return { outcome: 'stopped', position };
      budget.entries -= 1;
      const result = await sendEntry(ports, connection, position, entry, goOn);
      if (result === 'gone') return { outcome: 'gone' };
      if (result !== 'posted') return { outcome: 'stopped', position };
      position = { topic: position.topic, epoch: entry.epoch, seq: entry.seq };
    }
    if (entries.length < resumeLimits.entriesPerRead) return { outcome: 'all', position };
  }
}

/** Never a silent hole: entries that expired, or that are no longer there, are announced as skipped. */
async function sendEntry(
  ports: SendMissedPorts,
  connection: KnownConnection,
  before: TopicPosition,
  entry: LogEntry,
  goOn: GoOn,
): Promise<'posted' | 'gone' | 'slow'> {
  const { topic } = before;
  const expired = isExpired(entry.notification, ports.clock.nowMs());
  const skippedTo = expired ? entry.seq : entry.seq - 1;
  if (skippedTo > before.seq) {
    const skipped = await post(ports, connection, skippedFrame(topic, entry.epoch, before.seq + 1, skippedTo), goOn);
    if (skipped !== 'posted' || expired) return skipped;
  }
  const place = { topic, epoch: entry.epoch, seq: entry.seq };
  return post(ports, connection, notificationFrame(entry.notification, place), goOn);
}

async function post(
  ports: SendMissedPorts,
  connection: KnownConnection,
  frame: ServerFrame,
  goOn: GoOn,
): Promise<'posted' | 'gone' | 'slow'> {
  const result = await postFrame(ports, connection, JSON.stringify(frame), goOn);
  // Bodies are bounded far below the gateway's limit, so a refusal for size is a bug, not a state.
  if (result === 'too_large') throw new Error('a frame is larger than the gateway takes');
  return result;
}
