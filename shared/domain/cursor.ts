// Cursors: how far one user has come in one topic, on all devices together.
import { cursorLimits } from '../protocol/limits.ts';
import type { LogHead, Notification, Position, TopicPosition } from './log.ts';
import { carriedOver } from './log.ts';
import type { SeqRange, SeqRanges } from './ranges.ts';
import { addRange, atMost, dropBeyond, dropUpTo, holds, joinedOver, union, without } from './ranges.ts';
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
  /** What was posted to clients that do not acknowledge: it is not sent to such clients again. */
  readonly pushed: SeqRanges;
  /** What such clients did not select, and none of them was sent: it is not offered to them again, and says nothing of what others had. */
  readonly declined: SeqRanges;
  /** Everything up to here was read. Never goes back. */
  readonly readSeq: number;
  /** What was read beyond `readSeq`, which is not among it. */
  readonly readBeyond: SeqRanges;
  /** Counts the changes of what is read, so that two devices agree on which count of unread is newer. */
  readonly readVersion: number;
  /** What the last marks added to what is read, newest first. */
  readonly readTimes: readonly ReadTime[];
  /** How far it had come in the epochs before, oldest first, so that what was delivered then stays delivered. */
  readonly past: readonly PastCursor[];
}

/** A cursor in an epoch that is over; up to `endSeq` the log of the next epoch holds the same. */
export type PastCursor = Pick<
  Cursor,
  'epoch' | 'joinedSeq' | 'deliveredSeq' | 'passedOver' | 'readSeq' | 'readBeyond'
> & {
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

/** A number is read once: whatever marks it again adds nothing. */
export interface ReadTime {
  readonly ranges: SeqRanges;
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
    pushed: [],
    declined: [],
    readSeq: joinedSeq,
    readBeyond: [],
    readVersion: 0,
    readTimes: [],
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
    pushed: dropBeyond(cursor.pushed, limit),
    declined: dropBeyond(cursor.declined, limit),
    readSeq: carry(cursor.readSeq),
    readBeyond: dropBeyond(cursor.readBeyond, limit),
    readVersion: cursor.readVersion + 1,
    readTimes: cursor.readTimes
      .map(({ ranges, atMs }) => ({ ranges: dropBeyond(ranges, limit), atMs }))
      .filter(({ ranges }) => ranges.length > 0),
    past: [...cursor.past, pastOf(cursor, limit)].slice(-cursorLimits.pastKept),
  };
}

function pastOf(cursor: Cursor, endSeq: number): PastCursor {
  const { epoch, joinedSeq, deliveredSeq, passedOver, readSeq, readBeyond } = cursor;
  return { epoch, endSeq, joinedSeq, deliveredSeq, passedOver, readSeq, readBeyond };
}

/** The cursor after an acknowledgement of its own epoch; the same one when it was there already. */
export function acknowledged(cursor: Cursor, seq: number, atMs: number): Cursor {
  if (seq <= cursor.deliveredSeq) return cursor;
  const acknowledgements = [{ seq, atMs }, ...cursor.acknowledgements].slice(0, cursorLimits.acknowledgementsKept);
  return { ...cursor, deliveredSeq: seq, acknowledgements };
}

/** The cursor after a mark of its own epoch; the same one when all of it was read already. */
export function withRead(cursor: Cursor, { upToSeq, seqs, atMs }: ReadMark): Cursor {
  const marked = seqs.reduce<SeqRanges>(
    (ranges, seq) => addRange(ranges, { fromSeq: seq, toSeq: seq }),
    addRange([], { fromSeq: 1, toSeq: upToSeq }),
  );
  const added = without(dropUpTo(marked, cursor.readSeq), cursor.readBeyond);
  if (added.length === 0) return cursor;
  const beyond = added.reduce(addRange, cursor.readBeyond);
  const [first] = beyond;
  const continues = first?.fromSeq === cursor.readSeq + 1;
  return {
    ...cursor,
    readSeq: continues ? first.toSeq : cursor.readSeq,
    readBeyond: continues ? beyond.slice(1) : beyond,
    readVersion: cursor.readVersion + 1,
    readTimes: [{ ranges: added, atMs }, ...cursor.readTimes].slice(0, cursorLimits.readTimesKept),
  };
}

/** The cursor with a run that had expired before any client of the user had it; what was delivered or read stays so. */
export function withPassedOver(cursor: Cursor, { fromSeq, toSeq }: SeqRange): Cursor {
  const unseen = dropUpTo(addRange([], { fromSeq, toSeq }), Math.max(cursor.deliveredSeq, cursor.readSeq));
  const passedOver = without(unseen, cursor.readBeyond).reduce(addRange, cursor.passedOver);
  return { ...cursor, passedOver: atMost(passedOver, cursorLimits.passedOverRunsMax) };
}

