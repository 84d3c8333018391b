// The repair shop's HTTP API: its calls become commands.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TestName } from '../../shared/dialects/repair-shop.ts';
import {
  toAssignment,
  toStaffNotification,
  toTestMessage,
  toTicketUpdate,
  toWorkOrderUpdate,
} from '../../shared/dialects/repair-shop.ts';
import { roomName } from '../../shared/protocol/client-frames.ts';
import { eventLimits, nameLimits } from '../../shared/protocol/limits.ts';
import {
  assignWorkOrderBody,
  emitBody,
  notifyStaffBody,
  updateTicketBody,
  updateWorkOrderBody,
} from '../../shared/protocol/repair-shop-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';

const nowMs = Date.UTC(2026, 10, 21, 8, 30);
const { userCharactersMax, topicNameCharactersMax } = nameLimits;

const emit = (name: TestName, path: Record<string, string>, body: unknown) =>
  toTestMessage(name, path, validate(emitBody, body, 'body'));
const notify = (body: unknown) => toStaffNotification(validate(notifyStaffBody, body, 'body'));
const order = (id: string, body: unknown) => toWorkOrderUpdate({ id }, validate(updateWorkOrderBody, body, 'body'));
const ticket = (id: string, body: unknown) => toTicketUpdate({ id }, validate(updateTicketBody, body, 'body'));
const assign = (id: string, body: unknown) => toAssignment({ id }, validate(assignWorkOrderBody, body, 'body'));

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
        keptMs: eventLimits.keptMs,
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
        keptMs: eventLimits.keptMs,
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
    [assign, {}, 'missing_field', 'technicianId'],
    [assign, { technicianId: '' }, 'invalid_field', 'technicianId'],
    [assign, { technicianId: 1, previousTechnicianId: {} }, 'invalid_field', 'previousTechnicianId'],
    [assign, { technicianId: 1, workOrder: 'a' }, 'invalid_field', 'workOrder'],
  ] as const)('by %o with %j is refused: %s, %s', (make, body, code, field) => {
    expect(() => make('7', body)).toThrow(refusalOf(code, field));
  });
});

describe('an assignment', () => {
  const fields = { technicianId: 5, previousTechnicianId: '6', workOrder: { id: 7 }, assignedBy: 'ann' };

  it('tells the technicians as persons, for as long as anything is kept, and who else has the work order open, for a day', () => {
    const both = {
      event: 'work_order_assignment_update',
      data: { workOrderId: '7', ...fields },
      durability: 'durable',
    };
    expect(assign('7', fields)).toEqual({
      technicians: { ...both, audience: { kind: 'users', users: ['5', '6'] } },
      room: {
        ...both,
        keptMs: eventLimits.keptMs,
        audience: { kind: 'topic', topic: 'room:work_order_7' },
        except: ['5', '6'],
      },
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
