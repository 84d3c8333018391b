// What a client said, put together: its frame or the refusal of it, and what binds the answer to it.
import type { Spoken } from '../ports.ts';
import type { ClientFrame, DialectFrame } from '../protocol/client-frames.ts';
import type { DialectName } from '../protocol/dialect-names.ts';
import { Failure } from '../protocol/failures.ts';
import { parseJson } from '../protocol/json.ts';
import { connectionLimits, requestLimits } from '../protocol/limits.ts';

/** What `read` makes of a text, in words of Bellhop. */
export function spoken(
  dialect: DialectName,
  replyTo: string | undefined,
  read: () => ClientFrame | DialectFrame,
): Spoken {
  return { dialect, replyTo, frame: orRefusal(read) };
}

export function refused(dialect: DialectName, replyTo: string | undefined, frame: Failure): Spoken {
  return { dialect, replyTo, frame };
}

/** A text that is JSON, or why it is none. */
export function jsonFrame(text: string): unknown {
  return orRefusal(() => parseJson(text, 'frame', requestLimits.jsonDepthMax));
}

/** A `Failure` as a value; whatever else is thrown is a bug. */
export function orRefusal<Value>(read: () => Value): Value | Failure {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** The id of a frame that may be wrong in every other way, so that its refusal can still be told apart. */
export function frameId(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
  const { id } = value;
  return typeof id === 'string' && id.length > 0 && id.length <= connectionLimits.frameIdCharactersMax ? id : undefined;
}
