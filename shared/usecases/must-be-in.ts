// Who may be heard: in a room by whoever is in it, by many at once only where the operator lets members speak.
import type { KnownConnection } from '../domain/connection.ts';
import { isStaff, topicOfRoom } from '../domain/room.ts';
import { isTeam } from '../domain/team.ts';
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

/**
 * Throws `forbidden` unless the user may be heard in the room; null is everybody of the tenant. Guests and customers are
 * in a tenant too, all of them perhaps in the room of one role, and must not be able to speak to all the others.
 *
 * @param teams tenants whose members may tell each other anything; `*` is every tenant.
 */
export function mustBeHeard(teams: readonly string[], connection: KnownConnection, room: string | null): void {
  if (room !== null) mustBeIn(connection, room);
  const isForMany = room === null || topicOfRoom(room).startsWith('role:');
  if (!isForMany || isTeam(teams, connection.tenant) || isStaff(connection)) return;
  throw new Failure('forbidden', {
    message: 'you may not send anything to everybody of this tenant, or of a role',
    field: 'room',
    remedy: 'Name a room that you have joined, or have the operator add this tenant to Teams.',
  });
}
