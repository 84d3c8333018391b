// What a client that is known asks for, one frame at a time.
import type { KnownConnection } from '../domain/connection.ts';
import { doneFrame, pongFrame } from '../domain/frames.ts';
import type { ClientFrame, DialectFrame, TopicPosition } from '../protocol/client-frames.ts';
import type { PresencePorts } from './presence.ts';
import { setStatus } from './presence.ts';
import { acknowledge } from './acknowledge.ts';
import { renewLease } from './attend.ts';
import { countUnread } from './count-unread.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { JoinRoomPorts } from './join-room.ts';
import { joinRoom, leaveRoom } from './join-room.ts';
import type { MarkReadPorts } from './mark-read.ts';
import { markRead } from './mark-read.ts';
import { ownTopic } from './own-topic.ts';
import { postFrame } from './post-frame.ts';
import type { SayPorts } from './say.ts';
import { say } from './say.ts';
import { selectEvents } from './select-events.ts';
import { sendMissed } from './send-missed.ts';
import { standingCursors } from './standing-cursors.ts';
import type { TypingPorts } from './typing.ts';
import { changeTyping } from './typing.ts';

export interface ObeyPorts extends MarkReadPorts, JoinRoomPorts, SayPorts, TypingPorts, PresencePorts {}

/** What is known of a frame besides what it says. */
export interface FrameContext {
  readonly atMs: number;
  readonly replyTo: string | undefined;
}

/** Every frame that only a known client may send. */
export type KnownFrame = Exclude<
  ClientFrame | DialectFrame,
  { readonly type: 'authenticate' | 'enter' | 'goodbye' | 'nothing' }
>;

export async function obeyFrame(
  ports: ObeyPorts,
  known: KnownConnection,
  frame: KnownFrame,
  { atMs, replyTo }: FrameContext,
  goOn: GoOn,
): Promise<void> {
  switch (frame.type) {
    case 'ping':
      await answerPing(ports, known, replyTo, goOn);
      await renewLease(ports, known);
      return;
    case 'alive':
      await renewLease(ports, known);
      return;
    case 'acknowledge': {
      const { topic, epoch, seq } = frame;
      await acknowledge(ports, known, { topic: ownTopic(known.topics, topic), epoch, seq });
      return;
    }
    case 'read': {
      const { topic, epoch, upToSeq = 0, seqs = [] } = frame;
      const asker = { connectionId: known.connectionId, replyTo };
      await markRead(ports, known, { topic: ownTopic(known.topics, topic), epoch, upToSeq, seqs }, asker, goOn);
      return;
    }
    case 'resume':
      await resume(ports, known, frame.positions, replyTo, goOn);
      return;
    case 'join':
      await joinRoom(ports, known, { room: frame.room, atMs, replyTo }, goOn);
      return;
    case 'leave':
      await leaveRoom(ports, known, { room: frame.room, atMs, replyTo }, goOn);
      return;
    case 'send':
      await say(ports, known, { room: frame.room ?? null, data: frame.data, replyTo }, goOn);
      return;
    case 'typing':
      await changeTyping(ports, known, { room: frame.room, active: frame.active, atMs }, goOn);
      await postFrame(ports, known, doneFrame(replyTo), goOn);
      return;
    case 'presence':
      await setStatus(ports, known, frame.status);
      await postFrame(ports, known, doneFrame(replyTo), goOn);
      return;
    case 'subscribe':
      await selectEvents(ports, known, { add: frame.events, remove: [] }, replyTo, goOn);
      return;
    case 'unsubscribe':
      await selectEvents(ports, known, { add: [], remove: frame.events }, replyTo, goOn);
  }
}

/** Says where every topic ends, so that a client whose last frame was lost notices, and what is unread. */
async function answerPing(
  ports: ObeyPorts,
  connection: KnownConnection,
  replyTo: string | undefined,
  goOn: GoOn,
): Promise<void> {
  const { tenant, user, topics } = connection;
  const standings = await standingCursors(ports, tenant, user, topics);
  const heads = standings.map(({ cursor: { topic }, head: { epoch, seq } }) => ({ topic, epoch, seq }));
  // Nobody shows a badge for a room, and counting what one has said oneself would read all of it.
  const counted = standings.filter(({ cursor: { topic } }) => !topic.startsWith('room:'));
  const unread = await Promise.all(counted.map(async (standing) => countUnread(ports, standing)));
  await postFrame(ports, connection, pongFrame(ports.clock.nowMs(), heads, unread, replyTo), goOn);
}

async function resume(
  ports: ObeyPorts,
  connection: KnownConnection,
  positions: readonly TopicPosition[],
  replyTo: string | undefined,
  goOn: GoOn,
): Promise<void> {
  // Of two positions in one topic the last one counts.
  const from = new Map(positions.map(({ topic, ...place }) => [ownTopic(connection.topics, topic), place]));
  const standings = await standingCursors(ports, connection.tenant, connection.user, [...from.keys()]);
  const lacking = standings.map((standing) => {
    const { topic } = standing.cursor;
    return { standing, from: { topic, ...(from.get(topic) ?? standing.head) } };
  });
  await sendMissed(ports, connection, lacking, goOn, replyTo);
}
