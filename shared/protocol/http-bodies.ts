// What callers of the HTTP API send and get, as schemas.
import * as z from 'zod/mini';
import { position, readMark, roomName } from './client-frames.ts';
import { batchLimits, connectionLimits, nameLimits, requestLimits } from './limits.ts';

const jsonObject = z.record(z.string(), z.unknown());
const contractorId = z.string().check(z.minLength(1), z.maxLength(nameLimits.userCharactersMax));

const recipients = {
  /** Whom to tell. Without it and `targetContractor`: everybody. */
  contractorIds: z.optional(z.array(contractorId).check(z.minLength(1), z.maxLength(requestLimits.recipientsMax))),
  /** One more contractor to tell, as the brief's shorthand for a list of one. */
  targetContractor: z.optional(contractorId),
};

export const contractorEventTypes = ['task:new', 'task:assigned', 'notification:system'] as const;

/** `POST /api/notifications/broadcast` */
export const contractorBroadcastBody = z.strictObject({
  eventType: z.enum(contractorEventTypes),
  taskData: z.optional(jsonObject),
  notification: z.optional(jsonObject),
  ...recipients,
  metadata: z.optional(jsonObject),
  expiresAt: z.optional(z.string()),
});

/** What accepts a broadcast answers: whom it is for, and where to ask for it. */
export const createBroadcastAnswer = z.object({
  success: z.literal(true),
  broadcastId: z.string(),
  state: z.literal('accepted'),
  eventType: z.string(),
  recipients: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('contractors'), count: z.int() }),
    z.object({ kind: z.literal('everybody') }),
    z.object({ kind: z.literal('followers'), topic: z.string() }),
  ]),
  acceptedAt: z.iso.datetime(),
  links: z.object({ report: z.string(), deliveries: z.string() }),
});

/** `POST /api/notifications/batch`: all of them are checked before any is accepted. */
export const createBatchBody = z.strictObject({
  broadcasts: z.array(contractorBroadcastBody).check(z.minLength(1), z.maxLength(batchLimits.broadcastsMax)),
});

/** The answers of its broadcasts, in their order. */
export const createBatchAnswer = z.object({
  success: z.literal(true),
  accepted: z.int(),
  broadcasts: z.array(createBroadcastAnswer),
});

/** `POST /api/notifications/test` */
export const contractorTestBody = z.strictObject({
  message: z.optional(z.string().check(z.maxLength(requestLimits.testMessageCharactersMax))),
  ...recipients,
});

/** The query of `GET /api/notifications/broadcasts/{id}` */
export const reportQuery = z.strictObject({ limit: z.optional(z.string()), after: z.optional(contractorId) });

const user = z.string().check(z.minLength(1), z.maxLength(nameLimits.userCharactersMax));
const users = z.array(user).check(z.minLength(1), z.maxLength(requestLimits.recipientsMax));
const name = z.string().check(z.minLength(1), z.maxLength(nameLimits.topicNameCharactersMax));

/** `POST /api/broadcasts` */
export const publishBody = z.strictObject({
  event: z.string().check(z.minLength(1), z.maxLength(nameLimits.eventCharactersMax)),
  data: jsonObject,
  metadata: z.optional(jsonObject),
  /** Exactly one of its fields says whom to tell. */
  audience: z.strictObject({
    users: z.optional(users),
    role: z.optional(name),
    /** As people name it: `work_order_7`. */
    room: z.optional(roomName),
    everyone: z.optional(z.literal(true)),
  }),
  durability: z.optional(z.enum(['durable', 'ephemeral'])),
  /** ISO 8601 with its offset; 30 days from now unless told. */
  expiresAt: z.optional(z.string()),
  except: z.optional(z.array(user).check(z.minLength(1), z.maxLength(requestLimits.exceptMax))),
});

/** The query of `GET /api/broadcasts/{id}/deliveries` */
export const deliveriesQuery = reportQuery;

/** The query of `GET /api/inbox` */
export const inboxQuery = z.strictObject({
  limit: z.optional(z.string()),
  /** The `next` of the answer before. */
  after: z.optional(z.string()),
  /** `start` begins with the oldest that is kept; without it, and without `after`, with what is not acknowledged. */
  from: z.optional(z.literal('start')),
});

const positions = z.array(position).check(z.minLength(1), z.maxLength(connectionLimits.positionsMax));

/** `PATCH /api/inbox` */
export const inboxChange = z.strictObject({
  acknowledge: z.optional(positions),
  read: z.optional(z.array(readMark).check(z.minLength(1), z.maxLength(connectionLimits.positionsMax))),
  /** Everything that is there. */
  readAll: z.optional(z.literal(true)),
});

export type PublishBody = z.infer<typeof publishBody>;
export type InboxQuery = z.infer<typeof inboxQuery>;
export type InboxChange = z.infer<typeof inboxChange>;
export type ContractorBroadcastBody = z.infer<typeof contractorBroadcastBody>;
export type CreateBatchBody = z.infer<typeof createBatchBody>;
export type ContractorTestBody = z.infer<typeof contractorTestBody>;
