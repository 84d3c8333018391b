// What a client may send over its socket: one JSON object a frame, told apart by `type`.
import * as z from 'zod/mini';
import { connectionLimits, nameLimits } from './limits.ts';

const topic = z.string().check(z.minLength(1));
const epoch = z.string().check(z.minLength(1));
const seq = z.int().check(z.nonnegative());

/** Any frame may carry an id; the answer to it, or its refusal, comes back with the same `replyTo`. */
const id = z.optional(z.string().check(z.minLength(1), z.maxLength(connectionLimits.frameIdCharactersMax)));

export const position = z.strictObject({ topic, epoch, seq });

/** Says who is there, when no token was given in the address; later, with a newer token of the same user, stays longer. */
export const authenticateFrame = z.strictObject({
  type: z.literal('authenticate'),
  id,
  token: z.string().check(z.minLength(1), z.maxLength(connectionLimits.tokenCharactersMax)),
});

/** Everything up to `seq` was handed to the app. Cumulative: one frame covers all that came before it. */
export const acknowledgeFrame = z.strictObject({ type: z.literal('acknowledge'), id, topic, epoch, seq });

/** Everything up to `upToSeq`, or the single entries of `seqs`, was read by a person. Implies `acknowledge` of neither. */
export const readMark = z.strictObject({
  topic,
  epoch,
  upToSeq: z.optional(seq),
  seqs: z.optional(z.array(seq).check(z.minLength(1), z.maxLength(connectionLimits.readsPerFrameMax))),
});

export const readFrame = z.strictObject({ type: z.literal('read'), id, ...readMark.shape });

/** Asks for everything after these positions, in order. */
export const resumeFrame = z.strictObject({
  type: z.literal('resume'),
  id,
  positions: z.array(position).check(z.minLength(1), z.maxLength(connectionLimits.positionsMax)),
});

/** Asks for a `pong`; also what keeps an idle socket open. */
export const pingFrame = z.strictObject({ type: z.literal('ping'), id });

/** A room as people name it: `work_order_7`, `role_admin`. Which topic it is, and who may be in it, is the server's business. */
export const roomName = z.string().check(z.minLength(1), z.maxLength(nameLimits.topicNameCharactersMax));
const jsonObject = z.record(z.string(), z.unknown());

/** Follows a room from now on. */
export const joinFrame = z.strictObject({ type: z.literal('join'), id, room: roomName });

export const leaveFrame = z.strictObject({ type: z.literal('leave'), id, room: roomName });

/** Says something to everybody else in a room that one is in, or, without a room, to everybody else of the tenant. */
export const sendFrame = z.strictObject({ type: z.literal('send'), id, room: z.optional(roomName), data: jsonObject });

/** Shown to the others in a room for some seconds: repeat `active: true` while it lasts. */
export const typingFrame = z.strictObject({ type: z.literal('typing'), id, room: roomName, active: z.boolean() });

export const clientFrame = z.discriminatedUnion('type', [
  authenticateFrame,
  acknowledgeFrame,
  readFrame,
  resumeFrame,
  pingFrame,
  joinFrame,
  leaveFrame,
  sendFrame,
  typingFrame,
]);

/**
 * What only clients of other dialects can ask for, each in its own words: to get some events and no others, to be taken
 * for alive, to be let go, or nothing at all. Those clients do not follow sequence numbers, so leaving events out makes no hole.
 */
export type DialectFrame =
  | { readonly type: 'subscribe'; readonly id?: string | undefined; readonly events: readonly string[] }
  | { readonly type: 'unsubscribe'; readonly id?: string | undefined; readonly events: readonly string[] }
  /** `authenticate` with the token that came with the address. */
  | { readonly type: 'enter'; readonly id?: string | undefined }
  /** What others see of this user besides being there: `away`, `busy`, `on site`. */
  | { readonly type: 'presence'; readonly id?: string | undefined; readonly status: string }
  | { readonly type: 'alive'; readonly id?: undefined }
  | { readonly type: 'goodbye'; readonly id?: undefined }
  | { readonly type: 'nothing'; readonly id?: undefined };

export type ClientFrame = z.infer<typeof clientFrame>;
export type TopicPosition = z.infer<typeof position>;
