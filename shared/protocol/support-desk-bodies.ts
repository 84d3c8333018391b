// What callers of the support desk's API send and get, as schemas.
import * as z from 'zod/mini';
import { dialectNames } from './dialect-names.ts';
import { nameLimits, requestLimits } from './limits.ts';

const user = z.string().check(z.minLength(1), z.maxLength(nameLimits.userCharactersMax));
const text = (charactersMax: number) => z.string().check(z.minLength(1), z.maxLength(charactersMax));

/** `POST /websocket/notify/…`: fields of the caller's own go along. */
export const deskNotificationBody = z.looseObject({
  /** `info`, `success`, `warning`, `error`, or any other. */
  type: text(requestLimits.typeCharactersMax),
  title: text(requestLimits.titleCharactersMax),
  message: text(requestLimits.messageCharactersMax),
});

/** `POST /websocket/chat/…`: fields of the caller's own go along. */
export const deskChatBody = z.looseObject({ message: text(requestLimits.messageCharactersMax) });

/** `POST /websocket/event/…`, `/websocket/whatsapp/…` and `/websocket/conversation/…`: the data of the event, whatever it is. */
export const deskEventBody = z.record(z.string(), z.unknown());

/** The query of everything that is sent. */
export const deskSendQuery = z.strictObject({
  /** `ephemeral` reaches who is connected within five seconds, or nobody; `durable`, unless told, is kept for who is away. */
  durability: z.optional(z.enum(['durable', 'ephemeral'])),
});

/** What everything that is sent answers. Accepted means stored: it is sent next, and the deliveries say what became of it. */
export const deskSendAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  broadcastId: z.string(),
  state: z.literal('accepted'),
  links: z.object({ deliveries: z.string() }),
});

/** `GET /websocket/status` */
export const deskStatusAnswer = z.object({
  status: z.literal('running'),
  /** People; each may have several connections. */
  connectedClients: z.int(),
  totalConnections: z.int(),
  timestamp: z.iso.datetime(),
});

/** The query of `GET /websocket/clients` */
export const listClientsQuery = z.strictObject({
  /** The `next` of the answer before. */
  after: z.optional(user),
});

/** `GET /websocket/clients` */
export const listClientsAnswer = z.object({
  /** In order of the id, up to so many that an answer can hold. */
  clients: z.array(
    z.object({
      clientId: z.string(),
      connections: z.int(),
      /** Of the connection that has been there longest. */
      connectedAt: z.iso.datetime(),
      dialects: z.array(z.enum(dialectNames)),
    }),
  ),
  /** All that are connected, also those of other pages. */
  count: z.int(),
  /** What the next page starts after; null when this was the last. */
  next: z.nullable(z.string()),
});

/** `GET /websocket/clients/{clientId}/status` */
export const clientStatusAnswer = z.object({
  clientId: z.string(),
  connected: z.boolean(),
  connections: z.int(),
  /** Of the connection that has been there longest; null for who is not connected. */
  connectedAt: z.nullable(z.iso.datetime()),
  rooms: z.array(z.string()),
});

export type DeskSendAnswer = z.infer<typeof deskSendAnswer>;
export type DeskStatusAnswer = z.infer<typeof deskStatusAnswer>;
export type ListClientsAnswer = z.infer<typeof listClientsAnswer>;
export type ClientStatusAnswer = z.infer<typeof clientStatusAnswer>;
