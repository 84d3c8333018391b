// Whether one device was shown a topic without a hole that nobody announced.

export interface Place {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
}

interface Range {
  readonly fromSeq: number;
  readonly toSeq: number;
}

interface TopicOrder {
  /** The last that was shown; null before the first. */
  last: Place | null;
  /** Where the device was told that it stands, by epoch. */
  readonly announced: Map<string, number[]>;
  /** What it was told that it will not be shown, by epoch. */
  readonly skipped: Map<string, Range[]>;
}

/** What one device was told and shown, over all its topics. */
export interface Order {
  announce(place: Place): void;
  skip(place: Omit<Place, 'seq'>, range: Range): void;
  /** What is wrong with showing this one next; null when it follows on what came before. */
  show(place: Place): string | null;
}

export function newOrder(): Order {
  const topics = new Map<string, TopicOrder>();
  const orderOf = (topic: string): TopicOrder => {
    const standing = topics.get(topic) ?? { last: null, announced: new Map(), skipped: new Map() };
    topics.set(topic, standing);
    return standing;
  };
  return {
    announce: ({ topic, epoch, seq }) => {
      const { announced } = orderOf(topic);
      announced.set(epoch, [...(announced.get(epoch) ?? []), seq]);
    },
    skip: ({ topic, epoch }, range) => {
      const { skipped } = orderOf(topic);
      skipped.set(epoch, [...(skipped.get(epoch) ?? []), range]);
    },
    show: (place) => {
      const order = orderOf(place.topic);
      const problem = problemOf(order, place);
      order.last = place;
      return problem;
    },
  };
}

function problemOf(order: TopicOrder, { epoch, seq }: Place): string | null {
  const { last } = order;
  const skipped = order.skipped.get(epoch) ?? [];
  if (last?.epoch === epoch) {
    forget(order.skipped, epoch, last.seq);
    if (seq <= last.seq) return `${String(seq)} came after ${String(last.seq)}`;
    return isCovered(last.seq, seq, skipped) ? null : `${String(seq)} came after ${String(last.seq)}, with a hole`;
  }
  const announced = order.announced.get(epoch) ?? [];
  if (announced.length === 0) return `the epoch ${epoch} was not announced`;
  const follows = announced.some((from) => from < seq && isCovered(from, seq, skipped));
  return follows
    ? null
    : `${String(seq)} does not follow on ${announced.map(String).join(' or ')}, where the epoch began`;
}

/** Whether everything between the two numbers was skipped. */
function isCovered(afterSeq: number, beforeSeq: number, skipped: readonly Range[]): boolean {
  let next = afterSeq + 1;
  while (next < beforeSeq) {
    const covering = skipped.find(({ fromSeq, toSeq }) => fromSeq <= next && next <= toSeq);
    if (covering === undefined) return false;
    next = covering.toSeq + 1;
  }
  return true;
}

function forget(skipped: Map<string, Range[]>, epoch: string, upToSeq: number): void {
  const ranges = skipped.get(epoch);
  if (ranges?.some(({ toSeq }) => toSeq <= upToSeq) === true) {
    skipped.set(
      epoch,
      ranges.filter(({ toSeq }) => toSeq > upToSeq),
    );
  }
}
