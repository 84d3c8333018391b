// Which names callers may give to events of their own, so that what arrives is called as it was sent.
import { messageEvent, presenceEvents, typingEvent } from '../domain/presence.ts';
import { Failure } from '../protocol/failures.ts';
import { isReservedEvent } from '../socketio/packets.ts';

/** What Bellhop says of people by itself; Socket.IO clients get these in other words. */
const bellhopEvents: ReadonlySet<string> = new Set([...Object.values(presenceEvents), typingEvent, messageEvent]);

/** What the products' own servers say, to people who trust that it is them. */
const officeEvents: ReadonlySet<string> = new Set([
  'notification',
  'system',
  'connection',
  'connected',
  'chatMessage',
  'conversationUpdate',
  'whatsappStatusUpdate',
  'whatsappMessageUpdate',
  'notification_received',
  'notification_count_updated',
  'work_order_updated',
  'work_order_assignment_update',
  'repair_ticket_updated',
  'user_online',
  'user_offline',
  'user_presence_update',
  'user_typing_start',
  'user_typing_stop',
  'clientJoined',
  'clientLeft',
  'messageBroadcast',
  'messageReceived',
  'roomMessage',
  'roomJoined',
  'roomLeft',
  'authenticated',
]);

/** Throws `invalid_field` for what only a back office may say: a person with a token must not pass for one. */
export function refuseOfficeName(event: string, field: string): void {
  const isOffice = officeEvents.has(event) || /^(?:task|notification):/.test(event);
  if (!isOffice) return;
  throw new Failure('invalid_field', {
    message: `${JSON.stringify(event)} is what the back office says`,
    field,
    remedy: 'Send the event under another name.',
  });
}

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
