// The whole delivery path in this process: the real use cases over the real adapters, and a client for each user.
import { createSession } from '../commands/session.ts';
import type { Session } from '../commands/session.ts';
import { knownConnection } from '../shared/domain/connection.ts';
import { connectedFrame } from '../shared/domain/frames.ts';
import { socketDialects } from '../shared/dialects/sockets.ts';
import { broadcastStore } from '../shared/dynamodb/broadcast-store.ts';
import { connectionStore } from '../shared/dynamodb/connection-store.ts';
import { cursorStore } from '../shared/dynamodb/cursor-store.ts';
import { idempotencyStore } from '../shared/dynamodb/idempotency-store.ts';
import { logStore } from '../shared/dynamodb/log-store.ts';
import { presenceStore } from '../shared/dynamodb/presence-store.ts';
import { rateCounter } from '../shared/dynamodb/rate-counter.ts';
import { subscriptionStore } from '../shared/dynamodb/subscription-store.ts';
import { typingStore } from '../shared/dynamodb/typing-store.ts';
import type { ConnectionGateway, DeadlineQueue, Telemetry, TokenVerifier } from '../shared/ports.ts';
import type { FanOutMessage } from '../shared/protocol/queue-messages.ts';
import type { WireFrame } from '../shared/protocol/server-frames.ts';
import { systemClock } from '../shared/system/clock.ts';
import { digest } from '../shared/system/digest.ts';
import { frameMeter } from '../shared/system/frame-meter.ts';
import { randomIds } from '../shared/system/ids.ts';
import { admitCaller } from '../shared/usecases/admit-caller.ts';
import { createBroadcast } from '../shared/usecases/create-broadcast.ts';
import { fanOut } from '../shared/usecases/fan-out.ts';
import { handleFrame } from '../shared/usecases/handle-frame.ts';
import { standingCursors } from '../shared/usecases/standing-cursors.ts';
import type { MeteredTables } from './metered-tables.ts';
import { payload } from './payload.ts';

export interface Hotel {
  /** Connects users, as far as a delivery needs it. */
  connect(users: readonly string[]): Promise<void>;
  /** Accepts a broadcast to everybody and brings it to all; clients acknowledge every twentieth. */
  broadcast(idempotencyKey: string): Promise<void>;
  /** A second later: every client acknowledges what it has not yet acknowledged. */
  settle(): Promise<void>;
  /** How many notifications clients have shown so far. */
  shown(): number;
}

interface Client {
  readonly session: Session;
  /** Shown since the last acknowledgement. */
  unacknowledged: number;
}

const tenant = 'bench';
const acknowledgeEvery = 20;
const connectionsAtOnce = 16;
const lifetimeMs = 3_600_000;
const always = (): boolean => true;

/** Frames that arrive without a token are all that clients send here. */
const noTokens: TokenVerifier = {
  verify: () => Promise.resolve({ verdict: 'invalid', reason: 'the bench has no tokens' }),
};

/** Nothing here takes so long that it would have an end. */
const noDeadlines: DeadlineQueue = { schedule: () => Promise.resolve() };

const silence: Telemetry = { info: () => undefined, error: () => undefined };

