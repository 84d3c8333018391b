// What the server sends over a socket: one JSON object a frame, told apart by `type`. Clients ignore fields that they do
// not know, so that a newer server can say more.
import * as z from 'zod/mini';

const jsonObject = z.record(z.string(), z.unknown());
const position = z.object({ topic: z.string(), epoch: z.string(), seq: z.int() });
const replyTo = z.optional(z.string());
const range = z.object({ fromSeq: z.int(), toSeq: z.int() });

/** How many notifications of a topic a person has not read, as of the entry `asOfSeq`; the higher `version` is the newer. */
const unread = z.object({
  topic: z.string(),
  epoch: z.string(),
  count: z.int(),
  asOfSeq: z.int(),
  version: z.int(),
});

/** The first frame after the token was accepted: who you are, and how far this user's clients have acknowledged. */
export const connectedFrame = z.object({
  type: z.literal('connected'),
  connectionId: z.string(),
  user: z.string(),
  tenant: z.string(),
  roles: z.array(z.string()),
  positions: z.array(position),
  unread: z.array(unread),
  /** Send a `ping` at least this often, or an idle socket is closed by the gateway after ten minutes. */
  heartbeatEveryMs: z.int(),
  time: z.string(),
  /** When this connection stops being served: its token's expiry, or two hours, whichever is first. ISO 8601. */
  expiresAt: z.string(),
  replyTo,
});

/** A durable one has its place in a topic's log; an ephemeral one has none and is never repeated. */
export const notificationFrame = z.object({
  type: z.literal('notification'),
  topic: z.optional(z.string()),
  epoch: z.optional(z.string()),
  seq: z.optional(z.int()),
  id: z.string(),
  event: z.string(),
  data: jsonObject,
  metadata: z.optional(jsonObject),
  createdAt: z.string(),
  expiresAt: z.string(),
});

/** Entries that are not shown to you: expired, suppressed, or from before you joined. The next one to come is `toSeq` + 1. */
export const skippedFrame = z.object({
  type: z.literal('skipped'),
  topic: z.string(),
  epoch: z.string(),
  fromSeq: z.int(),
  toSeq: z.int(),
  reason: z.enum(['expired', 'suppressed', 'before_joining']),
});

/** The log was made anew, or cut back: your position in it is `seq` from now on, and what you had beyond is history. */
export const resetFrame = z.object({
  type: z.literal('reset'),
  topic: z.string(),
  epoch: z.string(),
  seq: z.int(),
  reason: z.enum(['new_epoch', 'beyond_end']),
});

/** Ends what was missed: where each topic stands now. `complete: false` asks for another `resume` from there. */
export const resumedFrame = z.object({
  type: z.literal('resumed'),
  positions: z.array(position),
  complete: z.boolean(),
  replyTo,
});

/** `heads` is where each of your topics ends: whoever has less asks for it with `resume`. */
export const pongFrame = z.object({
  type: z.literal('pong'),
  time: z.string(),
  heads: z.array(position),
  unread: z.array(unread),
  replyTo,
});

/** Something was read, on this device or another: what it was, and what is unread now. */
export const unreadFrame = z.object({
  type: z.literal('unread'),
  ...unread.shape,
  readSeq: z.int(),
  readBeyond: z.array(range),
  replyTo,
});

/** You follow this room from now on. A room with a log has a position, like the topics of `connected`: what comes after it follows. */
export const joinedFrame = z.object({
  type: z.literal('joined'),
  room: z.string(),
  position: z.optional(position),
  time: z.string(),
  replyTo,
});

/** You do not follow this room any more; nothing of its topic is sent to you. */
export const leftFrame = z.object({
  type: z.literal('left'),
  room: z.string(),
  topic: z.string(),
  time: z.string(),
  replyTo,
});

/** Your message was accepted, under this id; the others get it as a notification. */
export const sentFrame = z.object({
  type: z.literal('sent'),
  id: z.string(),
  room: z.optional(z.string()),
  data: jsonObject,
  time: z.string(),
  replyTo,
});

/** A newer token was accepted for this connection. */
export const refreshedFrame = z.object({
  type: z.literal('refreshed'),
  roles: z.array(z.string()),
  /** Of every topic, as in `connected`: those that you did not follow before are new to you. */
  positions: z.array(position),
  expiresAt: z.string(),
  time: z.string(),
  replyTo,
});

/** A refused frame. The socket stays open unless `closing` says otherwise: then it is closed at once, and `code` says why. */
export const errorFrame = z.object({
  type: z.literal('error'),
  code: z.string(),
  message: z.string(),
  field: z.optional(z.string()),
  remedy: z.string(),
  closing: z.optional(z.literal(true)),
  replyTo,
});

export const serverFrame = z.discriminatedUnion('type', [
  connectedFrame,
  notificationFrame,
  skippedFrame,
  resetFrame,
  resumedFrame,
  pongFrame,
  unreadFrame,
  joinedFrame,
  leftFrame,
  sentFrame,
  refreshedFrame,
  errorFrame,
]);

/** What only other dialects say, each in its own words. */
export type DialectServerFrame =
  /** The first text on a socket whose client must still say that it comes in. */
  | { readonly type: 'open'; readonly connectionId: string }
  /** Keeps a socket open whose client does not ping. */
  | { readonly type: 'heartbeat'; readonly time: string }
  /** Which events this connection gets from now on. */
  | { readonly type: 'selected'; readonly events: readonly string[]; readonly time: string; readonly replyTo?: string }
  /** What was asked is done and there is nothing to say of it, as for `typing` and `presence`: some clients wait for just that. */
  | { readonly type: 'done'; readonly replyTo?: string };

export type ServerFrame = z.infer<typeof serverFrame> | DialectServerFrame;
export type WireFrame = z.infer<typeof serverFrame>;
export type ConnectedFrame = z.infer<typeof connectedFrame>;
export type NotificationFrame = z.infer<typeof notificationFrame>;
export type SkippedFrame = z.infer<typeof skippedFrame>;
export type ResetFrame = z.infer<typeof resetFrame>;
export type Unread = z.infer<typeof unread>;
