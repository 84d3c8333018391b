// Receipts as bytes: columns of a page, deflated, so that a page of them costs a few write units.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Receipt } from '../domain/delivery.ts';

/** What numbers stand for in stored receipts. Only ever append: items of an older version are still there. */
const outcomes = ['queued', 'sent', 'failed', 'expired', 'suppressed'] as const satisfies readonly Receipt['outcome'][];
const reasons = [
  'not_connected',
  'too_late',
  'too_large',
  'connection_slow',
  'not_selected',
] as const satisfies readonly Receipt['reason'][];

/** One column for each part of a receipt: most columns say the same in every row, and deflate to next to nothing. */
interface Packed {
  /** Each epoch once: all receipts of a wide topic share one. */
  readonly epochs: readonly string[];
  /** The earliest time. */
  readonly sinceMs: number;
  /** A number that stands for nothing (no reason, no position) is -1. Times are differences to the earliest. */
  readonly columns: readonly [
    users: readonly string[],
    outcomes: readonly number[],
    reasons: readonly number[],
    epochs: readonly number[],
    seqs: readonly number[],
    times: readonly number[],
  ];
}

export function packReceipts(receipts: readonly Receipt[]): Uint8Array {
  return deflateRawSync(JSON.stringify(pack(receipts)));
}

function pack(receipts: readonly Receipt[]): Packed {
  const epochs = [...new Set(receipts.flatMap(({ position }) => (position === null ? [] : [position.epoch])))];
  const sinceMs = receipts.reduce((earliest, { atMs }) => Math.min(earliest, atMs), receipts[0]?.atMs ?? 0);
  return {
    epochs,
    sinceMs,
    columns: [
      receipts.map(({ user }) => user),
      receipts.map(({ outcome }) => outcomes.indexOf(outcome)),
      receipts.map(({ reason }) => (reason === undefined ? -1 : reasons.indexOf(reason))),
      receipts.map(({ position }) => (position === null ? -1 : epochs.indexOf(position.epoch))),
      receipts.map(({ position }) => position?.seq ?? -1),
      receipts.map(({ atMs }) => atMs - sinceMs),
    ],
  };
}

export function unpackReceipts(bytes: Uint8Array): readonly Receipt[] {
  const { epochs, sinceMs, columns } = JSON.parse(inflateRawSync(bytes).toString()) as Packed;
  const [users, outcomeNumbers, reasonNumbers, epochNumbers, seqs, times] = columns;
  return users.map((user, row) => {
    const outcome = outcomes[outcomeNumbers[row] ?? -1];
    if (outcome === undefined) throw new Error(`no outcome has the number ${String(outcomeNumbers[row])}`);
    const reason = reasons[reasonNumbers[row] ?? -1];
    const epoch = epochs[epochNumbers[row] ?? -1];
    const position = epoch === undefined ? null : { epoch, seq: seqs[row] ?? 0 };
    const receipt = { user, position, outcome, atMs: sinceMs + (times[row] ?? 0) };
    return reason === undefined ? receipt : { ...receipt, reason };
  });
}
