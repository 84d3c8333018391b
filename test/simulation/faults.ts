// What goes wrong in a run, and how often.

/** Shares are of all cases of their kind, times are in ms. */
export interface FaultMix {
  /** Posts that the gateway answers with 5xx. */
  readonly unavailable: number;
  /** Posts that it answers with 429. */
  readonly throttled: number;
  /** Posts that arrive although their answer is an error. */
  readonly replyLost: number;
  /** Queue messages that are delivered twice, and sends that succeed although their answer is an error. */
  readonly duplicated: number;
  readonly sendReplyLost: number;
  /** Posts and queue messages that take up to `reorderMs`, so that others come before them. */
  readonly reordered: number;
  /** Frames that come as late although the gateway had taken them at once: it promises no order. */
  readonly overtaken: number;
  readonly reorderMs: number;
  /** Function calls that die at one of the calls that they make. */
  readonly killed: number;
  /** Closed sockets that nobody hears of. */
  readonly disconnectLost: number;
  /** Sockets that end by falling silent instead of closing. */
  readonly silent: number;
  /** Reads of subscriptions that end before their limit. */
  readonly shortPages: number;
  /** Sockets that are cut, on average after `socketLifeMs`, and of those the ones whose device then has no network for minutes. */
  readonly cut: number;
  readonly socketLifeMs: number;
  readonly offline: number;
}

export const standardMix: FaultMix = {
  unavailable: 0.05,
  throttled: 0.03,
  replyLost: 0.02,
  duplicated: 0.05,
  sendReplyLost: 0.01,
  reordered: 0.05,
  overtaken: 0.01,
  reorderMs: 400,
  killed: 0.01,
  disconnectLost: 0.2,
  silent: 0.02,
  shortPages: 0.02,
  cut: 1,
  socketLifeMs: 900_000,
  offline: 0.25,
};

export const noFaults: FaultMix = {
  ...standardMix,
  unavailable: 0,
  throttled: 0,
  replyLost: 0,
  duplicated: 0,
  sendReplyLost: 0,
  reordered: 0,
  overtaken: 0,
  killed: 0,
  disconnectLost: 0,
  silent: 0,
  shortPages: 0,
  cut: 0,
  offline: 0,
};

/** The mix that holds at the moment. */
export interface Faults {
  mix: FaultMix;
}
