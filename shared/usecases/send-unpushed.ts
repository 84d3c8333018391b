// Sends a client that does not acknowledge what no such client of its user has got yet, and notes what was sent.
import type { KnownConnection } from '../domain/connection.ts';
import { wants } from '../domain/connection.ts';
import { isUnpushed, pushedUpTo } from '../domain/cursor.ts';
import type { SeqRange } from '../domain/ranges.ts';
import { resumeLimits } from '../protocol/limits.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { MissedFrame } from './missed-frames.ts';
import { missedFrames } from './missed-frames.ts';
import { postFrame } from './post-frame.ts';
import type { SendMissedPorts } from './send-missed.ts';
import type { Standing } from './standing-cursors.ts';

/**
 * Posts every entry that was not posted before, in order within each topic. What a client has not selected is
 * noted as declined; what cannot be sent now is left for the next time: the next connection, or the next look after this one.
 *
 * @param settleMs leaves what is younger to whoever is posting it at this moment; 0 for a connection that has just come.
 */
export async function sendUnpushed(
  ports: SendMissedPorts,
  connection: KnownConnection,
  standings: readonly Standing[],
  goOn: GoOn,
  settleMs = 0,
): Promise<void> {
  // Whoever has just come gets all that is there, however far the clocks of two functions are apart.
  const youngestMs = settleMs === 0 ? Number.POSITIVE_INFINITY : ports.clock.nowMs() - settleMs;
  const budget = { frames: resumeLimits.entriesPerCallMax, youngestMs };
  for (const standing of standings) {
    if (!(await sendTopic(ports, connection, standing, budget, goOn))) return;
  }
}

/** How many frames may still be sent in this call, and nothing that was made later. */
interface Budget {
  frames: number;
  readonly youngestMs: number;
}

/** Says whether there is any sense in going on with another topic. */
async function sendTopic(
  ports: SendMissedPorts,
  connection: KnownConnection,
  standing: Standing,
  budget: Budget,
  goOn: GoOn,
): Promise<boolean> {
  const { cursor, head } = standing;
  // A log that lost its end without a new epoch must not be waited for up to where it was.
  const from = { topic: cursor.topic, epoch: cursor.epoch, seq: Math.min(pushedUpTo(cursor), head.seq) };
  const notes: { readonly pushed: SeqRange[]; readonly declined: SeqRange[] } = { pushed: [], declined: [] };
  let reached = from.seq;
  let goesOn = true;
  for await (const missed of missedFrames(ports, standing, from)) {
    // What was appended after the standing was read is for whoever tells the broadcast: the connection is subscribed.
    if (missed.position.seq > head.seq) break;
    goesOn = budget.frames > 0 && goOn();
    if (!goesOn || isUnderWay(missed, budget)) break;
    const run = { fromSeq: reached + 1, toSeq: missed.position.seq };
    const settled = await settle(ports, connection, standing, missed, goOn);
    if (settled === 'posted') budget.frames -= 1;
    if (settled === 'posted' || settled === 'skipped') notes.pushed.push(run);
    if (settled === 'unwanted') notes.declined.push(run);
    goesOn = settled !== 'stopped';
    if (!goesOn) break;
    reached = missed.position.seq;
  }
  await note(ports, standing, notes);
  return goesOn;
}

function isUnderWay({ frame }: MissedFrame, { youngestMs }: Budget): boolean {
  return frame.type === 'notification' && Date.parse(frame.createdAt) > youngestMs;
}

/** What becomes of one entry, or of a run without any: `done` was settled before. */
async function settle(
  ports: SendMissedPorts,
  connection: KnownConnection,
  { cursor }: Standing,
  { frame, position, expiresAtMs = Number.POSITIVE_INFINITY }: MissedFrame,
  goOn: GoOn,
): Promise<'done' | 'posted' | 'skipped' | 'unwanted' | 'stopped'> {
  // What has expired was noted as passed over by whoever found it; what was held back from this user needs no second look.
  if (frame.type === 'skipped') return frame.reason === 'expired' ? 'done' : 'skipped';
  if (frame.type !== 'notification') return 'done';
  if (!isUnpushed(cursor, position.seq)) return 'done';
  if (wants(connection, frame.event) !== 'yes') return 'unwanted';
  const result = await postFrame(ports, connection, frame, () => goOn() && ports.clock.nowMs() < expiresAtMs);
  // Bodies are bounded far below the gateway's limit, so a refusal for size is a bug, not a state.
  if (result === 'too_large') throw new Error('a frame is larger than the gateway takes');
  return result === 'posted' ? 'posted' : 'stopped';
}

async function note(
  ports: SendMissedPorts,
  { cursor }: Standing,
  { pushed, declined }: { readonly pushed: readonly SeqRange[]; readonly declined: readonly SeqRange[] },
): Promise<void> {
  if (pushed.length + declined.length === 0) return;
  await ports.cursors.push(cursor.tenant, cursor, cursor.epoch, pushed, declined);
}
