// Topics: shards are stable, within bounds, and reasonably even.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyone, isWide, shardCount, shardOf, topicsOf, userTopic } from '../../shared/domain/topic.ts';

describe('topics', () => {
  it('a user follows the own topic and that of everyone', () => {
    expect(topicsOf({ user: 'contractor1', roles: [] })).toEqual(['user:contractor1', 'all']);
  });

  it('a user follows the topic of each role, once', () => {
    const topics = topicsOf({ user: 'a', roles: ['technician', 'admin', 'technician', 'all'] });
    expect(topics).toEqual(['user:a', 'all', 'role:technician', 'role:admin', 'role:all']);
  });

  it.each([
    [everyone, true, 16],
    ['presence', true, 16],
    ['role:technician', true, 16],
    ['room:user:7', true, 1],
    [userTopic('all'), false, 1],
    [userTopic('role:technician'), false, 1],
    [userTopic('room:7'), false, 1],
  ] as const)('%s is wide: %s, and has %i shards', (topic, wide, shards) => {
    expect(isWide(topic)).toBe(wide);
    expect(shardCount(topic)).toBe(shards);
  });

  it("a user's shard never changes: stored rows depend on it", () => {
    expect(['contractor1', 'contractor2', 'ß', ''].map((user) => shardOf(everyone, user))).toEqual([9, 0, 7, 5]);
  });

  it('every user has a shard within the topic', () => {
    fc.assert(
      fc.property(fc.string(), (user) => {
        expect(shardOf(userTopic(user), user)).toBe(0);
        expect(shardOf(everyone, user)).toBeLessThan(shardCount(everyone));
        expect(shardOf(everyone, user)).toBeGreaterThanOrEqual(0);
        expect(shardOf('role:technician', user)).toBe(shardOf(everyone, user));
        expect(shardOf('presence', user)).toBe(shardOf(everyone, user));
        expect(shardOf('room:7', user)).toBe(0);
      }),
    );
  });

  it('numbered users spread over all shards', () => {
    const counts = new Map<number, number>();
    for (let number = 0; number < 1_600; number += 1) {
      const shard = shardOf(everyone, `user-${String(number)}`);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(shardCount(everyone));
    expect(Math.max(...counts.values())).toBeLessThan(200);
  });
});
