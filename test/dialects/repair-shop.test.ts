// The repair shop's HTTP API: its calls become commands, and results become its answers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TestName } from '../../shared/dialects/repair-shop.ts';
import {
  assignmentAnswer,
  healthAnswer,
  roomsAnswer,
  shopMessageAnswer,
  statsAnswer,
  toAssignment,
  toStaffNotification,
  toTestMessage,
  toTicketUpdate,
  toWorkOrderUpdate,
  userOf,
} from '../../shared/dialects/repair-shop.ts';
import { roomName } from '../../shared/protocol/client-frames.ts';
import { eventLimits, nameLimits } from '../../shared/protocol/limits.ts';
import {
  assignWorkOrderAnswer,
  assignWorkOrderBody,
  emitBody,
  notifyStaffBody,
  shopHealthAnswer,
  shopSendAnswer,
  shopStatsAnswer,
  updateTicketBody,
  updateWorkOrderBody,
  userRoomsAnswer,
} from '../../shared/protocol/repair-shop-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { aConnection } from '../builders/connection.ts';

const nowMs = Date.UTC(2026, 10, 21, 8, 30);
const tomorrowMs = nowMs + eventLimits.keptMs;
const { userCharactersMax, topicNameCharactersMax } = nameLimits;

const emit = (name: TestName, path: Record<string, string>, body: unknown) =>
  toTestMessage(name, path, validate(emitBody, body, 'body'));
const notify = (body: unknown) => toStaffNotification(validate(notifyStaffBody, body, 'body'));
const order = (id: string, body: unknown) =>
  toWorkOrderUpdate({ id }, validate(updateWorkOrderBody, body, 'body'), nowMs);
const ticket = (id: string, body: unknown) => toTicketUpdate({ id }, validate(updateTicketBody, body, 'body'), nowMs);
const assign = (id: string, body: unknown) => toAssignment({ id }, validate(assignWorkOrderBody, body, 'body'), nowMs);

function refusalOf(code: string, field: string): unknown {
  return expect.objectContaining({ code, detail: expect.objectContaining({ field }) as object });
}

/** The body that the brief prints. */
const printed = { event: 'test', data: { message: 'Hello' } };

describe('a test message', () => {
  it.each<readonly [TestName, Record<string, string>, object, string]>([
    ['emitToUser', { userId: '1' }, { kind: 'users', users: ['1'] }, 'user 1'],
    ['emitToRoom', { roomName: 'work_order_7' }, { kind: 'topic', topic: 'room:work_order_7' }, 'room work_order_7'],
    ['emitToRoom', { roomName: 'user_1' }, { kind: 'users', users: ['1'] }, 'room user_1'],
    ['emitToRoom', { roomName: 'admin_room' }, { kind: 'topic', topic: 'role:admin' }, 'room admin_room'],
    ['emitToRole', { role: 'technician' }, { kind: 'topic', topic: 'role:technician' }, 'role technician'],
  ])('%s %j is for %j, and leaves nothing behind', (name, path, audience, whom) => {
    expect(emit(name, path, printed)).toEqual({
      command: { event: 'test', data: { message: 'Hello' }, audience, durability: 'ephemeral' },
      subject: `Test message accepted for ${whom}`,
    });
  });

  it('may have no data', () => {
    expect(emit('emitToUser', { userId: '1' }, { event: 'test' }).command.data).toEqual({});
  });

  it.each<readonly [TestName, Record<string, string>, object, string, string]>([
    ['emitToUser', {}, printed, 'invalid_field', 'path userId'],
    ['emitToUser', { userId: 'x'.repeat(userCharactersMax + 1) }, printed, 'invalid_field', 'path userId'],
    ['emitToRoom', { roomName: 'x'.repeat(topicNameCharactersMax + 1) }, printed, 'invalid_field', 'path roomName'],
    ['emitToRole', { role: '' }, printed, 'invalid_field', 'path role'],
    ['emitToUser', { userId: '1' }, {}, 'missing_field', 'event'],
    ['emitToUser', { userId: '1' }, { event: 'connect' }, 'invalid_field', 'event'],
    ['emitToUser', { userId: '1' }, { event: 'typing' }, 'invalid_field', 'event'],
    ['emitToUser', { userId: '1' }, { event: 'test', data: [] }, 'invalid_field', 'data'],
    ['emitToUser', { userId: '1' }, { event: 'test', room: 'a' }, 'unknown_field', 'room'],
  ])('%s %j with %j is refused: %s, %s', (name, path, body, code, field) => {
    expect(() => emit(name, path, body)).toThrow(refusalOf(code, field));
  });
});

