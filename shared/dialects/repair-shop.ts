// The repair shop's HTTP API (brief: WebSocket Real-Time Notifications Implementation) as a pure translation to commands and back.
import { refuseReservedName } from './event-names.ts';
import type { PresentUser } from './present.ts';
import { connectedSince, connectionCount, pageOfPresent, roomsOf } from './present.ts';
import type { Audience, BroadcastCommand } from '../domain/broadcast.ts';
import { audienceOfRoom } from '../domain/broadcast.ts';
import type { KnownConnection } from '../domain/connection.ts';
import type { JsonObject } from '../domain/log.ts';
import { isoTime, parseTime } from '../domain/time.ts';
import { everyone } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';
import { eventLimits, nameLimits } from '../protocol/limits.ts';
import type { PathParameters } from '../protocol/path-text.ts';
import { pathText } from '../protocol/path-text.ts';
import type {
  AssignWorkOrderAnswer,
  AssignWorkOrderBody,
  EmitBody,
  NotifyStaffBody,
  ShopHealthAnswer,
  ShopSendAnswer,
  ShopStatsAnswer,
  UpdateTicketBody,
  UpdateWorkOrderBody,
  UserRoomsAnswer,
} from '../protocol/repair-shop-bodies.ts';

const { userCharactersMax, topicNameCharactersMax } = nameLimits;

export interface ShopMessage {
  readonly command: BroadcastCommand;
  /** What is sent to whom, as the answer calls it. */
  readonly subject: string;
}

/** Whom an admin can send a test message. */
const testRecipients = {
  emitToUser: {
    parameter: 'userId',
    charactersMax: userCharactersMax,
    whom: 'user',
    audience: (user: string): Audience => ({ kind: 'users', users: [user] }),
  },
  emitToRoom: {
    parameter: 'roomName',
    charactersMax: topicNameCharactersMax,
    whom: 'room',
    audience: audienceOfRoom,
  },
  emitToRole: {
    parameter: 'role',
    charactersMax: topicNameCharactersMax,
    whom: 'role',
    audience: (role: string): Audience => ({ kind: 'topic', topic: `role:${role}` }),
  },
} as const;

export type TestName = keyof typeof testRecipients;

/** A test reaches who is connected now, leaves nothing behind, and is not shown to who connects later. */
export function toTestMessage(name: TestName, path: PathParameters, { event, data = {} }: EmitBody): ShopMessage {
  const { parameter, charactersMax, whom, audience } = testRecipients[name];
  const recipient = pathText(path, parameter, charactersMax);
  refuseReservedName(event, 'event');
  return {
    command: { event, data, audience: audience(recipient), durability: 'ephemeral' },
    subject: `Test message accepted for ${whom} ${recipient}`,
  };
}

/** Kept for as long as any notification, unless told: it is for people, wherever they are. */
export function toStaffNotification(body: NotifyStaffBody): ShopMessage {
  const { audience, whom } = staffOf(body);
  const lifetime = body.expiresAt === undefined ? {} : { expiresAtMs: parseTime(body.expiresAt, 'expiresAt') };
  return {
    command: {
      event: 'notification_received',
      data: body.notification,
      audience,
      durability: 'durable',
      ...lifetime,
    },
    subject: `Notification accepted for ${whom}`,
  };
}

/** Exactly one kind of recipients: which of two counts must not depend on who reads first. */
function staffOf({ userIds, role, everyone: all }: NotifyStaffBody): {
  readonly audience: Audience;
  readonly whom: string;
} {
  const users = [...new Set(userIds?.map(String))];
  const count = users.length === 1 ? '1 user' : `${String(users.length)} users`;
  const named: readonly ReturnType<typeof staffOf>[] = [
    ...(userIds === undefined ? [] : [{ audience: { kind: 'users', users } as const, whom: count }]),
    ...(role === undefined
      ? []
      : [{ audience: { kind: 'topic', topic: `role:${role}` } as const, whom: `role ${role}` }]),
    ...(all === undefined ? [] : [{ audience: { kind: 'topic', topic: everyone } as const, whom: 'everyone' }]),
  ];
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  throw new Failure(only === undefined ? 'missing_field' : 'invalid_field', {
    message: only === undefined ? 'the body names nobody' : 'the body names more than one kind of recipients',
    field: 'userIds',
    remedy: 'Send exactly one of userIds, role, or everyone: true.',
  });
}

