// What callers of the hotel's API send and get, as schemas.
import * as z from 'zod/mini';
import { inboxQuery } from './http-bodies.ts';
import { communicationLimits, nameLimits, requestLimits } from './limits.ts';

const guestName = z.string().check(z.minLength(1), z.maxLength(nameLimits.userCharactersMax));

/** Guests are rows with numbers; a hotel with other names for them sends those. */
const guest = z.union([z.int(), guestName]);
const label = z.string().check(z.minLength(1), z.maxLength(communicationLimits.labelCharactersMax));

export const communicationTypes = ['notification', 'system', 'message'] as const;
export const recipientTypes = ['guest', 'specific', 'all', 'walkin'] as const;
export const communicationPriorities = ['low', 'normal', 'high', 'urgent'] as const;

/** `POST /api/communications` */
export const createCommunicationBody = z.strictObject({
  hotel_id: z.int(),
  /** `system` is shown as a message of the system, the others as a notification. */
  type: z.enum(communicationTypes),
  title: z.string().check(z.minLength(1), z.maxLength(communicationLimits.titleCharactersMax)),
  message: z.string().check(z.minLength(1), z.maxLength(communicationLimits.messageCharactersMax)),
  category: z.optional(label),
  /** `guest` and `specific` need `recipient_id`; `all` and `walkin` are for every guest. */
  recipient_type: z.enum(recipientTypes),
  recipient_id: z.optional(guest),
  priority: z.optional(z.enum(communicationPriorities)),
  sender_type: z.optional(label),
  /** ISO 8601 with its offset; 30 days from now unless told. */
  expiresAt: z.optional(z.string()),
});

/** A communication as guests get it: pushed in a frame, and polled. */
export const communication = z.object({
  /** A number made from the broadcast's id. Later ones are higher. */
  id: z.int(),
  hotel_id: z.int(),
  type: z.enum(communicationTypes),
  title: z.string(),
  message: z.string(),
  category: z.optional(z.string()),
  priority: z.optional(z.enum(communicationPriorities)),
  sender_type: z.optional(z.string()),
  recipient_type: z.enum(recipientTypes),
  status: z.literal('sent'),
  recipient_id: z.optional(guest),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

const status = z.literal('success');

export const createCommunicationAnswer = z.object({
  status,
  data: communication,
  broadcastId: z.string(),
  links: z.object({ deliveries: z.string() }),
});

/** The query of `GET /api/communications` */
export const listCommunicationsQuery = z.extend(inboxQuery, {
  /** Whose communications these are: nobody's but the caller's own. */
  guestId: z.optional(guestName),
});

export const listCommunicationsAnswer = z.object({
  status,
  /** What came in over another of our APIs has the fields that it was sent with, and its event as `type` unless it has one. */
  data: z.array(
    z.looseObject({ id: z.int(), type: z.string(), created_at: z.iso.datetime(), updated_at: z.iso.datetime() }),
  ),
  /** Ask with it as `after`, and these are not shown again. */
  next: z.string(),
  /** Whether there was nothing more at the time of asking. */
  complete: z.boolean(),
  /** How many are not read yet, of all that is kept. */
  unread: z.int(),
});

export const getGuestConnectionsAnswer = z.object({
  status,
  data: z.object({
    totalConnections: z.int(),
    uniqueGuests: z.int(),
    guests: z.array(z.object({ guestId: guest, connections: z.int() })),
  }),
});

/** `POST /api/communications/websocket/test` */
export const sendGuestTestBody = z.strictObject({
  guestId: guest,
  message: z.optional(z.string().check(z.minLength(1), z.maxLength(requestLimits.testMessageCharactersMax))),
});

export const sendGuestTestAnswer = z.object({ status, message: z.string(), broadcastId: z.string() });

export type CreateCommunicationBody = z.infer<typeof createCommunicationBody>;
export type SendGuestTestBody = z.infer<typeof sendGuestTestBody>;
