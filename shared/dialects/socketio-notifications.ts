// A notification as the events that Socket.IO clients listen for; those of the repair shop and of the support desk differ in name.
import type { JsonObject } from '../domain/log.ts';
import { messageEvent, presenceEvents, typingEvent } from '../domain/presence.ts';
import type { NotificationFrame } from '../protocol/server-frames.ts';
import { isReservedEvent } from '../socketio/packets.ts';

export interface Emitted {
  readonly event: string;
  readonly data: JsonObject;
}

/** What is told of people is told in the words of both products; anything else under its own name, with its data as stored. */
export function writeNotification({ id, event, data, metadata, createdAt }: NotificationFrame): readonly Emitted[] {
  const { userId } = data;
  const timestamp = createdAt;
  switch (event) {
    case presenceEvents.came:
      return [
        { event: 'user_online', data: { userId, timestamp } },
        { event: 'clientJoined', data: { clientId: userId, timestamp } },
      ];
    case presenceEvents.left:
      return [
        { event: 'user_offline', data: { userId, timestamp } },
        { event: 'clientLeft', data: { clientId: userId, timestamp } },
      ];
    case presenceEvents.changed:
      return [{ event: 'user_presence_update', data: { userId, status: data['status'], timestamp } }];
    case typingEvent: {
      const name = data['active'] === true ? 'user_typing_start' : 'user_typing_stop';
      return [{ event: name, data: { userId, room: data['room'], timestamp } }];
    }
    case messageEvent:
      return [said(data, metadata ?? {}, timestamp)];
    case 'notification_received':
      return [{ event, data: { id, created_at: createdAt, ...data } }];
    default:
      return [{ event: isReservedEvent(event) ? `bellhop:${event}` : event, data }];
  }
}

/** What one client says to others. Who said it, and where, is known here and cannot be claimed in the data. */
function said(data: JsonObject, metadata: JsonObject, timestamp: string): Emitted {
  const { room, from: clientId } = metadata;
  return room === undefined
    ? { event: 'messageBroadcast', data: { ...data, clientId, timestamp } }
    : { event: 'roomMessage', data: { ...data, room, clientId, timestamp } };
}
