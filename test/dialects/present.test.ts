// Who is there: pages of users, times, and the rooms of several connections together.
import { describe, expect, it } from 'vitest';
import type { PresentUser } from '../../shared/dialects/present.ts';
import { connectedSince, connectionCount, pageOfPresent, roomsOf } from '../../shared/dialects/present.ts';
import { presenceLimits } from '../../shared/protocol/limits.ts';
import { aConnection } from '../builders/connection.ts';

const { listedMax } = presenceLimits;

function aCrowd(size: number): readonly PresentUser[] {
  const connections = [aConnection()];
  return Array.from({ length: size }, (_, index) => ({ user: String(index).padStart(6, '0'), connections }));
}

describe('a page of users', () => {
  it.each([0, 1, listedMax - 1, listedMax, listedMax + 1, 2 * listedMax, 2 * listedMax + 1])(
    'is followed by others until all %i are listed, each once and in order',
    (size) => {
      const crowd = aCrowd(size);
      const listed: PresentUser[] = [];
      let after: string | undefined;
      let pages = 0;
      do {
        const page = pageOfPresent(crowd, after);
        expect(page.users.length).toBeLessThanOrEqual(listedMax);
        listed.push(...page.users);
        after = page.next ?? undefined;
        pages += 1;
      } while (after !== undefined);
      expect(listed).toEqual(crowd);
      expect(pages).toBe(Math.max(1, Math.ceil(size / listedMax)));
    },
  );

  it('goes on after somebody who has left meanwhile', () => {
    const crowd = aCrowd(3);
    expect(pageOfPresent(crowd, '000000x')).toEqual({ users: crowd.slice(1), next: null });
    expect(pageOfPresent(crowd, 'x')).toEqual({ users: [], next: null });
  });
});

it('connections are counted over all users, and somebody is there since the oldest one', () => {
  const [early, late] = [aConnection({ connectedAtMs: 1_000 }), aConnection({ connectedAtMs: 2_000 })];
  expect(connectionCount([])).toBe(0);
  const present = [
    { user: 'a', connections: [late, early] },
    { user: 'b', connections: [late] },
  ];
  expect(connectionCount(present)).toBe(3);
  expect(connectedSince([late, early])).toBe('1970-01-01T00:00:01.000Z');
});

describe('the rooms of somebody', () => {
  const tablet = aConnection({ user: '7', roles: ['admin', 'technician'] });

  it('who is not there are none', () => {
    expect(roomsOf([])).toEqual([]);
  });

  it('are those from the start, the room of admins under both its names', () => {
    expect(roomsOf([tablet])).toEqual(['user_7', 'role_admin', 'role_technician', 'admin_room']);
  });

  it('and those that any connection has joined, each once', () => {
    const joined = { ...tablet, topics: [...tablet.topics, 'room:work_order_1', 'room:ticket_2'] as const };
    const phone = aConnection({ user: '7', roles: ['technician'], topics: ['user:7', 'all', 'room:work_order_1'] });
    expect(roomsOf([phone, joined])).toEqual([
      'user_7',
      'role_technician',
      'role_admin',
      'admin_room',
      'work_order_1',
      'ticket_2',
    ]);
  });
});
