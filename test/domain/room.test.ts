// Rooms: which topic each name stands for, and that nobody gets into one that is not for them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Member } from '../../shared/domain/room.ts';
import {
  isAdmin,
  isStaff,
  mustBeAllowedIn,
  presenceTopic,
  roomOfTopic,
  roomsFromTheStart,
  topicOfRoom,
  whyNotAllowedIn,
} from '../../shared/domain/room.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, topicsOf, userTopic } from '../../shared/domain/topic.ts';
import { Failure } from '../../shared/protocol/failures.ts';

const roles = fc.array(fc.constantFrom('admin', 'manager', 'technician', 'agent', 'guest', 'customer'));
const anyMember: fc.Arbitrary<Member> = fc.record({
  user: fc.oneof(fc.constantFrom('a', 'b', 'role_admin', 'user_a', 'admin_room'), fc.string({ minLength: 1 })),
  roles,
});
const anyName = fc.oneof(fc.constantFrom('a', 'b', 'admin', 'manager', 'guest', '7', ''), fc.string());
const anyRoom = fc
  .tuple(fc.constantFrom('', 'user_', 'role_', 'work_order_', 'ticket_', 'admin_room', 'user:', 'role:'), anyName)
  .map(([prefix, name]) => `${prefix}${name}`)
  .filter((room) => room !== '');

describe('the topic of a room', () => {
  it.each<readonly [string, Topic]>([
    ['user_42', 'user:42'],
    ['user_a_b', 'user:a_b'],
    ['role_technician', 'role:technician'],
    ['admin_room', 'role:admin'],
    ['work_order_7', 'room:work_order_7'],
    ['lobby', 'room:lobby'],
    // Names that look like something else are rooms of their own.
    ['user_', 'room:user_'],
    ['role_', 'room:role_'],
    ['User_42', 'room:User_42'],
    ['user:42', 'room:user:42'],
    ['all', 'room:all'],
    ['presence', 'room:presence'],
  ])('%s is %s', (room, topic) => {
    expect(topicOfRoom(room)).toBe(topic);
  });

  it('is never that of everyone or of who is there, and never that of a user or a role but by the name for it', () => {
    fc.assert(
      fc.property(anyRoom, (room) => {
        const topic = topicOfRoom(room);
        expect([everyone, presenceTopic]).not.toContain(topic);
        if (topic.startsWith('user:')) expect(room).toBe(`user_${topic.slice('user:'.length)}`);
        else if (topic.startsWith('role:') && room !== 'admin_room')
          expect(room).toBe(`role_${topic.slice('role:'.length)}`);
        else if (room !== 'admin_room') expect(topic).toBe(`room:${room}`);
      }),
    );
  });

  it('leads back to the room, but for the second name of the admins', () => {
    fc.assert(
      fc.property(anyRoom, (room) => {
        expect(roomOfTopic(topicOfRoom(room))).toBe(room === 'admin_room' ? 'role_admin' : room);
      }),
    );
  });

  it.each([everyone, presenceTopic] as const)('%s is no room', (topic) => {
    expect(roomOfTopic(topic)).toBeNull();
  });
});

describe('the rooms that somebody is in from the start', () => {
  it.each<readonly [Member, readonly string[]]>([
    [{ user: '42', roles: [] }, ['user_42']],
    [{ user: '42', roles: ['guest', 'technician', 'guest'] }, ['user_42', 'role_guest', 'role_technician']],
    [{ user: '42', roles: ['admin'] }, ['user_42', 'role_admin', 'admin_room']],
  ])('%j: %j', (member, rooms) => {
    expect(roomsFromTheStart(member)).toEqual(rooms);
  });

  it('are those of the topics that they follow from the start, and open to them', () => {
    fc.assert(
      fc.property(anyMember, (member) => {
        const rooms = roomsFromTheStart(member);
        const topics = topicsOf(member).filter((topic) => topic !== everyone);
        expect(new Set(rooms.map(topicOfRoom))).toEqual(new Set(topics));
        for (const room of rooms) expect(whyNotAllowedIn(member, room)).toBeNull();
      }),
    );
  });
});

describe('who may be in a room', () => {
  it.each<readonly [string, readonly string[], string, boolean]>([
    ['user_a', [], 'their own', true],
    ['user_b', [], 'of somebody else', false],
    ['user_b', ['admin'], 'of somebody else, even for an admin', false],
    ['role_technician', ['technician'], 'of a role of theirs', true],
    ['role_technician', ['guest'], 'of a role that is not theirs', false],
    ['role_technician', ['admin'], 'of a role that is not theirs, even for an admin', false],
    ['admin_room', ['admin'], 'of the admins', true],
    ['admin_room', ['manager'], 'of the admins', false],
    ['work_order_7', ['technician'], 'of a work order, for staff', true],
    ['work_order_7', ['manager'], 'of a work order, for staff', true],
    ['work_order_7', ['guest', 'admin'], 'of a work order, for staff', true],
    ['work_order_7', ['guest'], 'of a work order, for a guest', false],
    ['work_order_', [], 'of a work order without a number', false],
    ['ticket_9', ['agent'], 'of a ticket, for staff', true],
    ['ticket_9', ['customer'], 'of a ticket, for a customer', false],
    ['lobby', [], 'of its own', true],
    ['tickets', [], 'that is only called like one', true],
  ])('%s with the roles %j: %s: %j', (room, given, _, isAllowed) => {
    const member = { user: 'a', roles: given };
    expect(whyNotAllowedIn(member, room) === null).toBe(isAllowed);
    if (isAllowed) mustBeAllowedIn(member, room);
    else expect(refusalOf(member, room)).toMatchObject({ code: 'forbidden', detail: { field: 'room' } });
  });

  it('is told which rooms they have', () => {
    expect(refusalOf({ user: 'a', roles: ['guest'] }, 'user_b').detail).toEqual({
      message: 'you may not be in the room "user_b": it is the room of another user',
      field: 'room',
      remedy: 'Your rooms are user_a, role_guest; others must be given to you by a role in your token.',
    });
  });

  it('hears nothing of another user or of a role that they do not have, whatever a room is called', () => {
    fc.assert(
      fc.property(anyMember, anyRoom, (member, room) => {
        const topic = topicOfRoom(room);
        if (whyNotAllowedIn(member, room) !== null || topic.startsWith('room:')) return;
        expect(topic === userTopic(member.user) || member.roles.some((role) => topic === `role:${role}`)).toBe(true);
      }),
    );
  });
});

describe('staff and admins', () => {
  it.each<readonly [readonly string[], boolean, boolean]>([
    [[], false, false],
    [['guest', 'customer'], false, false],
    [['technician'], true, false],
    [['manager'], true, false],
    [['agent'], true, false],
    [['guest', 'admin'], true, true],
    [['Admin'], false, false],
  ])('%j: staff %j, admin %j', (given, staff, admin) => {
    expect([isStaff({ roles: given }), isAdmin({ roles: given })]).toEqual([staff, admin]);
  });

  it('every admin is staff', () => {
    fc.assert(fc.property(anyMember, (member) => !isAdmin(member) || isStaff(member)));
  });
});

function refusalOf(member: Member, room: string): Failure {
  try {
    mustBeAllowedIn(member, room);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
