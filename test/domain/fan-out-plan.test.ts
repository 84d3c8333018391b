// The fan-out plan: pages, receipts, and when "gone" means closed.
import { describe, expect, it } from 'vitest';
import type { BroadcastCommand } from '../../shared/domain/broadcast.ts';
import { acceptBroadcast } from '../../shared/domain/broadcast.ts';
import type { TellResult } from '../../shared/domain/fan-out-plan.ts';
import { firstPages, goneMeansClosed, isSettled, receiptOf } from '../../shared/domain/fan-out-plan.ts';

const command: BroadcastCommand = {
  event: 'e',
  data: {},
  audience: { kind: 'topic', topic: 'role:technician' },
  durability: 'durable',
};
const position = { epoch: 'e1', seq: 3 };

describe('the pages of a broadcast', () => {
  it('one for each hundred named users', () => {
    const users = Array.from({ length: 201 }, (_, index) => String(index));
    const broadcast = acceptBroadcast('B1', 't', { ...command, audience: { kind: 'users', users } }, 0);
    expect(firstPages(broadcast)).toEqual([0, 1, 2].map((number) => ({ kind: 'users', number })));
  });

  it('one for each shard of a wide topic', () => {
    const pages = firstPages(acceptBroadcast('B1', 't', command, 0));
    expect(pages).toHaveLength(16);
    expect(pages[15]).toEqual({ kind: 'shard', shard: 15, after: null, number: 0 });
  });

  it('one for a room, which is kept in one place', () => {
    const pages = firstPages(
      acceptBroadcast('B1', 't', { ...command, audience: { kind: 'topic', topic: 'room:7' } }, 0),
    );
    expect(pages).toEqual([{ kind: 'shard', shard: 0, after: null, number: 0 }]);
  });
});

describe('a receipt', () => {
  const table: readonly (readonly [
    readonly TellResult[],
    typeof position | null,
    string,
    string | undefined,
    boolean,
  ])[] = [
    [[], position, 'queued', 'not_connected', false],
    [['gone'], position, 'queued', 'not_connected', false],
    [['slow', 'gone'], position, 'queued', 'connection_slow', false],
    [['slow', 'posted'], position, 'sent', undefined, true],
    [['too_large', 'posted'], position, 'sent', undefined, true],
    [['too_large'], position, 'failed', 'too_large', true],
    [[], null, 'failed', 'not_connected', true],
    [['slow'], null, 'failed', 'connection_slow', true],
    [['posted'], null, 'sent', undefined, true],
    [['not_selected'], position, 'suppressed', 'not_selected', true],
    [['not_selected', 'not_selected'], null, 'suppressed', 'not_selected', true],
    [['not_selected', 'gone'], position, 'suppressed', 'not_selected', true],
    [['not_selected', 'posted'], position, 'sent', undefined, true],
    [['not_selected', 'too_large'], position, 'failed', 'too_large', true],
    [['not_selected', 'slow'], position, 'queued', 'connection_slow', false],
    [['not_selected', 'not_yet'], position, 'queued', 'not_connected', false],
    [['not_yet'], position, 'queued', 'not_connected', false],
    [['not_yet'], null, 'failed', 'not_connected', true],
    [['not_yet', 'slow'], position, 'queued', 'connection_slow', false],
    [['not_yet', 'posted'], position, 'sent', undefined, true],
  ];
  it.each(table)('of posts %j at %j is %s (%s), settled: %s', (posts, place, outcome, reason, settled) => {
    const receipt = receiptOf('a', place, posts, 7);
    const why = reason === undefined ? {} : { reason };
    expect(receipt).toEqual({ user: 'a', position: place, outcome, atMs: 7, ...why });
    expect(isSettled(receipt)).toBe(settled);
  });

  it.each(['expired', 'suppressed'] as const)('that says %s needs no further post', (outcome) => {
    expect(isSettled({ user: 'a', position: null, outcome, atMs: 7 })).toBe(true);
  });
});

it('"gone" from a connection younger than half a minute may only mean that it is still opening', () => {
  const subscriber = { connectionId: 'c', user: 'a', connectedAtMs: 1_000, expiresAtMs: 9e9 };
  expect(goneMeansClosed(subscriber, 31_000)).toBe(false);
  expect(goneMeansClosed(subscriber, 31_001)).toBe(true);
});
