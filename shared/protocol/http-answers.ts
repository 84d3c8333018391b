// What callers of Bellhop's own API and of the contractors' get, as schemas; the other products have theirs beside their bodies.
import * as z from 'zod/mini';
import { deliveryStates } from './delivery-states.ts';
import { refusal } from './dialect-message.ts';
import { createBroadcastAnswer } from './http-bodies.ts';
import { notificationFrame, resetFrame, skippedFrame } from './server-frames.ts';

const time = z.iso.datetime();
const durability = z.enum(['durable', 'ephemeral']);
const audience = z.union([z.object({ users: z.int() }), z.object({ topic: z.string() })]);

/** Every refusal, of every route. */
export const errorAnswer = z.object({
  success: z.literal(false),
  error: z.object({
    ...refusal,
    accepted: z.optional(z.array(z.object({ index: z.int(), broadcastId: z.string() }))),
    requestId: z.string(),
  }),
});

/** `POST /api/broadcasts` */
export const publishAnswer = z.object({
  success: z.literal(true),
  broadcastId: z.string(),
  state: z.literal('accepted'),
  event: z.string(),
  audience,
  acceptedAt: time,
  expiresAt: time,
  links: z.object({ deliveries: z.string() }),
});

/** When a delivery came into each state that it passed, as far as is known. */
export const deliveryTimes = z.partialRecord(z.enum(deliveryStates), time);

const delivery = { state: z.enum(deliveryStates), reason: z.optional(z.string()), times: deliveryTimes };

/** `GET /api/broadcasts/{id}/deliveries` */
export const deliveriesAnswer = z.object({
  broadcastId: z.string(),
  event: z.string(),
  durability,
  acceptedAt: time,
  expiresAt: time,
  audience,
  deliveries: z.array(z.object({ user: z.string(), ...delivery })),
  next: z.nullable(z.string()),
});

/** What is unread of a topic. */
export const unreadCount = z.object({
  topic: z.string(),
  epoch: z.string(),
  count: z.int(),
  asOfSeq: z.int(),
  version: z.int(),
});

const position = z.object({ topic: z.string(), epoch: z.string(), seq: z.int() });

/** `GET /api/inbox` */
export const inboxAnswer = z.object({
  frames: z.array(z.discriminatedUnion('type', [notificationFrame, skippedFrame, resetFrame])),
  positions: z.array(position),
  complete: z.boolean(),
  topics: z.array(
    z.object({
      ...unreadCount.shape,
      readSeq: z.int(),
      readBeyond: z.array(z.object({ fromSeq: z.int(), toSeq: z.int() })),
    }),
  ),
  next: z.string(),
});

/** `PATCH /api/inbox` */
export const inboxChangeAnswer = z.object({ unread: z.array(unreadCount) });

/** `GET /api/notifications/broadcasts/{id}` */
export const reportAnswer = z.object({
  broadcastId: z.string(),
  eventType: z.string(),
  durability,
  acceptedAt: time,
  expiresAt: time,
  recipients: createBroadcastAnswer.shape.recipients,
  counts: z.record(z.enum(deliveryStates), z.int()),
  deliveries: z.array(z.object({ contractorId: z.string(), ...delivery })),
  next: z.nullable(z.string()),
});

const serviceStatus = {
  success: z.literal(true),
  status: z.enum(['ok', 'degraded']),
  connections: z.int(),
  users: z.int(),
  queue: z.object({ waiting: z.int(), inFlight: z.int() }),
  deadLetters: z.int(),
  time,
};

/** `GET /api/notifications/status` */
export const statusAnswer = z.object(serviceStatus);

/** `POST /api/notifications/test` */
export const testAnswer = z.object({ broadcastId: z.string(), message: z.string(), ...serviceStatus });
