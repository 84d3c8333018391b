// A WebSocket gateway and the network before it: sockets that open, carry frames, fall silent and close.
import type { ConnectionGateway, PostOutcome } from '../../shared/ports.ts';
import { gatewayLimits } from '../../shared/protocol/limits.ts';
import type { WireFrame } from '../../shared/protocol/server-frames.ts';
import type { Faults } from './faults.ts';
import type { Recorder, Via } from './history.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What the gateway calls; a rejection of `connect` refuses the socket. */
export interface Routes {
  readonly connect: (connectionId: string, connectedAtMs: number, token: string) => Promise<void>;
  readonly frame: (connectionId: string, text: string, atMs: number) => Promise<void>;
  readonly disconnect: (connectionId: string) => Promise<void>;
}

export interface SocketEvents {
  readonly opened: () => void;
  readonly received: (frame: WireFrame, via: Via) => void;
  /** Refused, cut or closed; not for a socket that falls silent, nor for one that the device has dropped. */
  readonly closed: () => void;
}

export interface Socket {
  send(text: string): void;
  /** Drops the socket on the device's side; nothing comes from it any more. */
  drop(): void;
}

export interface Network {
  dial(token: string, events: SocketEvents): Socket;
  gateway(via: Via): ConnectionGateway;
  /** Everything that was posted that is no durable notification. */
  otherPosts(): number;
  sockets(): number;
}

export interface NetworkSetup {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: Faults;
  readonly record: Recorder;
  readonly routes: Routes;
  /** More posts than these, besides those of durable notifications, end the run. */
  readonly otherPostsMax: number;
}

interface Connection {
  readonly id: string;
  readonly events: SocketEvents;
  /** What the gateway thinks. */
  gateway: 'opening' | 'open' | 'closed';
  /** Whether the device still listens. */
  isHeld: boolean;
  /** Nothing comes through, in either direction, and neither side knows. */
  isSilent: boolean;
  /** When the last frame reaches the device: a socket keeps the order of what it carries. */
  reachedAtMs: number;
}

const latencyMs = { from: 5, to: 25 };
const postMs = { from: 3, to: 12 };
/** How long the other side of a cut does not notice. */
const unnoticedMs = 2_000;
const idleMs = 600_000;

export function virtualNetwork(setup: NetworkSetup): Network {
  const { time, random } = setup;
  const connections = new Map<string, Connection>();
  const posts: Posts = { other: 0, parse: frameParser() };
  let dialed = 0;
  return {
    dial: (token, events) => {
      dialed += 1;
      const id = `connection-${String(dialed).padStart(9, '0')}`;
      const connection: Connection = {
        id,
        events,
        gateway: 'opening',
        isHeld: true,
        isSilent: false,
        reachedAtMs: 0,
      };
      connections.set(id, connection);
      time.start(async () => open(setup, connections, connection, token));
      return {
        send: (text) => {
          sendUp(setup, connection, text);
        },
        drop: () => {
          connection.isHeld = false;
          // Of a socket that has fallen silent the gateway hears nothing, not even its end.
          if (connection.isSilent) return;
          time.after(random.int(latencyMs.from, unnoticedMs), () => {
            close(setup, connections, connection);
          });
        },
      };
    },
    gateway: (via) => gatewayFor(setup, connections, posts, via),
    otherPosts: () => posts.other,
    sockets: () => dialed,
  };
}

type Connections = Map<string, Connection>;

async function open(
  setup: NetworkSetup,
  connections: Connections,
  connection: Connection,
  token: string,
): Promise<void> {
  const { time, random, routes } = setup;
  const travel = async (): Promise<void> => time.wait(random.int(latencyMs.from, latencyMs.to));
  await travel();
  const isAccepted = await routes.connect(connection.id, time.nowMs(), token).then(
    () => true,
    () => false,
  );
  // A socket whose device has gone may be closed before it is open.
  if (connection.gateway === 'closed') return;
  if (!isAccepted) {
    connection.gateway = 'closed';
    connections.delete(connection.id);
    await travel();
    if (connection.isHeld) end(connection);
    return;
  }
  connection.gateway = 'open';
  const reachesMs = random.int(latencyMs.from, latencyMs.to);
  connection.reachedAtMs = time.nowMs() + reachesMs;
  await time.wait(reachesMs);
  if (connection.isHeld) connection.events.opened();
  time.after(random.exponential(setup.faults.mix.socketLifeMs), () => {
    fail(setup, connections, connection);
  });
  time.after(gatewayLimits.connectionMs, () => {
    close(setup, connections, connection);
  });
}

