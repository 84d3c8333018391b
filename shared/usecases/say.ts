// What one user says to the others: in a room, or to everybody of the tenant where members may do that.
import type { KnownConnection } from '../domain/connection.ts';
import { audienceOfRoom } from '../domain/broadcast.ts';
import { sentFrame } from '../domain/frames.ts';
import type { JsonObject } from '../domain/log.ts';
import { messageEvent } from '../domain/presence.ts';
import { isStaff, topicOfRoom } from '../domain/room.ts';
import { isTeam } from '../domain/team.ts';
import { everyone } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';
import { eventLimits } from '../protocol/limits.ts';
import type { AcceptPorts } from './create-broadcast.ts';
import { accept } from './create-broadcast.ts';
import type { GoOn } from './fan-out-ports.ts';
import { mustBeIn } from './must-be-in.ts';
import type { PostFramePorts } from './post-frame.ts';
import { postFrame } from './post-frame.ts';

export interface SayPorts extends AcceptPorts, PostFramePorts {
  /** Tenants whose members may tell each other anything; `*` is every tenant. */
  readonly teams: readonly string[];
}

export interface Saying {
  /** Null for everybody of the tenant. */
  readonly room: string | null;
  readonly data: JsonObject;
  readonly replyTo: string | undefined;
}

/** Stored before it is confirmed, like every broadcast. Who said it is the system's word, not the client's. */
export async function say(
  ports: SayPorts,
  connection: KnownConnection,
  { room, data, replyTo }: Saying,
  goOn: GoOn,
): Promise<void> {
  const { tenant, user } = connection;
  if (room !== null) mustBeIn(connection, room);
  if (room === null || isForRole(room)) mustBeHeardByMany(ports, connection);
  const broadcast = await accept(ports, tenant, {
    event: messageEvent,
    data,
    metadata: { from: user, ...(room === null ? {} : { room }) },
    audience: room === null ? { kind: 'topic', topic: everyone } : audienceOfRoom(room),
    durability: 'durable',
    keptMs: eventLimits.keptMs,
    except: [user],
  });
  const sent = sentFrame(broadcast.id, room ?? undefined, broadcast.data, ports.clock.nowMs(), replyTo);
  await postFrame(ports, connection, sent, goOn);
}

/** A role has a room, which nobody needs to join: all guests of a hotel may be in one. */
function isForRole(room: string): boolean {
  return topicOfRoom(room).startsWith('role:');
}

/** Guests and customers are in a tenant too, and must not be able to write to all the others. */
function mustBeHeardByMany({ teams }: SayPorts, connection: KnownConnection): void {
  if (isTeam(teams, connection.tenant) || isStaff(connection)) return;
  throw new Failure('forbidden', {
    message: 'you may not send messages to everybody of this tenant, or of a role',
    field: 'room',
    remedy: 'Name a room that you have joined, or have the operator add this tenant to Teams.',
  });
}