export function openHotel(tables: MeteredTables): Hotel {
  const clients = new Map<string, Client>();
  const outbound: { readonly connectionId: string; readonly text: string }[] = [];
  const queue: FanOutMessage[] = [];
  let shown = 0;
  const acknowledge = (connectionId: string, client: Client): void => {
    client.unacknowledged = 0;
    for (const position of client.session.unacknowledged())
      outbound.push({ connectionId, text: JSON.stringify({ type: 'acknowledge', ...position }) });
  };
  const gateway: ConnectionGateway = {
    post: (connectionId, text) => {
      const client = clients.get(connectionId);
      if (client === undefined) return Promise.resolve('gone');
      const step = client.session.receive(JSON.parse(text) as WireFrame);
      for (const frame of step.send) outbound.push({ connectionId, text: JSON.stringify(frame) });
      shown += step.show.length;
      client.unacknowledged += step.show.length;
      if (client.unacknowledged >= acknowledgeEvery) acknowledge(connectionId, client);
      return Promise.resolve('posted');
    },
    close: () => Promise.resolve(),
  };
  const ports = {
    ...portsOver(tables),
    gateway,
    queue: { send: (sent: readonly FanOutMessage[]) => add(queue, sent) },
  };
  const handleOutbound = (): Promise<void> =>
    drain(outbound, ({ connectionId, text }) =>
      handleFrame(ports, { connectionId, text, atMs: ports.clock.nowMs() }, always),
    );
  return {
    connect: async (users) => {
      await drain([...users], async (user) => {
        clients.set(`connection-${user}`, await connectOne(ports, user));
      });
    },
    broadcast: async (idempotencyKey) => {
      await admitCaller(ports, { 'x-api-key': 'bench' }, '127.0.0.1');
      const audience = { kind: 'topic', topic: 'all' } as const;
      const command = { event: 'task:new', data: { taskData: payload }, audience, durability: 'durable' } as const;
      await createBroadcast(ports, { tenant, command, idempotencyKey, requestText: idempotencyKey });
      await drain(queue, (message) => fanOut(ports, message, always));
      await handleOutbound();
    },
    settle: async () => {
      for (const [connectionId, client] of clients) acknowledge(connectionId, client);
      await handleOutbound();
    },
    shown: () => shown,
  };
}

function portsOver({ documents, names }: MeteredTables) {
  const clock = systemClock();
  return {
    clock,
    digest,
    ids: randomIds(),
    telemetry: silence,
    tokens: noTokens,
    lookBackMs: 0,
    teams: [],
    sensitiveFields: [],
    dialects: socketDialects,
    deadlines: noDeadlines,
    presence: presenceStore(documents, names.guards),
    typing: typingStore(documents, names.guards),
    meter: frameMeter(rateCounter(documents, names.guards)),
    rateLimitPerMinute: Number.MAX_SAFE_INTEGER,
    apiKeys: { find: () => ({ keyId: 'bench', tenant }) },
    sources: { allows: always },
    rates: rateCounter(documents, names.guards),
    idempotency: idempotencyStore(documents, names.guards),
    broadcasts: broadcastStore(documents, names.broadcasts, clock),
    logs: logStore(documents, names.logs, clock, '1'),
    cursors: cursorStore(documents, names.cursors, clock),
    connections: connectionStore(documents, names),
    subscriptions: subscriptionStore(documents, names.subscriptions),
  };
}

async function connectOne(ports: ReturnType<typeof portsOver>, user: string): Promise<Client> {
  const nowMs = ports.clock.nowMs();
  const identity = { tenant, user, roles: [], tokenExpiresAtMs: nowMs + lifetimeMs };
  const connection = knownConnection(
    { connectionId: `connection-${user}`, connectedAtMs: nowMs, dialect: 'bellhop' },
    identity,
  );
  // Nobody is told anything in a topic of their own here, so those logs and cursors are left out.
  const standings = await standingCursors(ports, tenant, user, ['all']);
  await ports.connections.open(connection);
  const session = createSession();
  const positions = standings.map(({ cursor }) => ({
    topic: cursor.topic,
    epoch: cursor.epoch,
    seq: cursor.deliveredSeq,
  }));
  session.receive(connectedFrame(connection, nowMs, positions, [], undefined));
  return { session, unacknowledged: 0 };
}

function add(queue: FanOutMessage[], messages: readonly FanOutMessage[]): Promise<void> {
  queue.push(...messages);
  return Promise.resolve();
}

/** Works on everything that is there, and on what comes meanwhile, a few at once. */
async function drain<Entry>(entries: Entry[], work: (entry: Entry) => Promise<void>): Promise<void> {
  while (entries.length > 0) {
    const worker = async (): Promise<void> => {
      for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) await work(entry);
    };
    await Promise.all(Array.from({ length: connectionsAtOnce }, worker));
  }
}
