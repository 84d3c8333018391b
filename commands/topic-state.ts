// What a client remembers of one topic.
import type { NotificationFrame, Unread } from '../shared/protocol/server-frames.ts';

export interface TopicState {
  epoch: string;
  /** Everything up to here was shown, or is not to be shown. */
  seq: number;
  acknowledgedSeq: number;
  /** What came beyond a gap, by sequence number, until what is missing has come; null is nothing to show. */
  readonly waiting: Map<number, NotificationFrame | null>;
  /** An answer is under way that brings what is missing: what follows a greeting or a `resume`, up to `resumed`. */
  isAsking: boolean;
  /** Meanwhile something came of an epoch that is not known here: that answer may be older. */
  sawAnother: boolean;
  /** Epochs that are over: what still comes of them is late. */
  readonly past: Set<string>;
  /** The last ids that were shown: a `reset` may answer a question that was asked before some of them came. */
  readonly shownIds: Set<string>;
  unread: Unread | null;
  /** What was shown after the entry up to which `unread` counts. */
  shownSince: number[];
}

export function newState(epoch: string, seq: number): TopicState {
  const acknowledgedSeq = seq;
  return {
    epoch,
    seq,
    acknowledgedSeq,
    waiting: new Map(),
    isAsking: true,
    sawAnother: false,
    past: new Set(),
    shownIds: new Set(),
    unread: null,
    shownSince: [],
  };
}
