// All ports as fakes, joined as the real ones are: what one use case writes, the next one reads.
import * as z from 'zod/mini';
import type { Audience, Broadcast, BroadcastCommand } from '../../shared/domain/broadcast.ts';
import type { Identity, KnownConnection } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import type { ConnectionRange } from '../../shared/ports.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import type { WireFrame } from '../../shared/protocol/server-frames.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';
import { socketDialects } from '../../shared/dialects/sockets.ts';
import { digest } from '../../shared/system/digest.ts';
import type { ConnectRequest } from '../../shared/usecases/connect.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { aCommand } from '../builders/broadcast.ts';
import { aConnection } from '../builders/connection.ts';
import { anIdentity } from '../builders/identity.ts';
import { fakeBroadcasts } from '../fakes/fake-broadcasts.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeCursors } from '../fakes/fake-cursors.ts';
import { fakeFrames } from '../fakes/fake-frames.ts';
import { fakeGateway } from '../fakes/fake-gateway.ts';
import { fakeIdempotency, fakeRates } from '../fakes/fake-guards.ts';
import { fakeIds } from '../fakes/fake-ids.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakePresence } from '../fakes/fake-presence.ts';
import { fakeDeadlines, fakeOpener, fakeQueue } from '../fakes/fake-queue.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { fakeTelemetry } from '../fakes/fake-telemetry.ts';
import { fakeTokens } from '../fakes/fake-tokens.ts';
import { fakeTyping } from '../fakes/fake-typing.ts';

export const always = (): boolean => true;

/** Every connection of a shard. */
export const wholeRange: ConnectionRange = { after: null, through: null };

export type World = ReturnType<typeof aWorld>;

export function aWorld() {
  const stores = fakeStores();
  const queue = fakeQueue();
  const clock = fakeClock();
  return {
    stores,
    connections: stores.connections,
    subscriptions: stores.subscriptions,
    broadcasts: fakeBroadcasts(),
    idempotency: fakeIdempotency(),
    rates: fakeRates(),
    logs: fakeLog(clock),
    cursors: fakeCursors(),
    queue,
    depths: queue,
    gateway: fakeGateway(),
    tokens: fakeTokens(),
    opener: fakeOpener(),
    deadlines: fakeDeadlines(),
    telemetry: fakeTelemetry(),
    digest,
    ids: fakeIds(),
    clock,
    presence: fakePresence(),
    typing: fakeTyping(),
    meter: fakeFrames(),
    dialects: socketDialects,
    allowedOrigins: [] as readonly string[],
    sensitiveFields: [] as readonly string[],
    teams: [] as readonly string[],
    lookBackMs: 0,
  };
}

/** What a token says of somebody; the tenant is `default` and there are no roles, unless they are given. */
type Person = Partial<Pick<Identity, 'tenant' | 'roles' | 'tokenExpiresAtMs'>>;

/** Connects a user as the gateway would: `$connect`, then the opener. Returns the connection id. */
export async function connectUser(world: World, user: string, given: Person = {}): Promise<string> {
  const connectionId = await beginConnecting(world, user, given);
  await openConnection(world, connectionId, always);
  return connectionId;
}

/** Connects a user up to where the opener is started. */
export async function beginConnecting(world: World, user: string, given: Person = {}): Promise<string> {
  const token = world.tokens.issue(anIdentity({ user, tenant: 'default', roles: [], ...given }));
  const { connectionId } = aConnection();
  await connect(world, aConnectRequest({ connectionId, connectedAtMs: world.clock.nowMs(), token }));
  return connectionId;
}

/** What `$connect` says of a client of our own, without a token unless it is given. */
export function aConnectRequest(given: Partial<ConnectRequest> = {}): ConnectRequest {
  return {
    connectionId: aConnection().connectionId,
    connectedAtMs: Date.UTC(2026, 10, 21, 8, 30),
    dialect: 'bellhop',
    token: undefined,
    guestId: undefined,
    origin: undefined,
    engine: { version: undefined, transport: undefined },
    ...given,
  };
}

/** Stores a connection that the gateway has let through long ago, without a greeting. */
export async function openQuietly(world: World, given: Partial<KnownConnection>): Promise<KnownConnection> {
  const connectedAtMs = world.clock.nowMs() - 60_000;
  const connection = aConnection({ tenant: 'default', roles: [], connectedAtMs, ...given });
  await world.connections.open(connection);
  return connection;
}

export function toUsers(...users: readonly string[]): Audience {
  return { kind: 'users', users };
}

export const toEveryone: Audience = { kind: 'topic', topic: 'all' };

/** The topic whose log a user reads who is in this audience. */
export function topicOf(audience: Audience, user: string): Topic {
  return audience.kind === 'users' ? `user:${user}` : audience.topic;
}

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

/** What one frame of a client does. */
export async function send(world: World, connectionId: string, frame: object): Promise<void> {
  const atMs = world.clock.nowMs();
  await handleFrame(world, { connectionId, text: JSON.stringify(frame), atMs }, always);
}

export function broadcastMessage(broadcastId: string): FanOutMessage {
  return { kind: 'broadcast', broadcastId };
}

/** The notifications among the frames that a connection got, as `[topic, seq, id]`. */
export function notificationsOf(world: World, connectionId: string): readonly (readonly unknown[])[] {
  return framesOf(world, connectionId, 'notification').map(({ topic, seq, id }) => [topic, seq, id]);
}

/** Every frame that a connection got, as the protocol has it. */
export function everyFrameOf(world: World, connectionId: string): readonly WireFrame[] {
  return world.gateway.frames(connectionId).map((frame) => z.parse(serverFrame, frame));
}

export function framesOf(world: World, connectionId: string, type: string): readonly Record<string, unknown>[] {
  return world.gateway
    .frames(connectionId)
    .map((frame) => frame as Record<string, unknown>)
    .filter((frame) => frame['type'] === type);
}
