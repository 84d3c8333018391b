// What a client may send over its socket: one JSON object a frame, told apart by `type`.
import * as z from 'zod/mini';
import { connectionLimits } from './limits.ts';

const topic = z.string().check(z.minLength(1));
const epoch = z.string().check(z.minLength(1));
const seq = z.int().check(z.nonnegative());

/** Any frame may carry an id; the answer to it, or its refusal, comes back with the same `replyTo`. */
const id = z.optional(z.string().check(z.minLength(1), z.maxLength(connectionLimits.frameIdCharactersMax)));

export const position = z.strictObject({ topic, epoch, seq });

/** Says who is there, when no token was given in the address. */
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
  positions: z.array(position).check(z.minLength(1), z.maxLength(connectionLimits.topicsMax)),
});

/** Asks for a `pong`; also what keeps an idle socket open. */
export const pingFrame = z.strictObject({ type: z.literal('ping'), id });

export const clientFrame = z.discriminatedUnion('type', [
  authenticateFrame,
  acknowledgeFrame,
  readFrame,
  resumeFrame,
  pingFrame,
]);

export type ClientFrame = z.infer<typeof clientFrame>;
export type TopicPosition = z.infer<typeof position>;
