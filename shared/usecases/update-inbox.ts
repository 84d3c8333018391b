// A client without a socket acknowledges what it has shown, and marks what was read.
import type { Identity } from '../domain/connection.ts';
import type { TopicPosition } from '../domain/log.ts';
import type { Topic } from '../domain/topic.ts';
import { topicsOf } from '../domain/topic.ts';
import type { Unread } from '../domain/unread.ts';
import { Failure } from '../protocol/failures.ts';
import type { InboxChange } from '../protocol/http-bodies.ts';
import { acknowledge } from './acknowledge.ts';
import { countUnread } from './count-unread.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { MarkReadPorts, ReadRequest } from './mark-read.ts';
import { markRead } from './mark-read.ts';
import { ownTopic } from './own-topic.ts';
import { standingCursors } from './standing-cursors.ts';

/** Returns what is unread in every topic afterwards. The user's sockets are told too. */
export async function updateInbox(
  ports: MarkReadPorts,
  { tenant, user, roles }: Pick<Identity, 'tenant' | 'user' | 'roles'>,
  change: InboxChange,
  goOn: GoOn,
): Promise<readonly Unread[]> {
  const topics = topicsOf({ user, roles });
  const person = { tenant, user };
  if (change.acknowledge === undefined && change.read === undefined && change.readAll === undefined) {
    throw new Failure('missing_field', {
      message: 'the body changes nothing',
      field: 'body',
      remedy: 'Send acknowledge, read, or readAll: true.',
    });
  }
  for (const [index, position] of (change.acknowledge ?? []).entries()) {
    await within(`acknowledge[${String(index)}]`, async () => acknowledge(ports, person, own(topics, position)));
  }
  for (const [index, read] of (change.read ?? []).entries()) {
    await within(`read[${String(index)}]`, async () => markRead(ports, person, requestOf(topics, read), null, goOn));
  }
  for (const read of await allOf(ports, person, topics, change)) await markRead(ports, person, read, null, goOn);
  const standings = await standingCursors(ports, tenant, user, topics);
  return Promise.all(standings.map(async (standing) => countUnread(ports, standing)));
}

/** A refusal names its place in the body. What came before that place is done, and harmless to repeat. */
async function within(place: string, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Failure) || error.detail.field === undefined) throw error;
    throw new Failure(error.code, { ...error.detail, field: `${place}.${error.detail.field}` });
  }
}

function own(topics: readonly Topic[], { topic, epoch, seq }: Positioned): TopicPosition {
  return { topic: ownTopic(topics, topic), epoch, seq };
}

type Positioned = NonNullable<InboxChange['acknowledge']>[number];

function requestOf(topics: readonly Topic[], read: NonNullable<InboxChange['read']>[number]): ReadRequest {
  return {
    topic: ownTopic(topics, read.topic),
    epoch: read.epoch,
    upToSeq: read.upToSeq ?? 0,
    seqs: read.seqs ?? [],
  };
}

async function allOf(
  ports: MarkReadPorts,
  { tenant, user }: { readonly tenant: string; readonly user: string },
  topics: readonly Topic[],
  change: InboxChange,
): Promise<readonly ReadRequest[]> {
  if (change.readAll === undefined) return [];
  const standings = await standingCursors(ports, tenant, user, topics);
  return standings
    .filter(({ cursor, head }) => cursor.readSeq < head.seq)
    .map(({ cursor: { topic }, head: { epoch, seq } }) => ({ topic, epoch, upToSeq: seq, seqs: [] }));
}
