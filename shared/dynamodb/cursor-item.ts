// Cursors as items: small, because there is one for every user and topic, and never deleted.
import type { Acknowledgement, Cursor, PastCursor, ReadTime } from '../domain/cursor.ts';
import { withRead } from '../domain/cursor.ts';
import type { SeqRanges } from '../domain/ranges.ts';
import type { Topic } from '../domain/topic.ts';
import { cursorLimits } from '../protocol/limits.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/**
 * `pk` is the topic's shard, `sk` the user. What is empty or 0 is absent. `readSeqs`, the single reads, is there only in
 * items of an older version, until the next read.
 */
export interface CursorItem extends ItemKey, Partial<Record<AcknowledgementName, string>> {
  readonly epoch: string;
  readonly joinedSeq: number;
  readonly deliveredSeq: number;
  readonly readSeq: number;
  /** Runs as text, as in `3-5,9`. */
  readonly readBeyond?: string;
  readonly passedOver?: string;
  readonly pushed?: string;
  readonly declined?: string;
  readonly readVersion?: number;
  /** What was read when, as in `6-8,10@1763713800000`, the newest first. */
  readonly readTimes?: readonly string[];
  /** Each epoch before as its seven parts, as in `…|9|2|8|4|7|6-8`, the oldest first. No epoch has a bar in it. */
  readonly past?: readonly string[];
  readonly readSeqs?: ReadonlySet<number>;
}

/** Attributes of the last acknowledgements: `a0` has the newest, as in `4@1763713800000`. */
type AcknowledgementName = `a${number}`;

export const acknowledgementNames: readonly AcknowledgementName[] = Array.from(
  { length: cursorLimits.acknowledgementsKept },
  (_, age): AcknowledgementName => `a${String(age) as `${number}`}`,
);

export function itemOf(key: ItemKey, cursor: Cursor): CursorItem {
  const { epoch, joinedSeq, deliveredSeq, readSeq, acknowledgements } = cursor;
  const kept = acknowledgementNames.map((name, age) => [name, acknowledgements[age]] as const);
  return {
    ...key,
    epoch,
    joinedSeq,
    deliveredSeq,
    readSeq,
    ...Object.fromEntries(
      kept.flatMap(([name, each]) => (each === undefined ? [] : [[name, packAcknowledgement(each)]])),
    ),
    ...(cursor.passedOver.length === 0 ? {} : { passedOver: packRanges(cursor.passedOver) }),
    ...(cursor.pushed.length === 0 ? {} : { pushed: packRanges(cursor.pushed) }),
    ...(cursor.declined.length === 0 ? {} : { declined: packRanges(cursor.declined) }),
    ...readsOf(cursor),
    ...(cursor.past.length === 0 ? {} : { past: cursor.past.map(packPast) }),
  };
}

/** The attributes of what is read beyond `readSeq`, and of how it came to be. */
export function readsOf({
  readBeyond,
  readVersion,
  readTimes,
}: Cursor): Pick<CursorItem, 'readBeyond' | 'readVersion' | 'readTimes'> {
  return {
    ...(readBeyond.length === 0 ? {} : { readBeyond: packRanges(readBeyond) }),
    ...(readVersion === 0 ? {} : { readVersion }),
    ...(readTimes.length === 0 ? {} : { readTimes: readTimes.map(packReadTime) }),
  };
}

export function cursorOf(tenant: string, topic: Topic, item: CursorItem): Cursor {
  const { sk: user, epoch, joinedSeq, deliveredSeq, readSeq, readSeqs } = item;
  const cursor: Cursor = {
    tenant,
    topic,
    user,
    epoch,
    joinedSeq,
    deliveredSeq,
    acknowledgements: acknowledgementNames.flatMap((name) => unpackAcknowledgement(item[name])),
    passedOver: unpackRanges(item.passedOver),
    pushed: unpackRanges(item.pushed),
    declined: unpackRanges(item.declined),
    readSeq,
    readBeyond: unpackRanges(item.readBeyond),
    readVersion: item.readVersion ?? 0,
    readTimes: (item.readTimes ?? []).map(unpackReadTime),
    past: (item.past ?? []).map(unpackPast),
  };
  return readSeqs === undefined ? cursor : withSingleReads(cursor, [...readSeqs]);
}

/** An older version kept no count of changes and no times; the first change counts from 0. */
function withSingleReads(cursor: Cursor, seqs: readonly number[]): Cursor {
  const { readSeq, readBeyond } = withRead(cursor, { upToSeq: 0, seqs, atMs: 0 });
  return { ...cursor, readSeq, readBeyond };
}

export function packAcknowledgement({ seq, atMs }: Acknowledgement): string {
  return `${String(seq)}@${String(atMs)}`;
}

/** None for what is absent or empty: there were fewer acknowledgements than places. */
function unpackAcknowledgement(text = ''): readonly Acknowledgement[] {
  const [seq, atMs] = text.split('@').map(Number);
  return seq === undefined || atMs === undefined ? [] : [{ seq, atMs }];
}

function packReadTime({ ranges, atMs }: ReadTime): string {
  return `${packRanges(ranges)}@${String(atMs)}`;
}

function unpackReadTime(text: string): ReadTime {
  const [ranges, atMs] = text.split('@');
  return { ranges: unpackRanges(ranges), atMs: Number(atMs) };
}

function packPast({ epoch, endSeq, joinedSeq, deliveredSeq, readSeq, passedOver, readBeyond }: PastCursor): string {
  const seqs = [endSeq, joinedSeq, deliveredSeq, readSeq].map(String);
  return [epoch, ...seqs, packRanges(passedOver), packRanges(readBeyond)].join('|');
}

function unpackPast(text: string): PastCursor {
  const [epoch = '', endSeq, joinedSeq, deliveredSeq, readSeq, passedOver, readBeyond] = text.split('|');
  return {
    epoch,
    endSeq: Number(endSeq),
    joinedSeq: Number(joinedSeq),
    deliveredSeq: Number(deliveredSeq),
    passedOver: unpackRanges(passedOver),
    readSeq: Number(readSeq),
    readBeyond: unpackRanges(readBeyond),
  };
}

export function packRanges(ranges: SeqRanges): string {
  return ranges
    .map(({ fromSeq, toSeq }) => (fromSeq === toSeq ? String(fromSeq) : `${String(fromSeq)}-${String(toSeq)}`))
    .join(',');
}

function unpackRanges(text = ''): SeqRanges {
  if (text === '') return [];
  return text.split(',').map((run) => {
    const [fromSeq = '', toSeq = fromSeq] = run.split('-');
    return { fromSeq: Number(fromSeq), toSeq: Number(toSeq) };
  });
}
