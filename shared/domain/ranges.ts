// Sets of sequence numbers, kept as runs: a person reads almost everything, so the runs are few.

/** All numbers from `fromSeq` to `toSeq`, both included. */
export interface SeqRange {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** Sorted, not empty, neither touching nor overlapping. */
export type SeqRanges = readonly SeqRange[];

/** The set with one more run in it. */
export function addRange(ranges: SeqRanges, added: SeqRange): SeqRanges {
  if (added.toSeq < added.fromSeq) return ranges;
  const before = ranges.filter(({ toSeq }) => toSeq < added.fromSeq - 1);
  const after = ranges.filter(({ fromSeq }) => fromSeq > added.toSeq + 1);
  const touching = ranges.slice(before.length, ranges.length - after.length);
  const fromSeq = Math.min(added.fromSeq, touching[0]?.fromSeq ?? added.fromSeq);
  const toSeq = Math.max(added.toSeq, touching.at(-1)?.toSeq ?? added.toSeq);
  return [...before, { fromSeq, toSeq }, ...after];
}

/** All numbers that are in any of the sets. */
export function union(...sets: readonly SeqRanges[]): SeqRanges {
  const joined: SeqRange[] = [];
  for (const run of sets.flat().sort((one, other) => one.fromSeq - other.fromSeq)) {
    const last = joined.at(-1);
    const touches = last !== undefined && run.fromSeq <= last.toSeq + 1;
    if (touches) joined[joined.length - 1] = { ...last, toSeq: Math.max(last.toSeq, run.toSeq) };
    else joined.push(run);
  }
  return joined;
}

/** The set without everything up to and including `seq`. */
export function dropUpTo(ranges: SeqRanges, seq: number): SeqRanges {
  return ranges
    .filter(({ toSeq }) => toSeq > seq)
    .map(({ fromSeq, toSeq }) => ({ fromSeq: Math.max(fromSeq, seq + 1), toSeq }));
}

/** The set without everything beyond `seq`. */
export function dropBeyond(ranges: SeqRanges, seq: number): SeqRanges {
  return ranges
    .filter(({ fromSeq }) => fromSeq <= seq)
    .map(({ fromSeq, toSeq }) => ({ fromSeq, toSeq: Math.min(toSeq, seq) }));
}

/** The set without another one. */
export function without(ranges: SeqRanges, removed: SeqRanges): SeqRanges {
  return removed.reduce<SeqRanges>(
    (rest, { fromSeq, toSeq }) => [...dropBeyond(rest, fromSeq - 1), ...dropUpTo(rest, toSeq)],
    ranges,
  );
}

export function holds(ranges: SeqRanges, seq: number): boolean {
  return ranges.some(({ fromSeq, toSeq }) => fromSeq <= seq && seq <= toSeq);
}

/** How many numbers of the set are beyond `seq`. */
export function countBeyond(ranges: SeqRanges, seq: number): number {
  return dropUpTo(ranges, seq).reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0);
}

/**
 * The set with its oldest runs joined over gaps that another set fills, as many as it takes to come down to `countMax`
 * runs. It grows by numbers of the other set only, and stays longer where that does not fill enough.
 */
export function joinedOver(ranges: SeqRanges, filling: SeqRanges, countMax: number): SeqRanges {
  const joined: SeqRange[] = [];
  let excess = ranges.length - countMax;
  for (const run of ranges) {
    const last = joined.at(-1);
    const isFilled = (gap: SeqRange): boolean =>
      filling.some(({ fromSeq, toSeq }) => fromSeq <= gap.fromSeq && gap.toSeq <= toSeq);
    const joins = excess > 0 && last !== undefined && isFilled({ fromSeq: last.toSeq + 1, toSeq: run.fromSeq - 1 });
    if (!joins) joined.push(run);
    else {
      joined[joined.length - 1] = { fromSeq: last.fromSeq, toSeq: run.toSeq };
      excess -= 1;
    }
  }
  return joined;
}

/** At most `countMax` runs: the oldest are joined over the gaps between them, so the set only ever grows by this. */
export function atMost(ranges: SeqRanges, countMax: number): SeqRanges {
  const excess = ranges.length - countMax;
  const [first] = ranges;
  const last = ranges[excess];
  if (excess <= 0 || first === undefined || last === undefined) return ranges;
  return [{ fromSeq: first.fromSeq, toSeq: last.toSeq }, ...ranges.slice(excess + 1)];
}
