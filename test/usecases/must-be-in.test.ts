// Who may say something in a room: whoever is in it, from the start or by joining, and nobody else.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinedRooms } from '../../shared/domain/connection.ts';
import { roomsFromTheStart, topicOfRoom } from '../../shared/domain/room.ts';
import { mustBeIn } from '../../shared/usecases/must-be-in.ts';
import { aConnection } from '../builders/connection.ts';

const inLobby = aConnection({ user: 'a', roles: ['guest'], topics: ['user:a', 'all', 'role:guest', 'room:lobby'] });

it.each(['lobby', 'user_a', 'role_guest'])('is in %s', (room) => {
  expect(() => {
    mustBeIn(inLobby, room);
  }).not.toThrow();
});

it.each([
  'Lobby',
  'lobby ',
  'user_b',
  'role_admin',
  'admin_room',
  'all',
  'presence',
  'room:lobby',
  'user:a',
  'role_',
  '',
])('is not in %j', (room) => {
  expect(() => {
    mustBeIn(inLobby, room);
  }).toThrow(
    expect.objectContaining({ code: 'forbidden', detail: expect.objectContaining({ field: 'room' }) as unknown }),
  );
});

it('an admin is in the room of admins by both of its names', () => {
  const admin = aConnection({ roles: ['admin'] });
  for (const room of ['admin_room', 'role_admin'])
    expect(() => {
      mustBeIn(admin, room);
    }).not.toThrow();
});

it('holds for exactly the rooms from the start and those that were joined', () => {
  const name = fc.oneof(fc.constantFrom('admin_room', 'role_guest', 'user_a', 'lobby', 'work_order_1'), fc.string());
  fc.assert(
    fc.property(fc.array(name), name, (joined, asked) => {
      const own = aConnection({ user: 'a', roles: ['guest'] });
      const rooms = joined.map(topicOfRoom).filter((topic) => topic.startsWith('room:'));
      const connection = { ...own, topics: [...own.topics, ...new Set(rooms)] };
      const isIn = [...roomsFromTheStart(own), ...joinedRooms(connection)].includes(asked);
      const check = (): void => {
        mustBeIn(connection, asked);
      };
      if (isIn) expect(check).not.toThrow();
      else expect(check).toThrow('you are not in the room');
    }),
  );
});
