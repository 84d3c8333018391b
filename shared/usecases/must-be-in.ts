// Whoever says something in a room must be in it.
import type { KnownConnection } from '../domain/connection.ts';
import { topicOfRoom } from '../domain/room.ts';
import { Failure } from '../protocol/failures.ts';

/** Throws `forbidden` unless the connection is in the room, from the start or since it joined. */
export function mustBeIn(connection: KnownConnection, room: string): void {
  if (connection.topics.includes(topicOfRoom(room))) return;
  throw new Failure('forbidden', {
    message: `you are not in the room ${JSON.stringify(room)}`,
    field: 'room',
    remedy: 'Join the room first.',
  });
}
