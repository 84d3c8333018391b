// What callers of the repair shop's API send and get, as schemas.
import * as z from 'zod/mini';
import { nameLimits, requestLimits } from './limits.ts';

const jsonObject = z.record(z.string(), z.unknown());
const text = (charactersMax: number) => z.string().check(z.minLength(1), z.maxLength(charactersMax));

/** People are rows with numbers in the shop's database and texts in its tokens, so either names one. */
const person = z.union([text(nameLimits.userCharactersMax), z.int().check(z.nonnegative())]);

const lifetime = {
  /** ISO 8601 with its offset, at most 30 days from now. */
  expiresAt: z.optional(z.string()),
};

/** `POST /api/websocket/emit/…` */
export const emitBody = z.strictObject({
  event: text(nameLimits.eventCharactersMax),
  data: z.optional(jsonObject),
});

/** `POST /api/websocket/notifications`: kept for 30 days unless told. */
export const notifyStaffBody = z.strictObject({
  /** Exactly one of `userIds`, `role` and `everyone` says whom to tell. */
  userIds: z.optional(z.array(person).check(z.minLength(1), z.maxLength(requestLimits.recipientsMax))),
  role: z.optional(text(nameLimits.topicNameCharactersMax)),
  everyone: z.optional(z.literal(true)),
  /** Fields of the caller's own go along. */
  notification: z.looseObject({
    title: text(requestLimits.titleCharactersMax),
    message: text(requestLimits.messageCharactersMax),
    type: z.optional(text(requestLimits.typeCharactersMax)),
  }),
  ...lifetime,
});

/** `POST /api/websocket/work-orders/{id}/update`: kept for 24 hours unless told. */
export const updateWorkOrderBody = z.strictObject({
  workOrder: jsonObject,
  changes: z.optional(jsonObject),
  /** The name or the id of who did it. */
  updatedBy: z.optional(person),
  ...lifetime,
});

/** `POST /api/websocket/work-orders/{id}/assignment`: kept for 24 hours unless told. */
export const assignWorkOrderBody = z.strictObject({
  technicianId: person,
  /** Who had it before, and is told as well. */
  previousTechnicianId: z.optional(z.nullable(person)),
  workOrder: z.optional(jsonObject),
  /** The name or the id of who did it. */
  assignedBy: z.optional(person),
  ...lifetime,
});

/** `POST /api/websocket/tickets/{id}/update`: kept for 24 hours unless told. */
export const updateTicketBody = z.strictObject({
  ticket: jsonObject,
  changes: z.optional(jsonObject),
  /** The name or the id of who did it. */
  updatedBy: z.optional(person),
  ...lifetime,
});

/** What everything that is sent answers. Accepted means stored: it is sent next, and the deliveries say what became of it. */
export const shopSendAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  broadcastId: z.string(),
  state: z.literal('accepted'),
  links: z.object({ deliveries: z.string() }),
});

/** `POST /api/websocket/work-orders/{id}/assignment`: the technicians are told by one broadcast, who else has the work order open by another. */
export const assignWorkOrderAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  /** That of the technicians. */
  broadcastId: z.string(),
  broadcastIds: z.object({ technicians: z.string(), room: z.string() }),
  state: z.literal('accepted'),
  links: z.object({
    deliveries: z.string(),
    roomDeliveries: z.string(),
  }),
});

/** The query of `GET /api/websocket/stats` */
export const shopStatsQuery = z.strictObject({
  /** The `next` of the answer before. */
  after: z.optional(text(nameLimits.userCharactersMax)),
});

/** `GET /api/websocket/stats` */
export const shopStatsAnswer = z.object({
  success: z.literal(true),
  data: z.object({
    totalConnections: z.int(),
    /** People; each may have several connections. */
    connectedUsers: z.int(),
    /** In order of the id, up to so many that an answer can hold. */
    users: z.array(
      z.object({
        userId: z.string(),
        connections: z.int(),
        /** Of the connection that has been there longest. */
        connectedAt: z.iso.datetime(),
      }),
    ),
    timestamp: z.iso.datetime(),
    /** What the next page of users starts after; null when this was the last. */
    next: z.nullable(z.string()),
  }),
});

/** `GET /api/websocket/health` */
export const shopHealthAnswer = z.object({ status: z.literal('healthy'), timestamp: z.iso.datetime() });

/** `GET /api/websocket/user/{id}/rooms` */
export const userRoomsAnswer = z.object({
  userId: z.string(),
  /** Those that any of the user's connections is in. */
  rooms: z.array(z.string()),
  connections: z.int(),
});

export type EmitBody = z.infer<typeof emitBody>;
export type NotifyStaffBody = z.infer<typeof notifyStaffBody>;
export type UpdateWorkOrderBody = z.infer<typeof updateWorkOrderBody>;
export type AssignWorkOrderBody = z.infer<typeof assignWorkOrderBody>;
export type UpdateTicketBody = z.infer<typeof updateTicketBody>;
export type ShopSendAnswer = z.infer<typeof shopSendAnswer>;
export type AssignWorkOrderAnswer = z.infer<typeof assignWorkOrderAnswer>;
export type ShopStatsAnswer = z.infer<typeof shopStatsAnswer>;
export type ShopHealthAnswer = z.infer<typeof shopHealthAnswer>;
export type UserRoomsAnswer = z.infer<typeof userRoomsAnswer>;
