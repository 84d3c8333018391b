// What a history is checked for, and what a check finds.

/** In words: P1 nothing is lost … P10 nothing is posted much more often than once. */
export const promises = {
  P1: 'whatever was accepted is shown on every device of its audience',
  P2: 'nothing is shown that was not asked for, or to somebody else',
  P3: 'nothing is shown twice',
  P4: 'everything is shown in order, and every hole and every new epoch is announced',
  P5: 'the state of a delivery never goes back',
  P6: 'nothing counts as delivered before it was shown',
  P7: 'one request makes one broadcast',
  P8: 'nothing comes after it has expired, or to those who are excepted',
  P9: 'nearly everything is pushed, and at once',
  P10: 'nothing is posted much more often than once',
} as const;
export type PromiseName = keyof typeof promises;

export interface Bounds {
  /** Of what was shown to devices that had a network all the time, this share at least must have been pushed. */
  readonly pushShareMin: number;
  readonly delayP50MsMax: number;
  readonly postsEachMax: number;
  /** How long a frame that was posted in time may be under way: nobody can call it back. */
  readonly inFlightMsMax: number;
}

export const bounds: Bounds = { pushShareMin: 0.93, delayP50MsMax: 1_000, postsEachMax: 1.2, inFlightMsMax: 1_000 };

export interface Broken {
  readonly count: number;
  /** The first few, in words. */
  readonly examples: readonly string[];
}

/** Times are milliseconds from when a broadcast was stored, or the device got its network, to when it was shown. */
export interface Figures {
  readonly requests: number;
  /** Requests that never got an answer: they may or may not have made a broadcast. */
  readonly unanswered: number;
  readonly devices: number;
  /** How many (device, notification) pairs had to be. */
  readonly recipientNotifications: number;
  readonly shown: number;
  /** Shown after their end: they had come in time, and waited aside for what was missing before them. */
  readonly shownLate: number;
  readonly postsEach: number;
  /** Of those, what was posted in answer to a connection that lacked it. */
  readonly resumePostsEach: number;
  readonly pushShare: number;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly reports: number;
}

export interface Verdict {
  readonly broken: ReadonlyMap<PromiseName, Broken>;
  readonly figures: Figures;
}
