// The messages that travel on the queues.
import * as z from 'zod/mini';

/** `broadcast` starts a fan-out; `page` is one slice of an audience too large for one call. */
export const fanOutMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('broadcast'), broadcastId: z.string().check(z.minLength(1)) }),
  z.strictObject({
    kind: z.literal('page'),
    broadcastId: z.string().check(z.minLength(1)),
    page: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('users'), number: z.int().check(z.nonnegative()) }),
      z.strictObject({
        kind: z.literal('shard'),
        shard: z.int().check(z.nonnegative()),
        after: z.nullable(z.string()),
        number: z.int().check(z.nonnegative()),
      }),
    ]),
  }),
]);

const name = z.string().check(z.minLength(1));

/** Each arrives when it is time to look: nothing here waits. */
export const deadlineMessage = z.discriminatedUnion('kind', [
  /** A socket opened without a token: by now it must have authenticated. */
  z.strictObject({ kind: z.literal('authenticate'), connectionId: name }),
  /** A connection must be kept alive, or ended because its token or its lease has run out. Goes on as long as the connection does. */
  z.strictObject({
    kind: z.literal('attend'),
    connectionId: name,
    tenant: name,
    user: name,
    /** When it was attended to last: whoever has answered since is not silent, however late this message comes. */
    sinceMs: z.int(),
  }),
  /** A connection of this user has ended: is another one there? */
  z.strictObject({ kind: z.literal('presence'), tenant: name, user: name }),
  /** This user said at `atMs` to be typing in a room: has more come since? */
  z.strictObject({ kind: z.literal('typing'), tenant: name, user: name, room: name, atMs: z.int() }),
]);

export type FanOutMessage = z.infer<typeof fanOutMessage>;
export type DeadlineMessage = z.infer<typeof deadlineMessage>;
