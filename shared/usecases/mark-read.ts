// A person has read notifications: marked on the user's cursor, and told to all devices of the user at once.
import { runBounded } from '../domain/concurrency.ts';
import type { Cursor } from '../domain/cursor.ts';
import { unreadFrame } from '../domain/frames.ts';
import type { Topic } from '../domain/topic.ts';
import type { Unread } from '../domain/unread.ts';
import { Failure } from '../protocol/failures.ts';
import { fanOutLimits } from '../protocol/limits.ts';
import type { Person } from './acknowledge.ts';
import { mustExist } from './acknowledge.ts';
import { countUnread } from './count-unread.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { PostFramePorts } from './post-frame.ts';
import { postFrame } from './post-frame.ts';
import type { StandingPorts } from './standing-cursors.ts';
import { standingCursors } from './standing-cursors.ts';
import type { SubscribersOfPorts } from './subscribers-of.ts';
import { subscribersOf } from './subscribers-of.ts';

export interface MarkReadPorts extends StandingPorts, PostFramePorts, SubscribersOfPorts {}

export interface ReadRequest {
  readonly topic: Topic;
  readonly epoch: string;
  readonly upToSeq: number;
  readonly seqs: readonly number[];
}

/** Who asked, if it was a connection: its answer carries the id of its frame. */
export interface Asker {
  readonly connectionId: string;
  readonly replyTo: string | undefined;
}

/** Returns what is unread in the topic now. */
export async function markRead(
  ports: MarkReadPorts,
  person: Person,
  read: ReadRequest,
  asker: Asker | null,
  goOn: GoOn,
): Promise<Unread> {
  const { topic, epoch, upToSeq, seqs } = read;
  if (upToSeq === 0 && seqs.length === 0) {
    throw new Failure('missing_field', {
      message: 'the frame names nothing that was read',
      field: 'upToSeq',
      remedy: 'Send upToSeq, or seqs with at least one number.',
    });
  }
  const furthest = Math.max(upToSeq, ...seqs);
  const field = furthest === upToSeq ? 'upToSeq' : 'seqs';
  await mustExist(ports, person.tenant, { topic, epoch, seq: furthest }, field);
  const cursor = await mark(ports, person, read);
  const unread = await countUnread(ports, { cursor, head: await ports.logs.head(person.tenant, topic) });
  await tellDevices(ports, person, unread, cursor, asker, goOn);
  return unread;
}

async function mark(ports: MarkReadPorts, { tenant, user }: Person, read: ReadRequest): Promise<Cursor> {
  const { topic, epoch, upToSeq, seqs } = read;
  const set = async (): Promise<Cursor | null> =>
    ports.cursors.markRead(tenant, { topic, user }, epoch, { upToSeq, seqs, atMs: ports.clock.nowMs() });
  const marked = await set();
  if (marked !== null) return marked;
  // The log is in this epoch, so it is the cursor that has not come there yet.
  const [standing] = await standingCursors(ports, tenant, user, [topic]);
  const cursor = (await set()) ?? standing?.cursor;
  if (cursor === undefined) throw new Error('a topic has no standing');
  return cursor;
}

/** A device that does not hear of it learns it from its next `pong`. */
async function tellDevices(
  ports: MarkReadPorts,
  { tenant, user }: Person,
  unread: Unread,
  cursor: Cursor,
  asker: Asker | null,
  goOn: GoOn,
): Promise<void> {
  const devices = await subscribersOf(ports, tenant, user);
  await runBounded(
    devices,
    fanOutLimits.postsAtOnce,
    async (device) => {
      const replyTo = device.connectionId === asker?.connectionId ? asker.replyTo : undefined;
      return postFrame(ports, device, unreadFrame(unread, cursor, replyTo), goOn);
    },
    goOn,
  );
}
