// Receipts as text: short enough that a page of them costs a few write units, in parts that fit into items.
import type { Receipt } from '../domain/delivery.ts';

/** What numbers stand for in stored receipts. Only ever append: items of an older version are still there. */
const outcomes = ['queued', 'sent', 'failed'] as const satisfies readonly Receipt['outcome'][];
const reasons = [
  'not_connected',
  'too_late',
  'too_large',
  'connection_slow',
] as const satisfies readonly Receipt['reason'][];

interface Packed {
  /** Each epoch once: all receipts of a wide topic share one. */
  readonly epochs: readonly string[];
  readonly rows: readonly Row[];
}

/** A number that stands for nothing (no reason, no position) is -1. */
type Row = readonly [user: string, outcome: number, reason: number, epoch: number, seq: number];

/** The receipts as one or more texts of at most `bytesMax` bytes, each complete in itself. A single receipt is never divided. */
export function packReceipts(receipts: readonly Receipt[], bytesMax: number): readonly string[] {
  const text = JSON.stringify(pack(receipts));
  if (receipts.length < 2 || Buffer.byteLength(text) <= bytesMax) return [text];
  const middle = Math.ceil(receipts.length / 2);
  return [receipts.slice(0, middle), receipts.slice(middle)].flatMap((half) => packReceipts(half, bytesMax));
}

function pack(receipts: readonly Receipt[]): Packed {
  const epochs = new Map<string, number>();
  const numberOf = (epoch: string): number => {
    const number = epochs.get(epoch) ?? epochs.size;
    epochs.set(epoch, number);
    return number;
  };
  const rows = receipts.map(({ user, position, outcome, reason }): Row => [
    user,
    outcomes.indexOf(outcome),
    reason === undefined ? -1 : reasons.indexOf(reason),
    position === null ? -1 : numberOf(position.epoch),
    position === null ? -1 : position.seq,
  ]);
  return { epochs: [...epochs.keys()], rows };
}

export function unpackReceipts(text: string): readonly Receipt[] {
  const { epochs, rows } = JSON.parse(text) as Packed;
  return rows.map(([user, outcomeNumber, reasonNumber, epochNumber, seq]) => {
    const outcome = outcomes[outcomeNumber];
    if (outcome === undefined) throw new Error(`no outcome has the number ${String(outcomeNumber)}`);
    const reason = reasons[reasonNumber];
    const epoch = epochs[epochNumber];
    const position = epoch === undefined ? null : { epoch, seq };
    return reason === undefined ? { user, position, outcome } : { user, position, outcome, reason };
  });
}
