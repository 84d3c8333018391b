// What the messages of all dialects have in common, as schemas.
import * as z from 'zod/mini';
import { failureStatus } from './failures.ts';
import type { FailureCode } from './failures.ts';
import { connectionLimits } from './limits.ts';

export interface DialectMessage {
  /** The `type` of a JSON message, or the name of a Socket.IO event; null stands for any other name. */
  readonly name: string | null;
  readonly summary: string;
  /** The whole message, or the argument of the event. */
  readonly payload: z.ZodMiniType;
}

type Messages = Readonly<Record<string, DialectMessage>>;

/** Both directions of one product's socket, by the names that the schemas have in the documents. */
export interface DialectMessages {
  readonly client: Messages;
  readonly server: Messages;
}

export const time = z.iso.datetime();
export const jsonObject = z.record(z.string(), z.unknown());
export const failureCode = z.enum(Object.keys(failureStatus) as [FailureCode, ...FailureCode[]]);
/** What every refusal says, whatever it is called. */
export const refusal = { code: failureCode, message: z.string(), field: z.optional(z.string()), remedy: z.string() };
export const token = z.string().check(z.minLength(1), z.maxLength(connectionLimits.tokenCharactersMax));
