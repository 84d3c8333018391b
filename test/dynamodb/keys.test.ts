// Keys: no two things share one, and the longest names fit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  idempotencyKey,
  keyOf,
  outboxShardOf,
  outboxShards,
  pageSortKey,
  presenceKey,
  shardKey,
  shardPagesPrefix,
  typingKey,
} from '../../shared/dynamodb/keys.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { nameLimits, requestLimits } from '../../shared/protocol/limits.ts';
import { randomIds } from '../../shared/system/ids.ts';

/** Parts that are rich in what could be mistaken for a separator or an escape. */
const part = fc.string({ unit: fc.constantFrom('|', '%', '7', 'C', '#', ':', 'a', 'é', '汉', '\0'), maxLength: 6 });
const parts = fc.array(part, { minLength: 1, maxLength: 4 });

describe('keys', () => {
  it('are different for different parts', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(keyOf(...one) === keyOf(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it('give their parts back', () => {
    fc.assert(
      fc.property(parts, (given) => {
        expect(
          keyOf(...given)
            .split('|')
            .map(decodeURIComponent),
        ).toEqual(given);
      }),
    );
  });

  it.each(['汉', '\u{1F6CE}', '|', 'a'])('of the longest names fit into DynamoDB, all of %j', (character) => {
    const tenant = character.repeat(nameLimits.tenantCharactersMax / character.length);
    const user = character.repeat(nameLimits.userCharactersMax / character.length);
    expect(Buffer.byteLength(shardKey(tenant, userTopic(user), 15))).toBeLessThanOrEqual(2_048);
    const room = character.repeat(nameLimits.topicNameCharactersMax / character.length);
    expect(Buffer.byteLength(presenceKey(tenant, user))).toBeLessThanOrEqual(2_048);
    expect(Buffer.byteLength(typingKey(tenant, room, user))).toBeLessThanOrEqual(2_048);
    // A user alone is a sort key, and needs no encoding there.
    expect(Buffer.byteLength(user)).toBeLessThanOrEqual(1_024);
  });

  it('of the longest idempotency keys that HTTP headers can carry fit too', () => {
    const key = '|'.repeat(requestLimits.idempotencyKeyCharactersMax);
    expect(Buffer.byteLength(idempotencyKey('汉'.repeat(nameLimits.tenantCharactersMax), key))).toBeLessThanOrEqual(
      2_048,
    );
  });

  it('of pages begin with those of their shard, in the order of pages', () => {
    const keys = [0, 9, 10, 100].map((number) => pageSortKey({ kind: 'shard', shard: 3, after: null, number }));
    expect([...keys].sort()).toEqual(keys);
    for (const key of keys) expect(key.startsWith(shardPagesPrefix(3))).toBe(true);
  });

  it('of the outbox are all in use, and no others', () => {
    const ids = randomIds();
    const used = new Set(Array.from({ length: 500 }, () => outboxShardOf(ids.broadcastId(0))));
    expect([...used].sort()).toEqual([...outboxShards].sort());
  });
});
