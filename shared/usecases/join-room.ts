// Rooms: a connection follows the topic of one from now on, or no longer.
import type { KnownConnection } from '../domain/connection.ts';
import { acknowledges, joinedRooms } from '../domain/connection.ts';
import { joinedFrame, leftFrame } from '../domain/frames.ts';
import { mustBeAllowedIn, topicOfRoom } from '../domain/room.ts';
import type { Topic } from '../domain/topic.ts';
import { topicsOf } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';
import { roomLimits } from '../protocol/limits.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { ConnectionsOfPorts } from './list-present.ts';
import { presentConnections } from './list-present.ts';
import { acknowledgedPosition } from './open-connection.ts';
import { postFrame } from './post-frame.ts';
import type { SendMissedPorts } from './send-missed.ts';
import { sendMissed } from './send-missed.ts';
import { sendUnpushed } from './send-unpushed.ts';
import { joinTopics, standingCursors } from './standing-cursors.ts';

export interface JoinRoomPorts extends SendMissedPorts, ConnectionsOfPorts {}

export interface RoomRequest {
  readonly room: string;
  /** When the frame came to the gateway: frames of one socket may overtake each other. */
  readonly atMs: number;
  readonly replyTo: string | undefined;
}

/**
 * Who comes for the first time, or after leaving, gets what is published from now on; who only lost the connection gets
 * what was missed meanwhile.
 */
export async function joinRoom(
  ports: JoinRoomPorts,
  connection: KnownConnection,
  { room, atMs, replyTo }: RoomRequest,
  goOn: GoOn,
): Promise<void> {
  mustBeAllowedIn(connection, room);
  const topic = topicOfRoom(room);
  const answer = async (position: Parameters<typeof joinedFrame>[1]): Promise<void> => {
    await postFrame(ports, connection, joinedFrame(room, position, ports.clock.nowMs(), replyTo), goOn);
  };
  if (topicsOf(connection).includes(topic)) {
    await answer(null);
    return;
  }
  refuseExcess(connection, topic);
  const { tenant, user } = connection;
  // The place in the log before the subscription: what is published in between is found in the log.
  await standingCursors(ports, tenant, user, [topic]);
  if ((await ports.connections.follow(connection, topic, atMs)) === 'closed') return;
  const [standing] = await standingCursors(ports, tenant, user, [topic]);
  if (standing === undefined) throw new Error('a topic has no standing');
  // The client left again, and that was obeyed first: this frame must not make a member of who has left.
  const now = await ports.connections.get(connection.connectionId);
  if (now?.state === 'known' && !now.topics.includes(topic)) {
    await endMembership(ports, connection, topic);
    await answer(null);
    return;
  }
  const from = acknowledgedPosition(standing);
  await answer(from);
  if (acknowledges(connection.dialect)) await sendMissed(ports, connection, [{ standing, from }], goOn);
  else await sendUnpushed(ports, connection, [standing], goOn);
}

export async function leaveRoom(
  ports: JoinRoomPorts,
  connection: KnownConnection,
  { room, atMs, replyTo }: RoomRequest,
  goOn: GoOn,
): Promise<void> {
  const topic = topicOfRoom(room);
  if (topicsOf(connection).includes(topic)) {
    throw new Failure('forbidden', {
      message: `the room ${JSON.stringify(room)} is yours as long as you are connected`,
      field: 'room',
      remedy: 'Leave only rooms that you have joined.',
    });
  }
  await ports.connections.unfollow(connection, topic, atMs);
  await endMembership(ports, connection, topic);
  await postFrame(ports, connection, leftFrame(room, topic, ports.clock.nowMs(), replyTo), goOn);
}

/** Unless another window of the same user is still in the room, or the same one has come back. */
async function endMembership(ports: JoinRoomPorts, { tenant, user }: KnownConnection, topic: Topic): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const present = await presentConnections(ports, tenant, user);
    return present.some(({ topics }) => topics.includes(topic));
  };
  if (await isThere()) return;
  await ports.cursors.leave(tenant, { topic, user });
  if (await isThere()) await joinTopics(ports, tenant, user, [topic]);
}

function refuseExcess(connection: KnownConnection, topic: Topic): void {
  const rooms = joinedRooms(connection);
  if (connection.topics.includes(topic) || rooms.length < roomLimits.roomsMax) return;
  throw new Failure('rate_limited', {
    message: `this connection is in ${String(rooms.length)} rooms, at most ${String(roomLimits.roomsMax)} are allowed`,
    field: 'room',
    remedy: 'Leave a room first.',
  });
}