describe('a notification of the staff', () => {
  const notification = { title: 'Parts are here', message: 'For work order 7', type: 'parts', workOrderId: 7 };

  it.each([
    [{ userIds: [1, '2', 1] }, { kind: 'users', users: ['1', '2'] }, '2 users'],
    [{ userIds: ['1'] }, { kind: 'users', users: ['1'] }, '1 user'],
    [{ role: 'technician' }, { kind: 'topic', topic: 'role:technician' }, 'role technician'],
    [{ everyone: true }, { kind: 'topic', topic: 'all' }, 'everyone'],
  ])('for %j is kept as long as any other', (recipients, audience, whom) => {
    expect(notify({ ...recipients, notification })).toEqual({
      command: { event: 'notification_received', data: notification, audience, durability: 'durable' },
      subject: `Notification accepted for ${whom}`,
    });
  });

  it('may say until when it is good', () => {
    const { command } = notify({ role: 'admin', notification, expiresAt: '2026-11-21T09:30:00+01:00' });
    expect(command).toMatchObject({ expiresAtMs: nowMs, data: notification });
    expect(command.data).not.toHaveProperty('expiresAt');
  });

  it('is for exactly one kind of recipients', () => {
    const kinds = { userIds: ['1'], role: 'admin', everyone: true } as const;
    fc.assert(
      fc.property(fc.subarray(Object.keys(kinds) as (keyof typeof kinds)[]), (named) => {
        const body = { notification, ...Object.fromEntries(named.map((kind) => [kind, kinds[kind]])) };
        if (named.length === 1) {
          expect(notify(body).command.data).toEqual(notification);
          return;
        }
        const code = named.length === 0 ? 'missing_field' : 'invalid_field';
        expect(() => notify(body)).toThrow(refusalOf(code, 'userIds'));
      }),
    );
  });

  it.each([
    [{ role: 'admin' }, 'missing_field', 'notification'],
    [{ role: 'admin', notification: { message: 'm' } }, 'missing_field', 'notification.title'],
    [{ role: 'admin', notification: { title: 't' } }, 'missing_field', 'notification.message'],
    [{ role: 'admin', notification: { title: 't', message: '' } }, 'invalid_field', 'notification.message'],
    [{ userIds: [], notification }, 'invalid_field', 'userIds'],
    [{ userIds: [1.5], notification }, 'invalid_field', 'userIds[0]'],
    [{ everyone: false, notification }, 'invalid_field', 'everyone'],
    [{ role: 'admin', notification, title: 't' }, 'unknown_field', 'title'],
    [{ role: 'admin', notification, expiresAt: 'soon' }, 'invalid_field', 'expiresAt'],
  ])('%j is refused: %s, %s', (body, code, field) => {
    expect(() => notify(body)).toThrow(refusalOf(code, field));
  });
});

