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

/** Sent when a socket opens without a token; arrives when it must have authenticated. */
export const deadlineMessage = z.strictObject({
  kind: z.literal('authenticate'),
  connectionId: z.string().check(z.minLength(1)),
});

export type FanOutMessage = z.infer<typeof fanOutMessage>;
export type DeadlineMessage = z.infer<typeof deadlineMessage>;
