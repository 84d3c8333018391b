// Topics: everything that can be addressed, and how a topic's subscriptions and cursors are spread over shards.
import { fanOutLimits } from '../protocol/limits.ts';

/** A topic that many users may follow: stored once, however many there are. */
export type WideTopic = 'all' | 'presence' | `role:${string}` | `room:${string}`;

export type Topic = `user:${string}` | WideTopic;

/** The topic that every user of a tenant follows. */
export const everyone = 'all' satisfies WideTopic;

export function userTopic(user: string): Topic {
  return `user:${user}`;
}

/** The topics that a user follows from the first connection on. */
export function topicsOf({
  user,
  roles,
}: {
  readonly user: string;
  readonly roles: readonly string[];
}): readonly Topic[] {
  return [userTopic(user), everyone, ...[...new Set(roles)].map((role): Topic => `role:${role}`)];
}

/** A wide topic has many followers: it is stored once and its followers are spread over shards. */
export function isWide(topic: Topic): topic is WideTopic {
  return !topic.startsWith('user:');
}

/** A room is for the people around one matter, so it is kept in one place: telling it is one query. */
export function shardCount(topic: Topic): number {
  return isWide(topic) && !topic.startsWith('room:') ? fanOutLimits.wideTopicShards : 1;
}

/**
 * The shard of a user's subscriptions and cursors in a topic. Both use the same one, so that one shard of a wide
 * broadcast can be reported without reading the others. FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function shardOf(topic: Topic, user: string): number {
  const shards = shardCount(topic);
  if (shards === 1) return 0;
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(user)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % shards;
}
