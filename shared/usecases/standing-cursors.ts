// Where a user stands in topics: the cursors, made for newcomers and brought to the epoch of their logs.
import type { Cursor } from '../domain/cursor.ts';
import { newCursor, rebased } from '../domain/cursor.ts';
import type { LogHead } from '../domain/log.ts';
import type { Topic } from '../domain/topic.ts';
import { isWide } from '../domain/topic.ts';
import type { Clock, CursorStore, LogStore } from '../ports.ts';

export interface StandingPorts {
  readonly cursors: CursorStore;
  readonly logs: LogStore;
  readonly clock: Clock;
  /** How much of a wide topic's past a newcomer gets, in ms; 0 for nothing. */
  readonly lookBackMs: number;
}

/** A user's place in one topic, and where the topic ends. Both have the same epoch. */
export interface Standing {
  readonly cursor: Cursor;
  readonly head: LogHead;
}

/** One for each topic, in their order. Whoever was no member of a topic is one afterwards. */
export async function standingCursors(
  ports: StandingPorts,
  tenant: string,
  user: string,
  topics: readonly Topic[],
): Promise<readonly Standing[]> {
  const [cursors, ...heads] = await Promise.all([
    ports.cursors.get(
      tenant,
      topics.map((topic) => ({ topic, user })),
    ),
    ...topics.map(async (topic) => ports.logs.head(tenant, topic)),
  ]);
  return Promise.all(
    topics.map(async (topic, index) => {
      const head = heads[index] ?? (await ports.logs.head(tenant, topic));
      const cursor = cursors[index] ?? (await joinTopic(ports, tenant, user, topic));
      return inEpochOf(ports, cursor, head);
    }),
  );
}

/** Makes the user a member of each of the topics that they do not follow yet. */
export async function joinTopics(
  ports: StandingPorts,
  tenant: string,
  user: string,
  topics: readonly Topic[],
): Promise<void> {
  const standing = await ports.cursors.get(
    tenant,
    topics.map((topic) => ({ topic, user })),
  );
  const missing = topics.filter((_, index) => standing[index] === null);
  await Promise.all(missing.map(async (topic) => joinTopic(ports, tenant, user, topic)));
}

/**
 * A newcomer gets everything in the log of the user's own topic, and of a wide topic what comes from now on, or what came
 * within the configured look-back. The place is taken before any subscription is made, so that what is published in
 * between is found in the log.
 */
async function joinTopic(ports: StandingPorts, tenant: string, user: string, topic: Topic): Promise<Cursor> {
  // Any place at or before the end will do: at worst a newcomer gets what was published a moment before.
  const head = await ports.logs.head(tenant, topic, 0);
  const seq = isWide(topic) ? await beginningFor(ports, tenant, topic, head) : 0;
  return ports.cursors.join(newCursor(tenant, user, { topic, epoch: head.epoch, seq }));
}

async function beginningFor(ports: StandingPorts, tenant: string, topic: Topic, head: LogHead): Promise<number> {
  if (ports.lookBackMs === 0) return head.seq;
  return ports.logs.lastSeqBefore(tenant, topic, ports.clock.nowMs() - ports.lookBackMs);
}

async function inEpochOf(ports: StandingPorts, cursor: Cursor, head: LogHead): Promise<Standing> {
  if (cursor.epoch === head.epoch) return { cursor, head };
  // The cursor may be the newer of the two, brought there by another device: a head that is read after it is not older.
  const latest = await ports.logs.head(cursor.tenant, cursor.topic);
  if (cursor.epoch === latest.epoch) return { cursor, head: latest };
  const standing = await ports.cursors.rebase(rebased(cursor, latest), cursor);
  // When it is none of ours, a client has moved it meanwhile, or another epoch has begun.
  return inEpochOf(ports, standing, latest);
}
