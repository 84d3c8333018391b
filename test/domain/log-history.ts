// A log that is appended to and cut back at random, with its true contents at every moment.
import fc from 'fast-check';
import type { LogHead, PastEpoch } from '../../shared/domain/log.ts';

export type LogStep =
  | { readonly kind: 'append' }
  /** The table was restored to where the log ended at this share of its length, and a new epoch goes on from there. */
  | { readonly kind: 'cut'; readonly share: number };

/** How the log stood after a step; `contents` are the ids of its entries, the first of which has the number 1. */
export interface LogMoment {
  readonly epoch: string;
  readonly contents: readonly string[];
  readonly head: LogHead;
}

export const anyHistory: fc.Arbitrary<readonly LogStep[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<LogStep>({ kind: 'append' }) },
    { weight: 1, arbitrary: fc.nat(100).map((percent): LogStep => ({ kind: 'cut', share: percent / 100 })) },
  ),
  { maxLength: 40 },
);

/** The moments of a history, from the empty log on. Every entry that was ever appended has an id of its own. */
export function replay(steps: readonly LogStep[]): readonly LogMoment[] {
  let past: readonly PastEpoch[] = [];
  let contents: readonly string[] = [];
  const momentNow = (): LogMoment => {
    const epoch = `e${String(past.length)}`;
    return { epoch, contents, head: { epoch, seq: contents.length, past } };
  };
  return [
    momentNow(),
    ...steps.map((step, index) => {
      if (step.kind === 'append') contents = [...contents, `id-${String(index)}`];
      else {
        const endSeq = Math.floor(contents.length * step.share);
        past = [...past, { epoch: `e${String(past.length)}`, endSeq }];
        contents = contents.slice(0, endSeq);
      }
      return momentNow();
    }),
  ];
}
