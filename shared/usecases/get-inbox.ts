// The inbox over HTTP, for clients that cannot have a socket: the same entries from the same cursor, one page at a time.
import type { Identity } from '../domain/connection.ts';
import type { TopicPosition } from '../domain/log.ts';
import { topicsOf } from '../domain/topic.ts';
import type { Unread } from '../domain/unread.ts';
import type { TopicPosition as ClaimedPosition } from '../protocol/client-frames.ts';
import { readInboxMark } from '../protocol/inbox-mark.ts';
import type { InboxQuery } from '../protocol/http-bodies.ts';
import { requestLimits } from '../protocol/limits.ts';
import type { WireFrame } from '../protocol/server-frames.ts';
import { countUnread } from './count-unread.ts';
import { missedFrames } from './missed-frames.ts';
import { parseLimit } from './page-limit.ts';
import type { Standing, StandingPorts } from './standing-cursors.ts';
import { standingCursors } from './standing-cursors.ts';

export interface Inbox {
  /** What a socket would have got: `notification`, `skipped` and `reset`, in order within each topic. */
  readonly frames: readonly WireFrame[];
  /** Where whoever took these frames stands in each topic. */
  readonly positions: readonly TopicPosition[];
  /** Whether there was nothing more at the time of asking. */
  readonly complete: boolean;
  readonly topics: readonly InboxTopic[];
}

/** What is unread of a topic, and which entries are read. */
export interface InboxTopic extends Unread {
  readonly readSeq: number;
  readonly readBeyond: readonly { readonly fromSeq: number; readonly toSeq: number }[];
}

export async function getInbox(
  ports: StandingPorts,
  { tenant, user, roles }: Pick<Identity, 'tenant' | 'user' | 'roles'>,
  query: InboxQuery,
): Promise<Inbox> {
  const limit = parseLimit(query.limit, requestLimits.inboxPageDefault, requestLimits.inboxPageMax);
  const claimed = query.after === undefined ? [] : readInboxMark(query.after);
  const standings = await standingCursors(ports, tenant, user, topicsOf({ user, roles }));
  const frames: WireFrame[] = [];
  const positions: TopicPosition[] = [];
  let complete = true;
  let bytes = 0;
  for (const standing of standings) {
    let position = beginning(standing, claimed, query.from === 'start');
    for await (const missed of missedFrames(ports, standing, position)) {
      if (frames.length === limit || bytes > requestLimits.inboxBytesMax) {
        complete = false;
        break;
      }
      frames.push(missed.frame);
      bytes += JSON.stringify(missed.frame).length;
      position = missed.position;
    }
    positions.push(position);
  }
  return { frames, positions, complete, topics: await Promise.all(standings.map(async (one) => topicOf(ports, one))) };
}

/** A mark may be older than one of the user's topics, and a topic may be taken away: only the user's own ones count. */
function beginning({ cursor, head }: Standing, claimed: readonly ClaimedPosition[], fromStart: boolean): TopicPosition {
  const { topic, epoch, joinedSeq, deliveredSeq } = cursor;
  const mark = claimed.find((position) => position.topic === topic);
  if (mark !== undefined) return { topic, epoch: mark.epoch, seq: mark.seq };
  return { topic, epoch, seq: fromStart ? joinedSeq : Math.min(deliveredSeq, head.seq) };
}

async function topicOf(ports: StandingPorts, standing: Standing): Promise<InboxTopic> {
  const { readSeq, readBeyond } = standing.cursor;
  return { ...(await countUnread(ports, standing)), readSeq, readBeyond };
}
