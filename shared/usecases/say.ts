// What one user says to the others: in a room, or to everybody of the tenant where members may do that.
import type { KnownConnection } from '../domain/connection.ts';
import { audienceOfRoom } from '../domain/broadcast.ts';
import { sentFrame } from '../domain/frames.ts';
import type { JsonObject } from '../domain/log.ts';
import { messageEvent } from '../domain/presence.ts';
import { everyone } from '../domain/topic.ts';
import { eventLimits } from '../protocol/limits.ts';
import type { AcceptPorts } from './create-broadcast.ts';
import { accept } from './create-broadcast.ts';
import type { GoOn } from './fan-out-ports.ts';
import { mustBeHeard } from './must-be-in.ts';
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
  mustBeHeard(ports.teams, connection, room);
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
