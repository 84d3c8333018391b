// A server with one topic, as the protocol says that it behaves: appends, expiries, cuts, and answers to a client.
import type { PastEpoch } from '../../shared/domain/log.ts';
import { carriedOver } from '../../shared/domain/log.ts';
import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type { WireFrame } from '../../shared/protocol/server-frames.ts';
import type { Place } from './frames.ts';
import { at, connected, notification, pong, reset, resumed, skipped } from './frames.ts';

/** An entry of the log. `mayMiss`: it has expired, so that whoever had not got it does not get it any more. */
interface Entry {
  readonly id: string;
  readonly isSuppressed: boolean;
  mayMiss: boolean;
}

export interface ModelServer {
  /** Appends an entry and returns the frame that is pushed. */
  append(isSuppressed: boolean): WireFrame;
  /** Lets everything up to this share of the log expire. */
  expire(share: number): void;
  /** Cuts the log back to this share of its length; a new epoch goes on from there. */
  cut(share: number): void;
  /** What a new connection gets: `connected`, then what comes after the acknowledged position. */
  connect(): readonly WireFrame[];
  answer(frame: ClientFrame): readonly WireFrame[];
  acknowledge(place: Place): void;
  /** What the log holds for this user, in order. */
  contents(): readonly { readonly id: string; readonly mayMiss: boolean }[];
}

const framesPerAnswer = 7;

export function modelServer(): ModelServer {
  let entries: readonly Entry[] = [];
  let past: readonly PastEpoch[] = [];
  let cursor = at(0);
  let appended = 0;
  const epochNow = (): string => `e${String(past.length + 1)}`;
  const end = (): Place => at(entries.length, { epoch: epochNow() });
  const carried = (from: Place): number => carriedOver(from, { ...end(), past }) ?? 0;

  const frameOf = (seq: number, entry: Entry): WireFrame =>
    entry.isSuppressed || entry.mayMiss
      ? skipped(seq, seq, { epoch: epochNow() })
      : notification(seq, { epoch: epochNow(), id: entry.id });

  /** Like the server itself it says in one frame what is skipped, however much that is. */
  const missed = (from: Place): readonly WireFrame[] => {
    const epoch = epochNow();
    const start = Math.min(carried(from), entries.length);
    const frames: WireFrame[] = from.epoch === epoch ? [] : [reset(start, epoch)];
    for (const [index, entry] of entries.entries()) {
      if (index < start) continue;
      const frame = frameOf(index + 1, entry);
      const last = frames.at(-1);
      const continues = frame.type === 'skipped' && last?.type === 'skipped';
      if (continues) frames[frames.length - 1] = skipped(last.fromSeq, frame.toSeq, { epoch });
      else if (frames.length === framesPerAnswer) return [...frames, resumed([at(index, { epoch })], false)];
      else frames.push(frame);
    }
    return [...frames, resumed([end()])];
  };

  return {
    append: (isSuppressed) => {
      appended += 1;
      const entry = { id: `B${String(appended)}`, isSuppressed, mayMiss: false };
      entries = [...entries, entry];
      return frameOf(entries.length, entry);
    },
    expire: (share) => {
      for (const entry of entries.slice(0, Math.floor(entries.length * share))) entry.mayMiss = true;
    },
    cut: (share) => {
      const endSeq = Math.floor(entries.length * share);
      past = [...past, { epoch: epochNow(), endSeq }];
      entries = entries.slice(0, endSeq);
      cursor = at(carried(cursor), { epoch: epochNow() });
    },
    connect: () => [connected([cursor]), ...missed(cursor)],
    answer: (frame) => {
      if (frame.type === 'ping') return [pong([end()])];
      const [from] = frame.type === 'resume' ? frame.positions : [];
      return from === undefined ? [] : missed(from);
    },
    acknowledge: (place) => {
      if (place.epoch === epochNow() && place.seq > cursor.seq) cursor = place;
    },
    contents: () => entries.filter(({ isSuppressed }) => !isSuppressed),
  };
}
