// Logs and cursors: what a topic holds, in sequence, and how far each follower has come.
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
}

/** A place in a topic's log. Sequence numbers start at 1 and have no gaps within an epoch; 0 is the place before the first. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

export interface LogEntry extends Position {
  readonly notification: Notification;
}

/** How far one user has come in one topic. A cursor is also what makes the user a member of the topic. */
export interface Cursor {
  readonly tenant: string;
  readonly topic: Topic;
  readonly user: string;
  readonly epoch: string;
  /** Where the log stood when the user joined: nothing at or before it was meant for them. */
  readonly joinedSeq: number;
  /** Everything up to here was acknowledged by a client of the user. Never goes back. */
  readonly deliveredSeq: number;
  /** Everything up to here was read. Never goes back. */
  readonly readSeq: number;
  /** Single entries beyond `readSeq` that were read. */
  readonly readSeqs: readonly number[];
}

export function hasRead(cursor: Cursor, seq: number): boolean {
  return seq <= cursor.readSeq || cursor.readSeqs.includes(seq);
}