function end(connection: Connection): void {
  connection.isHeld = false;
  connection.events.closed();
}

/** The network between device and gateway breaks: both learn of it, each in its time, or neither does. */
function fail(setup: NetworkSetup, connections: Connections, connection: Connection): void {
  const { time, random, faults } = setup;
  if (connection.gateway === 'closed' || !connection.isHeld || !random.chance(faults.mix.cut)) return;
  connection.isSilent = true;
  const isNoticed = !random.chance(faults.mix.silent);
  time.after(isNoticed ? random.int(0, unnoticedMs) : idleMs, () => {
    close(setup, connections, connection);
  });
  if (!isNoticed) return;
  time.after(random.int(0, unnoticedMs), () => {
    if (connection.isHeld) end(connection);
  });
}

/** The gateway closes its side, and nearly always says so to `$disconnect`. */
function close(setup: NetworkSetup, connections: Connections, connection: Connection): void {
  const { time, random, faults, routes } = setup;
  if (connection.gateway === 'closed') return;
  connection.gateway = 'closed';
  connections.delete(connection.id);
  time.after(random.int(latencyMs.from, latencyMs.to), () => {
    if (connection.isHeld && !connection.isSilent) end(connection);
  });
  if (random.chance(faults.mix.disconnectLost)) return;
  time.after(random.int(latencyMs.from, unnoticedMs), () => {
    time.start(async () => routes.disconnect(connection.id));
  });
}

/** What is under way when a socket breaks is lost. */
function sendUp({ time, random, routes }: NetworkSetup, connection: Connection, text: string): void {
  time.after(random.int(latencyMs.from, latencyMs.to), () => {
    if (connection.gateway !== 'open' || connection.isSilent) return;
    const atMs = time.nowMs();
    time.start(async () => routes.frame(connection.id, text, atMs));
  });
}

interface Posts {
  other: number;
  readonly parse: (text: string) => WireFrame;
}

function gatewayFor(setup: NetworkSetup, connections: Connections, posts: Posts, via: Via): ConnectionGateway {
  const { time, random, faults, record } = setup;
  return {
    post: async (connectionId, text) => {
      const frame = posts.parse(text);
      if (frame.type === 'notification' && frame.seq !== undefined) record({ kind: 'posted', via });
      else if ((posts.other += 1) > setup.otherPostsMax) time.start(storm);
      const { unavailable, throttled, replyLost, reordered, reorderMs } = faults.mix;
      await time.wait(random.int(postMs.from, random.chance(reordered) ? reorderMs : postMs.to));
      const luck = random.next();
      if (luck < unavailable) return 'unavailable';
      if (luck < unavailable + throttled) return 'throttled';
      const connection = connections.get(connectionId);
      if (connection?.gateway !== 'open') return 'gone';
      sendDown(setup, connection, frame, via);
      const outcome: PostOutcome = luck < unavailable + throttled + replyLost ? 'unavailable' : 'posted';
      return outcome;
    },
    close: async (connectionId) => {
      await time.wait(random.int(postMs.from, postMs.to));
      const connection = connections.get(connectionId);
      if (connection !== undefined) close(setup, connections, connection);
    },
  };
}

/** Two sides answer each other without end. */
export class StormError extends Error {}

async function storm(): Promise<void> {
  return Promise.reject(new StormError('there is a storm of posts that bring nothing'));
}

function sendDown({ time, random, faults }: NetworkSetup, connection: Connection, frame: WireFrame, via: Via): void {
  const nowMs = time.nowMs();
  const isOvertaken = random.chance(faults.mix.overtaken);
  const travelMs = random.int(latencyMs.from, isOvertaken ? faults.mix.reorderMs : latencyMs.to);
  const reachesAtMs = Math.max(connection.reachedAtMs, nowMs + travelMs);
  if (!isOvertaken) connection.reachedAtMs = reachesAtMs;
  time.after(reachesAtMs - nowMs, () => {
    if (connection.isHeld && !connection.isSilent) connection.events.received(frame, via);
  });
}

/** Remembers the last frame: one text is posted to many, one after the other. */
function frameParser(): (text: string) => WireFrame {
  let lastText = '';
  let lastFrame: WireFrame | null = null;
  return (text) => {
    if (lastFrame !== null && lastText === text) return lastFrame;
    lastText = text;
    lastFrame = JSON.parse(text) as WireFrame;
    return lastFrame;
  };
}
