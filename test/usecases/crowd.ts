// A crowd: many connections, each of another user, that all are in one shard of everyone.
import { everyone, shardOf } from '../../shared/domain/topic.ts';
import type { World } from './world.ts';
import { openQuietly } from './world.ts';

/** The shard of the crowd that has no other name. */
export const crowdShard = shardOf(everyone, 'crowd-0');

/** Opens so many connections; returns their ids, `crowd-00000` and on, in order. */
export async function crowd(world: World, count: number, prefix = 'crowd'): Promise<readonly string[]> {
  const shard = shardOf(everyone, `${prefix}-0`);
  const connectionIds: string[] = [];
  for (let number = 0; connectionIds.length < count; number += 1) {
    const user = `${prefix}-${String(number)}`;
    if (shardOf(everyone, user) !== shard) continue;
    const connectionId = `${prefix}-${String(connectionIds.length).padStart(5, '0')}`;
    connectionIds.push((await openQuietly(world, { user, connectionId })).connectionId);
  }
  return connectionIds;
}

/** How often these connections were posted to: one number when it was the same for all. */
export function postsTo(world: World, connectionIds: readonly string[]): ReadonlySet<number> {
  const counts = new Map(connectionIds.map((connectionId) => [connectionId, 0]));
  for (const { connectionId } of world.gateway.posts) counts.set(connectionId, (counts.get(connectionId) ?? 0) + 1);
  return new Set(counts.values());
}

/** A connection that has not expired, and whose it is. */
export interface LiveOne {
  readonly user: string;
  readonly connectionId: string;
}

/**
 * Fills one shard of everyone with so many connections, of which only those at these places have not expired: pages are
 * full, and cost next to nothing.
 */
export async function sparseCrowd(
  world: World,
  count: number,
  livePlaces: readonly number[],
): Promise<readonly LiveOne[]> {
  const live: LiveOne[] = [];
  const expiresAtMs = world.clock.nowMs();
  for (const [place, user] of usersOfCrowdShard(count).entries()) {
    const connectionId = `crowd-${String(place).padStart(5, '0')}`;
    const isLive = livePlaces.includes(place);
    await openQuietly(world, { user, connectionId, ...(isLive ? {} : { expiresAtMs }) });
    if (isLive) live.push({ user, connectionId });
  }
  return live;
}

const found: string[] = [];
let tried = 0;

/** So many users of the shard of the crowd, other ones than the crowd’s; found once for all tests of a file. */
export function usersOfCrowdShard(count: number): readonly string[] {
  for (; found.length < count; tried += 1) {
    const user = `other-${String(tried)}`;
    if (shardOf(everyone, user) === crowdShard) found.push(user);
  }
  return found.slice(0, count);
}
