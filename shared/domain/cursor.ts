// Cursors: how far one user has come in one topic, on all devices together.
import { cursorLimits } from '../protocol/limits.ts';
import type { LogHead, Notification, Position, TopicPosition } from './log.ts';
import { carriedOver } from './log.ts';
import type { SeqRange, SeqRanges } from './ranges.ts';
import { addRange, atMost, countBeyond, dropBeyond, dropUpTo, holds } from './ranges.ts';
import type { Topic } from './topic.ts';

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
  /** The last acknowledgements that moved it, newest first. */
  readonly acknowledgements: readonly Acknowledgement[];
  /** What had expired before any client had it: passed over, not delivered. */
  readonly passedOver: SeqRanges;
  /** Everything up to here was read. Never goes back. */
  readonly readSeq: number;
  /** What was read beyond `readSeq`, which is not among it. */
  readonly readBeyond: SeqRanges;
  /** Counts the changes of what is read, so that two devices agree on which count of unread is newer. */
  readonly readVersion: number;
  /** The last marks that changed it, newest first. */
  readonly readMarks: readonly ReadMark[];
  /** How far it had come in the epochs before, oldest first, so that what was delivered then stays delivered. */
  readonly past: readonly PastCursor[];
}

/** A cursor in an epoch that is over; up to `endSeq` the log of the next epoch holds the same. */
export type PastCursor = Pick<Cursor, 'epoch' | 'deliveredSeq' | 'passedOver' | 'readSeq' | 'readBeyond'> & {
  readonly endSeq: number;
};

export interface Acknowledgement {
  readonly seq: number;
  readonly atMs: number;
}

/** Everything up to `upToSeq`, and the single `seqs`, were read by a person. */
export interface ReadMark {
  readonly upToSeq: number;
  readonly seqs: readonly number[];
  readonly atMs: number;
}

/** The cursor of a newcomer, to whom nothing at or before `joinedSeq` was addressed. */
export function newCursor(tenant: string, user: string, { topic, epoch, seq: joinedSeq }: TopicPosition): Cursor {
  return {
    tenant,
    topic,
    user,
    epoch,
    joinedSeq,
    deliveredSeq: joinedSeq,
    acknowledgements: [],
    passedOver: [],
    readSeq: joinedSeq,
    readBeyond: [],
    readVersion: 0,
    readMarks: [],
    past: [],
  };
}

/** The cursor in the epoch of the head: what it says of numbers that may mean something else now is taken back. */
export function rebased(cursor: Cursor, head: LogHead): Cursor {
  const carry = (seq: number): number => carriedOver({ epoch: cursor.epoch, seq }, head) ?? 0;
  // The furthest number that still means the same.
  const limit = carry(Number.MAX_SAFE_INTEGER);
  return {
    ...cursor,
    epoch: head.epoch,
    joinedSeq: carry(cursor.joinedSeq),
    deliveredSeq: carry(cursor.deliveredSeq),
    acknowledgements: cursor.acknowledgements.filter(({ seq }) => seq <= limit),
    passedOver: dropBeyond(cursor.passedOver, limit),
    readSeq: carry(cursor.readSeq),
    readBeyond: dropBeyond(cursor.readBeyond, limit),
    readVersion: cursor.readVersion + 1,
    readMarks: [],
    past: [...cursor.past, pastOf(cursor, limit)].slice(-cursorLimits.pastKept),
  };
}

function pastOf({ epoch, deliveredSeq, passedOver, readSeq, readBeyond }: Cursor, endSeq: number): PastCursor {
  return { epoch, endSeq, deliveredSeq, passedOver, readSeq, readBeyond };
}

/** The cursor after an acknowledgement of its own epoch; the same one when it was there already. */
export function acknowledged(cursor: Cursor, seq: number, atMs: number): Cursor {
  if (seq <= cursor.deliveredSeq) return cursor;
  const acknowledgements = [{ seq, atMs }, ...cursor.acknowledgements].slice(0, cursorLimits.acknowledgementsKept);
  return { ...cursor, deliveredSeq: seq, acknowledgements };
}

