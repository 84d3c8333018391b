// Sends a connection what it lacks of its topics, in order, and says where it then stands.
import type { KnownConnection } from '../domain/connection.ts';
import { resumedFrame } from '../domain/frames.ts';
import type { TopicPosition } from '../domain/log.ts';
import { resumeLimits } from '../protocol/limits.ts';
import type { ServerFrame } from '../protocol/server-frames.ts';
import type { GoOn } from './fan-out-ports.ts';
import { missedFrames } from './missed-frames.ts';
import type { PostFramePorts } from './post-frame.ts';
import { postFrame } from './post-frame.ts';
import type { Standing, StandingPorts } from './standing-cursors.ts';

export interface SendMissedPorts extends PostFramePorts, StandingPorts {}

/** Where one topic stands, and from where on the client lacks it. */
export interface Lacking {
  readonly standing: Standing;
  readonly from: TopicPosition;
}

/**
 * Posts every entry after the given positions, one after the other so that their order holds, and then `resumed`. What
 * cannot be sent now, because the socket is slow or gone or the deadline is near, is left for the next `resume`.
 */
export async function sendMissed(
  ports: SendMissedPorts,
  connection: KnownConnection,
  lacking: readonly Lacking[],
  goOn: GoOn,
  replyTo?: string,
): Promise<void> {
  const reached: TopicPosition[] = [];
  const budget = { frames: resumeLimits.entriesPerCallMax };
  let complete = true;
  for (const topic of lacking) {
    const sent = await sendTopic(ports, connection, topic, budget, goOn);
    if (sent.outcome === 'gone') return;
    reached.push(sent.position);
    if (sent.outcome === 'stopped') complete = false;
  }
  await post(ports, connection, resumedFrame(reached, complete, replyTo), goOn);
}

/** How many frames may still be sent in this call. */
interface Budget {
  frames: number;
}

interface Sent {
  readonly outcome: 'all' | 'stopped' | 'gone';
  readonly position: TopicPosition;
}

async function sendTopic(
  ports: SendMissedPorts,
  connection: KnownConnection,
  { standing, from }: Lacking,
  budget: Budget,
  goOn: GoOn,
): Promise<Sent> {
  let position = from;
  for await (const missed of missedFrames(ports, standing, from)) {
    if (budget.frames === 0 || !goOn()) return { outcome: 'stopped', position };
    budget.frames -= 1;
    const { expiresAtMs = Number.POSITIVE_INFINITY } = missed;
    const isWorthwhile: GoOn = () => goOn() && ports.clock.nowMs() < expiresAtMs;
    const result = await post(ports, connection, missed.frame, isWorthwhile);
    if (result !== 'posted') return { outcome: result === 'gone' ? 'gone' : 'stopped', position };
    position = missed.position;
  }
  return { outcome: 'all', position };
}

async function post(
  ports: SendMissedPorts,
  connection: KnownConnection,
  frame: ServerFrame,
  goOn: GoOn,
): Promise<'posted' | 'gone' | 'slow'> {
  const result = await postFrame(ports, connection, frame, goOn);
  // Bodies are bounded far below the gateway's limit, so a refusal for size is a bug, not a state.
  if (result === 'too_large') throw new Error('a frame is larger than the gateway takes');
  return result;
}
