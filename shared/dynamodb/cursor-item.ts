// Cursors as items: small, because there is one for every user and topic, and never deleted.
import type { Acknowledgement, Cursor, PastCursor, ReadMark } from '../domain/cursor.ts';
import { withRead } from '../domain/cursor.ts';
import type { SeqRange, SeqRanges } from '../domain/ranges.ts';
import { addRange } from '../domain/ranges.ts';
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
  readonly readVersion?: number;
  /** Each mark as its three parts, as in `4|6-8|1763713800000`, the newest first. */
  readonly readMarks?: readonly string[];
  /** Each epoch before as its six parts, as in `…|9|8|4|7|6-8`, the oldest first. No epoch has a bar in it. */
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
    ...readsOf(cursor),
    ...(cursor.past.length === 0 ? {} : { past: cursor.past.map(packPast) }),
  };
}

/** The attributes of what is read beyond `readSeq`, and of how it came to be. */
export function readsOf({
  readBeyond,
  readVersion,
  readMarks,
}: Cursor): Pick<CursorItem, 'readBeyond' | 'readVersion' | 'readMarks'> {
  return {
    ...(readBeyond.length === 0 ? {} : { readBeyond: packRanges(readBeyond) }),
    ...(readVersion === 0 ? {} : { readVersion }),
    ...(readMarks.length === 0 ? {} : { readMarks: readMarks.map(packMark) }),
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
    readSeq,
    readBeyond: unpackRanges(item.readBeyond),
    readVersion: item.readVersion ?? 0,
    readMarks: (item.readMarks ?? []).map(unpackMark),
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

function packMark({ upToSeq, seqs, atMs }: ReadMark): string {
  const ranges = seqs.reduce<SeqRanges>((sum, seq) => addRange(sum, { fromSeq: seq, toSeq: seq }), []);
  return [String(upToSeq), packRanges(ranges), String(atMs)].join('|');
}

function unpackMark(text: string): ReadMark {
  const [upToSeq, ranges, atMs] = text.split('|');
  return { upToSeq: Number(upToSeq), seqs: unpackRanges(ranges).flatMap(seqsOf), atMs: Number(atMs) };
}

function packPast({ epoch, endSeq, deliveredSeq, readSeq, passedOver, readBeyond }: PastCursor): string {
  const seqs = [endSeq, deliveredSeq, readSeq].map(String);
  return [epoch, ...seqs, packRanges(passedOver), packRanges(readBeyond)].join('|');
}

function unpackPast(text: string): PastCursor {
  const [epoch = '', endSeq, deliveredSeq, readSeq, passedOver, readBeyond] = text.split('|');
  return {
    epoch,
    endSeq: Number(endSeq),
    deliveredSeq: Number(deliveredSeq),
    passedOver: unpackRanges(passedOver),
    readSeq: Number(readSeq),
    readBeyond: unpackRanges(readBeyond),
  };
}

function seqsOf({ fromSeq, toSeq }: SeqRange): readonly number[] {
  return Array.from({ length: toSeq - fromSeq + 1 }, (_, index) => fromSeq + index);
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
