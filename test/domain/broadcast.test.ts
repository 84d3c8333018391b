// Broadcasts: how an audience is paged, and when it is too late to send one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BroadcastCommand } from '../../shared/domain/broadcast.ts';
import {
  acceptBroadcast,
  audienceOfRoom,
  audienceSize,
  notificationOf,
  userPageCount,
  usersOfPage,
  whyTooLate,
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

  it('is kept until its own expiry when it has one', () => {
    const broadcast = acceptBroadcast('B1', 'default', { ...command, expiresAtMs: 9_000 }, 1_000);
    expect(broadcast).toEqual({ ...command, id: 'B1', tenant: 'default', acceptedAtMs: 1_000, expiresAtMs: 9_000 });
    expect(notificationOf(broadcast).expiresAtMs).toBe(9_000);
  });

  it('tells with the notification whom it is not for', () => {
    const broadcast = acceptBroadcast('B1', 'default', { ...command, except: ['b'] }, 1_000);
    expect(notificationOf(broadcast)).toMatchObject({ except: ['b'] });
    expect(notificationOf(acceptBroadcast('B1', 'default', command, 1_000))).not.toHaveProperty('except');
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
    expect(audienceSize({ kind: 'topic', topic: 'role:technician' })).toBeNull();
  });

  it.each([
    ['durable', 5_001, null],
    ['durable', 8_999, null],
    ['durable', 9_000, 'expired'],
    ['ephemeral', 5_000, null],
    ['ephemeral', 5_001, 'too_late'],
    ['ephemeral', 9_000, 'expired'],
  ] as const)('a %s one that expires after nine seconds, after %i ms: %s', (durability, nowMs, why) => {
    const broadcast = acceptBroadcast('B1', 'default', { ...command, durability, expiresAtMs: 9_000 }, 0);
    expect(whyTooLate(broadcast, nowMs)).toBe(why);
  });

  it('without an expiry of its own is in time for thirty days', () => {
    const broadcast = acceptBroadcast('B1', 'default', command, 0);
    expect([30 * dayMs - 1, 30 * dayMs].map((nowMs) => whyTooLate(broadcast, nowMs))).toEqual([null, 'expired']);
  });
});

describe('everybody in a room', () => {
  it.each([
    ['work_order_7', { kind: 'topic', topic: 'room:work_order_7' }],
    ['role_admin', { kind: 'topic', topic: 'role:admin' }],
    ['admin_room', { kind: 'topic', topic: 'role:admin' }],
    ['user_42', { kind: 'users', users: ['42'] }],
    ['user_user:42', { kind: 'users', users: ['user:42'] }],
    ['user_', { kind: 'topic', topic: 'room:user_' }],
    ['all', { kind: 'topic', topic: 'room:all' }],
  ])('%s: %j', (room, audience) => {
    expect(audienceOfRoom(room)).toEqual(audience);
  });

  it('is never everybody of the tenant, nor whoever looks who is there, whatever the room is called', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('all', 'presence', 'user:a', 'role:admin', 'room:'));
    fc.assert(
      fc.property(name, (room) => {
        const audience = audienceOfRoom(room);
        if (audience.kind === 'topic') expect(audience.topic).toMatch(/^(role|room):/);
        else expect(audience.users).toEqual([room.slice('user_'.length)]);
      }),
    );
  });
});
