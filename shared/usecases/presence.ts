// Who comes and goes: told to the others once, when a user's first connection comes and some time after the last has gone.
import type { BroadcastCommand } from '../domain/broadcast.ts';
import type { Connection, KnownConnection } from '../domain/connection.ts';
import { tracksPresence } from '../domain/connection.ts';
import type { JsonObject } from '../domain/log.ts';
import { presenceEvents } from '../domain/presence.ts';
import { presenceTopic } from '../domain/room.ts';
import type { DeadlineQueue, PresenceStore } from '../ports.ts';
import { presenceLimits } from '../protocol/limits.ts';
import type { Person } from './acknowledge.ts';
import type { AcceptPorts } from './create-broadcast.ts';
import { accept } from './create-broadcast.ts';
import type { ConnectionsOfPorts } from './list-present.ts';
import { presentConnections } from './list-present.ts';
import { mustBeHeard } from './must-be-in.ts';

export interface PresencePorts extends AcceptPorts {
  readonly presence: PresenceStore;
}

/** To be called after the connection is stored, so that whoever looks for connections in between finds it. */
export async function arrive(ports: PresencePorts, connection: KnownConnection): Promise<void> {
  if (!tracksPresence(connection.dialect)) return;
  const { tenant, user } = connection;
  if ((await ports.presence.arrive(tenant, user, ports.clock.nowMs())) === 'was_there') return;
  await announce(ports, tenant, user, presenceEvents.came);
}

/** Has somebody look, after the grace, whether the user of a connection that has ended is still there. */
export async function lookLater(ports: { readonly deadlines: DeadlineQueue }, ended: Connection | null): Promise<void> {
  if (ended?.state !== 'known' || !tracksPresence(ended.dialect)) return;
  const { tenant, user } = ended;
  await ports.deadlines.schedule({ kind: 'presence', tenant, user }, presenceLimits.graceMs);
}

/**
 * Looks whether a user is still there, and tells the others when not. The look counts only if no connection has come
 * meanwhile: one that came before the look is seen by it, one that came later has been counted.
 */
export async function checkPresence(
  ports: PresencePorts & ConnectionsOfPorts,
  { tenant, user }: Person,
): Promise<void> {
  for (let attempt = 0; attempt < presenceLimits.checkAttemptsMax; attempt += 1) {
    const known = await ports.presence.get(tenant, user);
    if (known?.state !== 'online') return;
    const present = await presentConnections(ports, tenant, user);
    if (present.some(({ dialect }) => tracksPresence(dialect))) return;
    if ((await ports.presence.depart(tenant, user, known.arrivals, ports.clock.nowMs())) === 'left') {
      await announce(ports, tenant, user, presenceEvents.left);
      return;
    }
  }
}

/** What a user says besides being there; told to as many as a message to everybody, so it is for those who may send one. */
export async function setStatus(
  ports: PresencePorts & { readonly teams: readonly string[] },
  connection: KnownConnection,
  status: string,
): Promise<void> {
  mustBeHeard(ports.teams, connection, null);
  const { tenant, user } = connection;
  if ((await ports.presence.get(tenant, user))?.status === status) return;
  await ports.presence.setStatus(tenant, user, status, ports.clock.nowMs());
  await accept(ports, tenant, announcement(user, presenceEvents.changed, { status }));
}

/** Ephemeral: what the queue does not take now nobody hears, and that is no reason to greet nobody, or to look again. */
async function announce(ports: PresencePorts, tenant: string, user: string, event: string): Promise<void> {
  try {
    await accept(ports, tenant, announcement(user, event, {}));
  } catch (error) {
    ports.telemetry.error('presence_not_told', { event }, error);
  }
}

function announcement(user: string, event: string, more: JsonObject): BroadcastCommand {
  return {
    event,
    data: { userId: user, ...more },
    audience: { kind: 'topic', topic: presenceTopic },
    durability: 'ephemeral',
    except: [user],
  };
}
