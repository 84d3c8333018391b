// Broadcasts: how an audience is paged, and when an ephemeral one is too late.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BroadcastCommand } from '../../shared/domain/broadcast.ts';
import {
  acceptBroadcast,
  audienceSize,
  isTooLate,
  notificationOf,
  userPageCount,
  usersOfPage,
} from '../../shared/domain/broadcast.ts';

const command: BroadcastCommand = {
  event: 'task:new',
  data: { taskData: { id: 1 } },
  audience: { kind: 'users', users: ['a'] },
  durability: 'durable',
};
const dayMs = 86_400_000;

describe('a broadcast', () => {
  it('is kept for thirty days from when it was accepted', () => {
    expect(acceptBroadcast('B1', 'default', command, 1_000)).toMatchObject({ expiresAtMs: 1_000 + 30 * dayMs });
  });

  it('arrives as one notification, the same for all', () => {
    const broadcast = acceptBroadcast('B1', 'default', { ...command, metadata: { source: 'crm' } }, 1_000);
    expect(notificationOf(broadcast)).toEqual({
      id: 'B1',
      event: 'task:new',
      data: { taskData: { id: 1 } },
      metadata: { source: 'crm' },
      createdAtMs: 1_000,
      expiresAtMs: 1_000 + 30 * dayMs,
    });
  });

  it('has pages that hold every user exactly once', () => {
    fc.assert(
      fc.property(fc.nat(450), (size) => {
        const users = Array.from({ length: size }, (_, index) => String(index));
        const pages = Array.from({ length: userPageCount({ users }) }, (_, page) => usersOfPage({ users }, page));
        expect(pages.flat()).toEqual(users);
        expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(100);
      }),
    );
  });

  it('knows its size only when users are named', () => {
    expect(audienceSize({ kind: 'users', users: ['a', 'b'] })).toBe(2);
    expect(audienceSize({ kind: 'everyone' })).toBeNull();
  });

  it('is too late only when it is ephemeral and older than five seconds', () => {
    const ephemeral = acceptBroadcast('B1', 'default', { ...command, durability: 'ephemeral' }, 0);
    expect([5_000, 5_001].map((nowMs) => isTooLate(ephemeral, nowMs))).toEqual([false, true]);
    expect(isTooLate(acceptBroadcast('B1', 'default', command, 0), dayMs)).toBe(false);
  });
});
