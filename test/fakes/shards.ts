// Names of a topic's shards, as the fakes use them for keys.
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, shardCount, shardOf } from '../../shared/domain/topic.ts';

/** All topics that are spread over shards have as many, so a user is in the same one of each. */
const wideShards = new Map<string, number>();

/** `shardOf`, which a simulation asks for the same users again and again. */
export function cachedShardOf(topic: Topic, user: string): number {
  if (shardCount(topic) === 1) return 0;
  const shard = wideShards.get(user) ?? shardOf(everyone, user);
  wideShards.set(user, shard);
  return shard;
}

/** With the tenant's length, so that no two pairs of tenant and topic share a name. */
export function topicName(tenant: string, topic: Topic): string {
  return `${String(tenant.length)} ${tenant} ${topic}`;
}

export function shardName(tenant: string, topic: Topic, shard: number): string {
  return `${String(shard)} ${topicName(tenant, topic)}`;
}

/** The value under this key; the one that `make` makes, kept from now on, when there is none. */
export function getOrMake<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const standing = map.get(key);
  if (standing !== undefined) return standing;
  const made = make();
  map.set(key, made);
  return made;
}