describe('an update', () => {
  const workOrder = { id: 7, status: 'done' };

  it('of a work order goes to who has it open, for a day', () => {
    const body = { workOrder, changes: { status: ['open', 'done'] }, updatedBy: 'ann' };
    expect(order('7', body)).toEqual({
      command: {
        event: 'work_order_updated',
        data: { workOrderId: '7', ...body },
        audience: { kind: 'topic', topic: 'room:work_order_7' },
        durability: 'durable',
        expiresAtMs: tomorrowMs,
      },
      subject: 'Update accepted for work order 7',
    });
  });

  it('of a ticket goes to who has it open, for a day', () => {
    const body = { ticket: { id: 't-1' }, changes: {} };
    expect(ticket('t-1', body)).toEqual({
      command: {
        event: 'repair_ticket_updated',
        data: { ticketId: 't-1', ...body },
        audience: { kind: 'topic', topic: 'room:ticket_t-1' },
        durability: 'durable',
        expiresAtMs: tomorrowMs,
      },
      subject: 'Update accepted for ticket t-1',
    });
  });

  it.each([
    ['a work order', order('7', { workOrder, expiresAt: '2026-11-21T08:30:00Z' }).command],
    ['a ticket', ticket('7', { ticket: {}, expiresAt: '2026-11-21T08:30:00Z' }).command],
    ['an assignment', assign('7', { technicianId: 1, expiresAt: '2026-11-21T08:30:00Z' }).room],
    ['an assigned technician', assign('7', { technicianId: 1, expiresAt: '2026-11-21T08:30:00Z' }).technicians],
  ])('of %s may say until when it is good, which is not part of its data', (_, command) => {
    expect(command.expiresAtMs).toBe(nowMs);
    expect(command.data).not.toHaveProperty('expiresAt');
  });

  it.each([
    ['order', order, { workOrder }, 'work_order_'],
    ['ticket', ticket, { ticket: {} }, 'ticket_'],
    ['assignment', assign, { technicianId: 1 }, 'work_order_'],
  ] as const)('of an %s is for a room that a client can join, or refused', (_, make, body, prefix) => {
    const longest = 'x'.repeat(topicNameCharactersMax - prefix.length);
    expect(() => validate(roomName, `${prefix}${longest}`, 'room')).not.toThrow();
    expect(() => make(longest, body)).not.toThrow();
    expect(() => make(`${longest}x`, body)).toThrow(refusalOf('invalid_field', 'path id'));
    expect(() => make('', body)).toThrow(refusalOf('invalid_field', 'path id'));
  });

  it.each([
    [order, {}, 'missing_field', 'workOrder'],
    [order, { workOrder: 7 }, 'invalid_field', 'workOrder'],
    [order, { workOrder, changes: [] }, 'invalid_field', 'changes'],
    [order, { workOrder, status: 'done' }, 'unknown_field', 'status'],
    [order, { workOrder, expiresAt: 'soon' }, 'invalid_field', 'expiresAt'],
    [ticket, {}, 'missing_field', 'ticket'],
    [ticket, { ticket: {}, workOrder }, 'unknown_field', 'workOrder'],
    [assign, { technicianId: '' }, 'invalid_field', 'technicianId'],
    [assign, { technicianId: 1, previousTechnicianId: {} }, 'invalid_field', 'previousTechnicianId'],
    [assign, { technicianId: 1, workOrder: 'a' }, 'invalid_field', 'workOrder'],
  ] as const)('by %o with %j is refused: %s, %s', (make, body, code, field) => {
    expect(() => make('7', body)).toThrow(refusalOf(code, field));
  });
});

describe('an assignment', () => {
  const fields = { technicianId: 5, previousTechnicianId: '6', workOrder: { id: 7 }, assignedBy: 'ann' };

  it('tells the technicians as persons, and who else has the work order open', () => {
    const both = {
      event: 'work_order_assignment_update',
      data: { workOrderId: '7', ...fields },
      durability: 'durable',
      expiresAtMs: tomorrowMs,
    };
    expect(assign('7', fields)).toEqual({
      technicians: { ...both, audience: { kind: 'users', users: ['5', '6'] } },
      room: { ...both, audience: { kind: 'topic', topic: 'room:work_order_7' }, except: ['5', '6'] },
      subject: 'Assignment accepted for work order 7',
    });
  });

  it('tells nobody twice: the room is without those who are told as persons, each named once', () => {
    const person = fc.oneof(fc.nat(9), fc.nat(9).map(String));
    const previous = fc.option(person, { nil: undefined });
    fc.assert(
      fc.property(person, fc.oneof(previous, fc.constant(null)), (technicianId, previousTechnicianId) => {
        const named = previousTechnicianId === undefined ? {} : { previousTechnicianId };
        const { technicians, room } = assign('7', { technicianId, ...named });
        const concerned = new Set([technicianId, previousTechnicianId ?? technicianId].map(String));
        expect(technicians.audience).toEqual({ kind: 'users', users: [...concerned] });
        expect(room.except).toEqual([...concerned]);
        expect(technicians.data).toEqual(room.data);
      }),
    );
  });
});

describe('the answers', () => {
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
    expect(() => userOf({ id: 'x'.repeat(userCharactersMax + 1) })).toThrow(refusalOf('invalid_field', 'path id'));
  });
});
