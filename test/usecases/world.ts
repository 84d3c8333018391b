// All ports as fakes, joined as the real ones are: what one use case writes, the next one reads.
import type { Audience, Broadcast, BroadcastCommand } from '../../shared/domain/broadcast.ts';
import type { Identity, KnownConnection } from '../../shared/domain/connection.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { digest } from '../../shared/system/digest.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { aCommand } from '../builders/broadcast.ts';
import { aConnection } from '../builders/connection.ts';
import { anIdentity } from '../builders/identity.ts';
import { fakeBroadcasts } from '../fakes/fake-broadcasts.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeCursors } from '../fakes/fake-cursors.ts';
import { fakeGateway } from '../fakes/fake-gateway.ts';
import { fakeIdempotency } from '../fakes/fake-guards.ts';
import { fakeIds } from '../fakes/fake-ids.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeDeadlines, fakeOpener, fakeQueue } from '../fakes/fake-queue.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { fakeTokens } from '../fakes/fake-tokens.ts';

export const always = (): boolean => true;

export type World = ReturnType<typeof aWorld>;

export function aWorld() {
  const stores = fakeStores();
  const queue = fakeQueue();
  return {
    stores,
    connections: stores.connections,
    subscriptions: stores.subscriptions,
    broadcasts: fakeBroadcasts(),
    idempotency: fakeIdempotency(),
    logs: fakeLog(),
    cursors: fakeCursors(),
    queue,
    depths: queue,
    gateway: fakeGateway(),
    tokens: fakeTokens(),
    opener: fakeOpener(),
    deadlines: fakeDeadlines(),
    digest,
    ids: fakeIds(),
    clock: fakeClock(),
    allowedOrigins: [] as readonly string[],
  };
}

/** Connects a user as the gateway would: `$connect`, then the opener. Returns the connection id. */
export async function connectUser(world: World, user: string, tenant = 'default'): Promise<string> {
  const identity: Identity = anIdentity({ user, tenant });
  const connection: KnownConnection = aConnection({ user, tenant });
  const { connectionId } = connection;
  const token = world.tokens.issue(identity);
  await connect(world, { connectionId, connectedAtMs: world.clock.nowMs(), token, origin: undefined });
  await openConnection(world, connectionId, always);
  return connectionId;
}

/** Stores a connection that the gateway has let through long ago, without a greeting. */
export async function openQuietly(world: World, given: Partial<KnownConnection>): Promise<KnownConnection> {
  const connection = aConnection({ tenant: 'default', connectedAtMs: world.clock.nowMs() - 60_000, ...given });
  await world.connections.open(connection);
  return connection;
}

export function toUsers(...users: readonly string[]): Audience {
  return { kind: 'users', users };
}

export const toEveryone: Audience = { kind: 'everyone' };

/** Accepts a broadcast, which waits in the queue then. */
export async function accept(world: World, given: Partial<BroadcastCommand>, tenant = 'default'): Promise<Broadcast> {
  const request = { tenant, command: aCommand(given), idempotencyKey: undefined, requestText: '' };
  return (await createBroadcast(world, request)).broadcast;
}

/** Accepts a broadcast and brings it to its audience. */
export async function publish(world: World, given: Partial<BroadcastCommand>, tenant = 'default'): Promise<Broadcast> {
  const broadcast = await accept(world, given, tenant);
  await drain(world);
  return broadcast;
}

/** Works on everything that is queued, and on what that queues. */
export async function drain(world: World): Promise<void> {
  for (let message = world.queue.take(); message !== undefined; message = world.queue.take()) {
    await fanOut(world, message, always);
  }
}

export function broadcastMessage(broadcastId: string): FanOutMessage {
  return { kind: 'broadcast', broadcastId };
}

/** The notifications among the frames that a connection got, as `[topic, seq, id]`. */
export function notificationsOf(world: World, connectionId: string): readonly (readonly unknown[])[] {
  return framesOf(world, connectionId, 'notification').map(({ topic, seq, id }) => [topic, seq, id]);
}

export function framesOf(world: World, connectionId: string, type: string): readonly Record<string, unknown>[] {
  return world.gateway
    .frames(connectionId)
    .map((frame) => frame as Record<string, unknown>)
    .filter((frame) => frame['type'] === type);
}
