// Rooms: what people call a topic, who may be in which one, and in which ones somebody is from the start.
import { Failure } from '../protocol/failures.ts';
import type { Topic, WideTopic } from './topic.ts';
import { everyone, userTopic } from './topic.ts';

/** Who works for a tenant rather than being served by it. */
const staffRoles: readonly string[] = ['admin', 'manager', 'technician', 'agent'];
export const adminRole = 'admin';

/** Everything that admins alone hear; the same as the room of their role. */
const adminRoom = 'admin_room';

/** Rooms that belong to a piece of work: only staff may be in them. */
const workPrefixes: readonly string[] = ['work_order_', 'ticket_'];

export interface Member {
  readonly user: string;
  readonly roles: readonly string[];
}

/** The topic that a room's name stands for: a person's, a role's, or one of its own. */
export function topicOfRoom(room: string): Topic {
  if (room === adminRoom) return `role:${adminRole}`;
  const user = after(room, 'user_');
  if (user !== null) return userTopic(user);
  const role = after(room, 'role_');
  return role === null ? `room:${room}` : `role:${role}`;
}

/** The room that a topic is called; null for the topics that are no rooms. */
export function roomOfTopic(topic: Topic): string | null {
  if (topic === everyone || topic === presenceTopic) return null;
  const name = topic.slice(topic.indexOf(':') + 1);
  if (topic.startsWith('user:')) return `user_${name}`;
  if (topic.startsWith('role:')) return `role_${name}`;
  return topic.startsWith('room:') ? name : null;
}

/** Who comes and goes is told to whoever follows this topic. It has no log. */
export const presenceTopic = 'presence' satisfies WideTopic;

/** The rooms that somebody is in from the start: their own, and one for each role. Names as the brief of the repair shop has them. */
export function roomsFromTheStart({ user, roles }: Member): readonly string[] {
  return [
    `user_${user}`,
    ...[...new Set(roles)].map((role) => `role_${role}`),
    ...(roles.includes(adminRole) ? [adminRoom] : []),
  ];
}

/**
 * Throws `forbidden` when somebody may not be in a room. A person's and a role's room are for them alone; rooms of work
 * orders and tickets for staff; any other room for everybody of the tenant.
 */
export function mustBeAllowedIn(member: Member, room: string): void {
  const why = whyNotAllowedIn(member, room);
  if (why === null) return;
  throw new Failure('forbidden', {
    message: `you may not be in the room ${JSON.stringify(room)}: ${why}`,
    field: 'room',
    remedy: `Your rooms are ${roomsFromTheStart(member).join(', ')}; others must be given to you by a role in your token.`,
  });
}

export function whyNotAllowedIn(member: Member, room: string): string | null {
  const topic = topicOfRoom(room);
  if (topic.startsWith('user:')) return topic === userTopic(member.user) ? null : 'it is the room of another user';
  if (topic.startsWith('role:')) {
    const role = topic.slice('role:'.length);
    return member.roles.includes(role) ? null : `it is for the role ${JSON.stringify(role)}`;
  }
  if (!workPrefixes.some((prefix) => room.startsWith(prefix))) return null;
  return isStaff(member) ? null : `it is for the roles ${staffRoles.join(', ')}`;
}

export function isStaff({ roles }: Pick<Member, 'roles'>): boolean {
  return roles.some((role) => staffRoles.includes(role));
}

export function isAdmin({ roles }: Pick<Member, 'roles'>): boolean {
  return roles.includes(adminRole);
}

/** The rest of a text after a prefix; null when it has no such prefix or nothing after it. */
function after(text: string, prefix: string): string | null {
  return text.startsWith(prefix) && text.length > prefix.length ? text.slice(prefix.length) : null;
}