/** The cursor with what was posted to clients that cannot acknowledge: whatever was declined before, it was posted. */
export function withPushed(cursor: Cursor, ranges: readonly SeqRange[]): Cursor {
  const declined = without(cursor.declined, ranges);
  return withinLimits({ ...cursor, pushed: ranges.reduce(addRange, cursor.pushed), declined });
}

/** The cursor with what clients that cannot acknowledge did not select; what was posted stays so. */
export function withDeclined(cursor: Cursor, ranges: readonly SeqRange[]): Cursor {
  const added = ranges.flatMap((range) => without([range], cursor.pushed));
  return withinLimits({ ...cursor, declined: added.reduce(addRange, cursor.declined) });
}

/**
 * Where there are too many runs, the oldest are joined over what is settled without them: nothing more is posted or left
 * out for that, and only a report of something that old may name another reason why nothing is left to send. What there is
 * no room for even so is posted, or declined, again one day.
 */
function withinLimits(cursor: Cursor): Cursor {
  const { pushed, declined } = cursor;
  const { pushedRunsMax } = cursorLimits;
  if (Math.max(pushed.length, declined.length) <= pushedRunsMax) return cursor;
  const settled = settledIn(cursor);
  const fitted = (ranges: SeqRanges): SeqRanges => joinedOver(ranges, settled, pushedRunsMax).slice(0, pushedRunsMax);
  return { ...cursor, pushed: fitted(pushed), declined: fitted(declined) };
}

/** What need not be posted to a client that cannot acknowledge. */
function settledIn(cursor: Cursor): SeqRanges {
  const { deliveredSeq, passedOver, pushed, declined, readSeq, readBeyond } = cursor;
  const had = addRange([], { fromSeq: 1, toSeq: Math.max(deliveredSeq, readSeq) });
  return union(had, readBeyond, passedOver, pushed, declined);
}

/** Whether an entry still has to be posted to a client that cannot acknowledge. What was read by other ways need not be. */
export function isUnpushed(cursor: Cursor, seq: number): boolean {
  const { deliveredSeq, passedOver, pushed, declined } = cursor;
  if (seq <= deliveredSeq || hasRead(cursor, seq)) return false;
  return ![pushed, declined, passedOver].some((ranges) => holds(ranges, seq));
}

/** Whether an entry was posted to a client that cannot acknowledge, as far as the cursor's own epoch tells. */
export function wasPushed(cursor: Cursor, position: Position): boolean {
  // Runs that were joined may reach over what was declined.
  return position.epoch === cursor.epoch && holds(cursor.pushed, position.seq) && !wasDeclined(cursor, position);
}

/** Whether the clients that cannot acknowledge did not select an entry, as far as the cursor's own epoch tells. */
export function wasDeclined(cursor: Cursor, { epoch, seq }: Position): boolean {
  return epoch === cursor.epoch && holds(cursor.declined, seq);
}

/** The entry before the first one that still has to be posted to a client that cannot acknowledge. */
export function pushedUpTo(cursor: Cursor): number {
  const [first] = settledIn(cursor);
  return first?.fromSeq === 1 ? first.toSeq : 0;
}

/** Whether the user followed the topic already when this entry was appended. */
export function wasMemberAt(cursor: Cursor, { epoch, seq }: Position): boolean {
  const then = cursor.epoch === epoch ? cursor : cursor.past.find((past) => past.epoch === epoch);
  return then !== undefined && then.joinedSeq < seq;
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

/** When this entry of the cursor's own epoch was acknowledged, as long as the cursor remembers it. */
export function deliveredAtMs(cursor: Cursor, seq: number): number | undefined {
  const { acknowledgements, past } = cursor;
  if (seq <= (past.at(-1)?.endSeq ?? 0)) return undefined;
  const covering = acknowledgements.findLast((acknowledgement) => acknowledgement.seq >= seq);
  const isOldest = covering === acknowledgements.at(-1);
  // The oldest that is remembered may not have been the first to cover it, unless none was forgotten.
  if (isOldest && acknowledgements.length >= cursorLimits.acknowledgementsKept) return undefined;
  return covering?.atMs;
}

/** When this entry of the cursor's own epoch was read, as long as the cursor remembers it. */
export function readAtMs(cursor: Cursor, seq: number): number | undefined {
  return cursor.readTimes.find(({ ranges }) => holds(ranges, seq))?.atMs;
}

/** Why an entry of a topic is not shown to a user, or null when it is. */
export function whyNotFor(notification: Notification, user: string, nowMs: number): 'expired' | 'suppressed' | null {
  if (notification.except?.includes(user) === true) return 'suppressed';
  return notification.expiresAtMs <= nowMs ? 'expired' : null;
}