/** The cursor after a mark of its own epoch; the same one when all of it was read already. */
export function withRead(cursor: Cursor, mark: ReadMark): Cursor {
  const furthest = Math.max(cursor.readSeq, mark.upToSeq);
  const singles = mark.seqs
    .filter((seq) => seq > furthest)
    .reduce<SeqRanges>((ranges, seq) => addRange(ranges, { fromSeq: seq, toSeq: seq }), []);
  const beyond = singles.reduce(addRange, dropUpTo(cursor.readBeyond, furthest));
  const [first] = beyond;
  const continues = first?.fromSeq === furthest + 1;
  const readSeq = continues ? first.toSeq : furthest;
  const readBeyond = continues ? beyond.slice(1) : beyond;
  const isSame = readSeq === cursor.readSeq && countBeyond(readBeyond, 0) === countBeyond(cursor.readBeyond, 0);
  if (isSame) return cursor;
  const readMarks = [mark, ...cursor.readMarks].slice(0, cursorLimits.readMarksKept);
  return { ...cursor, readSeq, readBeyond, readVersion: cursor.readVersion + 1, readMarks };
}

/** The cursor with a run that had expired before any client of the user had it; what was delivered stays delivered. */
export function withPassedOver(cursor: Cursor, { fromSeq, toSeq }: SeqRange): Cursor {
  const beyond = { fromSeq: Math.max(fromSeq, cursor.deliveredSeq + 1), toSeq };
  const passedOver = atMost(addRange(cursor.passedOver, beyond), cursorLimits.passedOverRunsMax);
  return { ...cursor, passedOver };
}

/** Whether the user followed the topic already when this entry was appended. */
export function wasMemberAt(cursor: Cursor, { epoch, seq }: Position): boolean {
  const isKnown = cursor.epoch === epoch || cursor.past.some((past) => past.epoch === epoch);
  return isKnown && cursor.joinedSeq < seq;
}

/** What the user has done with an entry, of this epoch or an earlier one. What was passed over was neither delivered nor read. */
export function progressOf(cursor: Cursor, { epoch, seq }: Position): 'none' | 'delivered' | 'read' {
  const index = epoch === cursor.epoch ? cursor.past.length : cursor.past.findIndex((past) => past.epoch === epoch);
  if (index === -1) return 'none';
  const later = cursor.past.slice(index);
  // From here on, each epoch speaks of this entry only if the log still held it then.
  const states = [...later, { ...cursor, endSeq: Number.MAX_SAFE_INTEGER }];
  const speaking = states.filter((_, at) => later.slice(0, at).every(({ endSeq }) => seq <= endSeq));
  const counting = speaking.filter(({ passedOver }) => !holds(passedOver, seq));
  if (counting.some((state) => hasRead(state, seq))) return 'read';
  return counting.some(({ deliveredSeq }) => seq <= deliveredSeq) ? 'delivered' : 'none';
}

export function hasRead(cursor: Pick<Cursor, 'readSeq' | 'readBeyond'>, seq: number): boolean {
  return seq <= cursor.readSeq || holds(cursor.readBeyond, seq);
}

/** When this entry was acknowledged, as long as the cursor remembers it. */
export function deliveredAtMs(cursor: Cursor, seq: number): number | undefined {
  const { acknowledgements } = cursor;
  const covering = acknowledgements.findLast((acknowledgement) => acknowledgement.seq >= seq);
  const isOldest = covering === acknowledgements.at(-1);
  // The oldest that is remembered may not have been the first to cover it, unless none was forgotten.
  if (isOldest && acknowledgements.length >= cursorLimits.acknowledgementsKept) return undefined;
  return covering?.atMs;
}

/** When this entry was read, as long as the cursor remembers it. */
export function readAtMs(cursor: Cursor, seq: number): number | undefined {
  const { readMarks } = cursor;
  const covering = readMarks.findLast((mark) => mark.upToSeq >= seq || mark.seqs.includes(seq));
  const isOldest = covering === readMarks.at(-1);
  if (isOldest && readMarks.length >= cursorLimits.readMarksKept) return undefined;
  return covering?.atMs;
}

/** Why an entry of a topic is not shown to a user, or null when it is. */
export function whyNotFor(notification: Notification, user: string, nowMs: number): 'expired' | 'suppressed' | null {
  if (notification.except?.includes(user) === true) return 'suppressed';
  return notification.expiresAtMs <= nowMs ? 'expired' : null;
}
