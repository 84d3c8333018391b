// A client whose socket is cut at random: it connects again and again, and keeps what was shown.
import { WebSocket } from 'ws';
import type { Session } from '../../../commands/session.ts';
import { createSession } from '../../../commands/session.ts';
import type { ClientFrame } from '../../../shared/protocol/client-frames.ts';
import type { NotificationFrame } from '../../../shared/protocol/server-frames.ts';
import { serverFrame } from '../../../shared/protocol/server-frames.ts';
import type { Random } from '../../simulation/random.ts';

export interface ChaosClient {
  /** The user, and which of the user's devices. */
  readonly name: string;
  readonly user: string;
  /** What was shown, in order, over all its connections. */
  readonly shown: readonly NotificationFrame[];
  isConnected(): boolean;
  /** How often it has been greeted. */
  connections(): number;
  stop(): Promise<void>;
}

export interface ChaosClientOptions {
  readonly name: string;
  readonly user: string;
  readonly webSocketUrl: string;
  readonly token: () => Promise<string>;
  readonly random: Random;
  /** How long a socket lives on average before it is cut. */
  readonly cutAfterMs: number;
}

// What docs/protocol.md asks of a client, but for a quicker heart: nobody wants to wait five minutes for a lost last frame.
const acknowledgeEveryMs = 1_000;
const acknowledgeEvery = 20;
const heartbeatEveryMs = 5_000;
const greetingWithinMs = 20_000;
const reconnectFirstMs = 250;
const reconnectMaxMs = 10_000;

interface State {
  readonly session: Session;
  readonly shown: NotificationFrame[];
  socket: WebSocket | null;
  connections: number;
  isConnected: boolean;
  isStopped: boolean;
}

export function startClient(options: ChaosClientOptions): ChaosClient {
  const state: State = {
    session: createSession(),
    shown: [],
    socket: null,
    connections: 0,
    isConnected: false,
    isStopped: false,
  };
  const ended = run(options, state);
  return {
    name: options.name,
    user: options.user,
    shown: state.shown,
    isConnected: () => state.isConnected,
    connections: () => state.connections,
    stop: async () => {
      state.isStopped = true;
      state.socket?.close();
      await ended;
    },
  };
}

async function run(options: ChaosClientOptions, state: State): Promise<void> {
  let failures = 0;
  while (!state.isStopped) {
    const before = state.connections;
    await live(options, state);
    failures = state.connections > before ? 0 : failures + 1;
    const ceilingMs = Math.min(reconnectFirstMs * 2 ** failures, reconnectMaxMs);
    await new Promise((resolve) => setTimeout(resolve, options.random.next() * ceilingMs));
  }
}

/** One socket, from its opening until it is closed by whomever. */
async function live({ webSocketUrl, token, random, cutAfterMs }: ChaosClientOptions, state: State): Promise<void> {
  const byFrame = random.chance(0.5);
  const signed = await token();
  const socket = new WebSocket(byFrame ? webSocketUrl : `${webSocketUrl}?token=${signed}`);
  state.socket = socket;
  const send = (frame: ClientFrame): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  const acknowledge = (): void => {
    for (const position of state.session.unacknowledged()) send({ type: 'acknowledge', ...position });
  };
  const cut = (): void => {
    // Most sockets do not say goodbye: a tunnel, a lift, a battery.
    if (random.chance(0.7)) socket.terminate();
    else socket.close();
  };
  const timers = [
    setInterval(acknowledge, acknowledgeEveryMs),
    setInterval(() => {
      send(state.session.heartbeat());
    }, heartbeatEveryMs),
    setTimeout(cut, random.exponential(cutAfterMs)),
  ];
  const ungreeted = setTimeout(() => {
    socket.terminate();
  }, greetingWithinMs);
  socket.on('open', () => {
    if (byFrame) send({ type: 'authenticate', token: signed });
  });
  socket.on('error', () => undefined);
  let unacknowledged = 0;
  socket.on('message', (data: Buffer) => {
    const frame = serverFrame.safeParse(JSON.parse(data.toString()));
    // The gateway says in its own words that a function failed: to be taken as a lost frame.
    if (!frame.success) return;
    if (frame.data.type === 'connected') {
      clearTimeout(ungreeted);
      state.isConnected = true;
      state.connections += 1;
    }
    const step = state.session.receive(frame.data);
    state.shown.push(...step.show);
    step.send.forEach(send);
    unacknowledged += step.show.length;
    if (unacknowledged < acknowledgeEvery) return;
    unacknowledged = 0;
    acknowledge();
  });
  await new Promise((resolve) => socket.once('close', resolve));
  state.isConnected = false;
  clearTimeout(ungreeted);
  timers.forEach(clearTimeout);
}
