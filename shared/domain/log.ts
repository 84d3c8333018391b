// Logs: what a topic holds, in sequence, and what a position means when the log was made anew.
import type { Topic } from './topic.ts';

/** A JSON object as it came in; its shape is the caller's business. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What arrives at the app. The same for every recipient of one broadcast. */
export interface Notification {
  /** The broadcast's id. Within one topic a notification is appended once, however often it is tried. */
  readonly id: string;
  readonly event: string;
  readonly data: JsonObject;
  readonly metadata?: JsonObject;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Users whom it is not for, though they follow its topic. */
  readonly except?: readonly string[];
}

/** A place in a topic's log. Sequence numbers start at 1 and have no gaps within an epoch; 0 is the place before the first. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

export interface TopicPosition extends Position {
  readonly topic: Topic;
}

export interface LogEntry {
  readonly seq: number;
  readonly notification: Notification;
}

/** An epoch that is over: what stood beyond `endSeq` then may be something else now. */
export interface PastEpoch {
  readonly epoch: string;
  readonly endSeq: number;
}

/** Where a log stands: its epoch, its last sequence number, and the epochs before, oldest first. */
export interface LogHead extends Position {
  readonly past: readonly PastEpoch[];
}

/**
 * The sequence number, in the epoch of the head, up to which whoever stood at `position` has everything; null when
 * nothing is known of that epoch. A log that was restored keeps its numbers up to where it was cut off, and no further.
 */
export function carriedOver(position: Position, head: LogHead): number | null {
  if (position.epoch === head.epoch) return position.seq;
  const index = head.past.findIndex(({ epoch }) => epoch === position.epoch);
  if (index === -1) return null;
  return Math.min(position.seq, ...head.past.slice(index).map(({ endSeq }) => endSeq));
}
