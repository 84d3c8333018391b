// Which names callers may give to events of their own, so that what arrives is called as it was sent.
import { messageEvent, presenceEvents, typingEvent } from '../domain/presence.ts';
import { Failure } from '../protocol/failures.ts';
import { isReservedEvent } from '../socketio/packets.ts';

/** What Bellhop says of people by itself; Socket.IO clients get these in other words. */
const bellhopEvents: ReadonlySet<string> = new Set([...Object.values(presenceEvents), typingEvent, messageEvent]);

/**
 * Throws `invalid_field` for names that a Socket.IO client drops the connection at, and for those that would arrive as
 * something else.
 */
export function refuseReservedName(event: string, field: string): void {
  const isReserved = isReservedEvent(event);
  if (!isReserved && !bellhopEvents.has(event)) return;
  const owner = isReserved ? 'Socket.IO' : 'Bellhop';
  throw new Failure('invalid_field', {
    message: `${JSON.stringify(event)} is a name that ${owner} uses itself`,
    field,
    remedy: 'Send the event under another name.',
  });
}