export function toWorkOrderUpdate(path: PathParameters, body: UpdateWorkOrderBody): ShopMessage {
  const { expiresAt, ...fields } = body;
  const { id, audience } = pageOf('work_order_', path);
  const data = { workOrderId: id, ...fields };
  return {
    command: { event: 'work_order_updated', data, audience, ...live(expiresAt) },
    subject: `Update accepted for work order ${id}`,
  };
}

export function toTicketUpdate(path: PathParameters, body: UpdateTicketBody): ShopMessage {
  const { expiresAt, ...fields } = body;
  const { id, audience } = pageOf('ticket_', path);
  const data = { ticketId: id, ...fields };
  return {
    command: { event: 'repair_ticket_updated', data, audience, ...live(expiresAt) },
    subject: `Update accepted for ticket ${id}`,
  };
}

export interface Assignment {
  /** Told as persons, because the work order may not be open on any screen of theirs. */
  readonly technicians: BroadcastCommand;
  /** Everybody else who has the work order open, so that nobody is told twice. */
  readonly room: BroadcastCommand;
  readonly subject: string;
}

export function toAssignment(path: PathParameters, body: AssignWorkOrderBody): Assignment {
  const { expiresAt, ...fields } = body;
  const { id, audience } = pageOf('work_order_', path);
  const { technicianId, previousTechnicianId: previous } = fields;
  const technicians = [...new Set([technicianId, previous ?? technicianId].map(String))];
  const data: JsonObject = { workOrderId: id, ...fields };
  const event = 'work_order_assignment_update';
  const told = live(expiresAt);
  // A technician who is away for a weekend has the work all the same.
  const kept = expiresAt === undefined ? ({ durability: 'durable' } as const) : told;
  return {
    technicians: { event, data, ...kept, audience: { kind: 'users', users: technicians } },
    room: { event, data, ...told, audience, except: technicians },
    subject: `Assignment accepted for work order ${id}`,
  };
}

/** The room of a page about one thing; its name must be one that a client can join. */
function pageOf(
  prefix: 'work_order_' | 'ticket_',
  path: PathParameters,
): { readonly id: string; readonly audience: Audience } {
  const id = pathText(path, 'id', Math.min(userCharactersMax, topicNameCharactersMax - prefix.length));
  return { id, audience: audienceOfRoom(`${prefix}${id}`) };
}

/** Kept for who is away for a while; who is away for longer reads the page anew. */
function live(expiresAt: string | undefined): Pick<BroadcastCommand, 'durability' | 'keptMs' | 'expiresAtMs'> {
  return {
    durability: 'durable',
    keptMs: eventLimits.keptMs,
    ...(expiresAt === undefined ? {} : { expiresAtMs: parseTime(expiresAt, 'expiresAt') }),
  };
}

/** Whom it has reached is not known yet, so the answer says no more than that it is on its way. */
export function shopMessageAnswer(broadcastId: string, subject: string): ShopSendAnswer {
  return {
    success: true,
    message: subject,
    broadcastId,
    state: 'accepted',
    links: { deliveries: deliveriesOf(broadcastId) },
  };
}

export function assignmentAnswer(technicians: string, room: string, subject: string): AssignWorkOrderAnswer {
  return {
    success: true,
    message: subject,
    broadcastId: technicians,
    broadcastIds: { technicians, room },
    state: 'accepted',
    links: { deliveries: deliveriesOf(technicians), roomDeliveries: deliveriesOf(room) },
  };
}

function deliveriesOf(broadcastId: string): string {
  return `/api/broadcasts/${broadcastId}/deliveries`;
}

export function statsAnswer(
  present: readonly PresentUser[],
  after: string | undefined,
  nowMs: number,
): ShopStatsAnswer {
  const { users, next } = pageOfPresent(present, after);
  return {
    success: true,
    data: {
      totalConnections: connectionCount(present),
      connectedUsers: present.length,
      users: users.map(({ user, connections }) => ({
        userId: user,
        connections: connections.length,
        connectedAt: connectedSince(connections),
      })),
      timestamp: isoTime(nowMs),
      next,
    },
  };
}

/** Nothing of who uses it: anyone may ask. */
export function healthAnswer(nowMs: number): ShopHealthAnswer {
  return { status: 'healthy', timestamp: isoTime(nowMs) };
}

export function userOf(path: PathParameters): string {
  return pathText(path, 'id', userCharactersMax);
}

export function roomsAnswer(
  userId: string,
  connections: readonly Pick<KnownConnection, 'user' | 'roles' | 'topics'>[],
): UserRoomsAnswer {
  return { userId, rooms: roomsOf(connections), connections: connections.length };
}
