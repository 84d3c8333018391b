// What the repair shop's HTTP API answers, and that each answer is as its schema says.
import { describe, expect, it } from 'vitest';
import {
  assignmentAnswer,
  healthAnswer,
  roomsAnswer,
  shopMessageAnswer,
  statsAnswer,
  userOf,
} from '../../shared/dialects/repair-shop.ts';
import { nameLimits } from '../../shared/protocol/limits.ts';
import {
  assignWorkOrderAnswer,
  shopHealthAnswer,
  shopSendAnswer,
  shopStatsAnswer,
  userRoomsAnswer,
} from '../../shared/protocol/repair-shop-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { aConnection } from '../builders/connection.ts';

const nowMs = Date.UTC(2026, 10, 21, 8, 30);

describe('the answers of the repair shop', () => {
  it('202 says what is accepted and where to look, not that it has arrived', () => {
    const answer = shopMessageAnswer('B1', 'Test message accepted for user 1');
    expect(answer).toEqual({
      success: true,
      message: 'Test message accepted for user 1',
      broadcastId: 'B1',
      state: 'accepted',
      links: { deliveries: '/api/broadcasts/B1/deliveries' },
    });
    expect(validate(shopSendAnswer, answer, 'answer')).toEqual(answer);
  });

  it('202 of an assignment names both broadcasts', () => {
    const answer = assignmentAnswer('B1', 'B2', 'Assignment accepted for work order 7');
    expect(answer).toEqual({
      success: true,
      message: 'Assignment accepted for work order 7',
      broadcastId: 'B1',
      broadcastIds: { technicians: 'B1', room: 'B2' },
      state: 'accepted',
      links: { deliveries: '/api/broadcasts/B1/deliveries', roomDeliveries: '/api/broadcasts/B2/deliveries' },
    });
    expect(validate(assignWorkOrderAnswer, answer, 'answer')).toEqual(answer);
  });

  it('the statistics count people and connections, and list who is there', () => {
    const [early, late] = [
      aConnection({ connectedAtMs: nowMs - 2_000 }),
      aConnection({ connectedAtMs: nowMs - 1_000 }),
    ];
    const present = [
      { user: '1', connections: [late, early] },
      { user: '2', connections: [late] },
    ];
    const answer = statsAnswer(present, undefined, nowMs);
    expect(answer).toEqual({
      success: true,
      data: {
        totalConnections: 3,
        connectedUsers: 2,
        users: [
          { userId: '1', connections: 2, connectedAt: '2026-11-21T08:29:58.000Z' },
          { userId: '2', connections: 1, connectedAt: '2026-11-21T08:29:59.000Z' },
        ],
        timestamp: '2026-11-21T08:30:00.000Z',
        next: null,
      },
    });
    expect(validate(shopStatsAnswer, answer, 'answer')).toEqual(answer);
    expect(statsAnswer(present, '1', nowMs).data).toMatchObject({ connectedUsers: 2, users: [{ userId: '2' }] });
  });

  it('health has the time and nothing else', () => {
    const answer = healthAnswer(nowMs);
    expect(answer).toEqual({ status: 'healthy', timestamp: '2026-11-21T08:30:00.000Z' });
    expect(validate(shopHealthAnswer, answer, 'answer')).toEqual(answer);
  });

  it('rooms are those of the connections', () => {
    const answer = roomsAnswer('1', [aConnection({ user: '1', roles: ['manager'] })]);
    expect(answer).toEqual({ userId: '1', rooms: ['user_1', 'role_manager'], connections: 1 });
    expect(validate(userRoomsAnswer, answer, 'answer')).toEqual(answer);
    expect(roomsAnswer('2', [])).toEqual({ userId: '2', rooms: [], connections: 0 });
    expect(userOf({ id: '1' })).toBe('1');
    expect(() => userOf({ id: 'x'.repeat(nameLimits.userCharactersMax + 1) })).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ field: 'path id' }) as object }),
    );
  });
});
