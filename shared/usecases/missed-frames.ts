// What a user lacks of one topic, as the frames that bring or announce it, in order and without a silent hole.
import { whyNotFor } from '../domain/cursor.ts';
import type { SkipReason } from '../domain/frames.ts';
import { notificationFrame, resetFrame, skippedFrame } from '../domain/frames.ts';
import type { LogEntry, TopicPosition } from '../domain/log.ts';
import { carriedOver } from '../domain/log.ts';
import type { SeqRange } from '../domain/ranges.ts';
import type { Clock, CursorStore, LogStore } from '../ports.ts';
import { resumeLimits } from '../protocol/limits.ts';
import type { WireFrame } from '../protocol/server-frames.ts';
import type { Standing } from './standing-cursors.ts';

export interface MissedFramesPorts {
  readonly cursors: CursorStore;
  readonly logs: LogStore;
  readonly clock: Clock;
}

/** A frame, and where whoever got it stands then. */
export interface MissedFrame {
  readonly frame: WireFrame;
  readonly position: TopicPosition;
  /** From here on the frame must not be sent any more; absent when it may always be. */
  readonly expiresAtMs?: number;
}

/**
 * Everything after `from`. Whoever stops taking frames goes on later from the position of the last one that was taken.
 * The head in `standing` must have been read after whatever makes sure that newer entries are pushed.
 */
export async function* missedFrames(
  ports: MissedFramesPorts,
  standing: Standing,
  from: TopicPosition,
): AsyncGenerator<MissedFrame> {
  const { cursor, head } = standing;
  const start = startOf(standing, from);
  if (start.reset !== null) yield { frame: start.reset, position: start.position };
  let { position } = start;
  if (position.seq < cursor.joinedSeq) {
    const before = { fromSeq: position.seq + 1, toSeq: cursor.joinedSeq };
    position = { ...position, seq: cursor.joinedSeq };
    yield { frame: skippedFrame(position.topic, position.epoch, before, 'before_joining'), position };
  }
  for (;;) {
    const { entriesPerRead } = resumeLimits;
    const entries = await ports.logs.read(cursor.tenant, position.topic, position.seq, entriesPerRead);
    const isLast = entries.length < entriesPerRead;
    const steps = stepsOf(entries, position.seq, isLast ? head.seq : 0, cursor.user, ports.clock.nowMs());
    for (const step of steps) {
      position = { ...position, seq: step.kind === 'entry' ? step.entry.seq : step.run.toSeq };
      // Taking the entries before this one may have taken longer than it lives.
      const late = step.kind === 'entry' ? whyNotFor(step.entry.notification, cursor.user, ports.clock.nowMs()) : null;
      if (step.kind === 'entry' && late !== null) {
        const run = { fromSeq: position.seq, toSeq: position.seq };
        if (late === 'expired') await passOver(ports, standing, run);
        yield { frame: skippedFrame(position.topic, position.epoch, run, late), position };
        continue;
      }
      if (step.kind === 'entry') {
        const { notification } = step.entry;
        yield { frame: notificationFrame(notification, position), position, expiresAtMs: notification.expiresAtMs };
        continue;
      }
      if (step.reason === 'expired') await passOver(ports, standing, step.run);
      yield { frame: skippedFrame(position.topic, position.epoch, step.run, step.reason), position };
    }
    if (isLast) return;
  }
}

/** A position of another epoch, or beyond the end, is announced as such; where it goes on loses nothing that is there. */
function startOf(
  { cursor, head }: Standing,
  from: TopicPosition,
): { readonly position: TopicPosition; readonly reset: WireFrame | null } {
  const at = (seq: number): TopicPosition => ({ topic: from.topic, epoch: head.epoch, seq });
  if (from.epoch !== head.epoch) {
    const position = at(carriedOver(from, head) ?? cursor.joinedSeq);
    return { position, reset: resetFrame(position, 'new_epoch') };
  }
  if (from.seq <= head.seq) return { position: from, reset: null };
  const position = at(Math.min(cursor.deliveredSeq, head.seq));
  return { position, reset: resetFrame(position, 'beyond_end') };
}

type Step =
  | { readonly kind: 'entry'; readonly entry: LogEntry }
  | { readonly kind: 'run'; readonly run: SeqRange; readonly reason: SkipReason };

/** Entries to show and runs to skip; numbers without an entry, up to `endSeq`, have expired and are gone. */
function stepsOf(
  entries: readonly LogEntry[],
  afterSeq: number,
  endSeq: number,
  user: string,
  nowMs: number,
): readonly Step[] {
  const steps: Step[] = [];
  const skip = (run: SeqRange, reason: SkipReason): void => {
    const last = steps.at(-1);
    if (run.toSeq < run.fromSeq) return;
    const continues = last?.kind === 'run' && last.reason === reason;
    if (continues) steps[steps.length - 1] = { ...last, run: { fromSeq: last.run.fromSeq, toSeq: run.toSeq } };
    else steps.push({ kind: 'run', run, reason });
  };
  let reached = afterSeq;
  for (const entry of entries) {
    skip({ fromSeq: reached + 1, toSeq: entry.seq - 1 }, 'expired');
    const reason = whyNotFor(entry.notification, user, nowMs);
    if (reason === null) steps.push({ kind: 'entry', entry });
    else skip({ fromSeq: entry.seq, toSeq: entry.seq }, reason);
    reached = entry.seq;
  }
  skip({ fromSeq: reached + 1, toSeq: endSeq }, 'expired');
  return steps;
}

/** What no client of the user has had cannot be delivered any more, whatever is acknowledged later. */
async function passOver(ports: MissedFramesPorts, { cursor }: Standing, run: SeqRange): Promise<void> {
  if (run.toSeq <= cursor.deliveredSeq) return;
  await ports.cursors.passOver(cursor.tenant, cursor, cursor.epoch, run);
}
