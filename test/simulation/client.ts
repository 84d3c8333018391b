// A device: keeps a socket open as well as it can, hands what arrives to its app, and acknowledges it.
import type { Session } from '../../commands/session.ts';
import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type { ConnectedFrame, NotificationFrame, WireFrame } from '../../shared/protocol/server-frames.ts';
import type { Faults } from './faults.ts';
import type { Recorder, Via } from './history.ts';
import type { Network, Socket } from './network.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface ClientSetup {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: Faults;
  readonly network: Network;
  readonly record: Recorder;
  /** The rules of the protocol, of commands/session.ts. */
  readonly session: Session;
  readonly device: number;
  /** A fresh token of the device's user. */
  readonly token: () => string;
}

export interface Client {
  /** Connects, and from then on again whenever it must. */
  readonly start: () => void;
}

const greetedWithinMs = 20_000;
const pongWithinMs = 15_000;
const acknowledgeEveryMs = 1_000;
const acknowledgeAtOnce = 20;
const renewBeforeMs = 60_000;
/** So many stay connected with a newer token; the others connect again with one. */
const refreshes = 0.5;
const refreshedWithinMs = 15_000;
const reconnectFirstMs = 250;
const reconnectMaxMs = 10_000;
const offlineMs = { from: 60_000, to: 600_000 };

/** What a device knows besides its session. */
interface State {
  socket: Socket | null;
  /** What is planned for this socket; taken back when it closes. */
  planned: (() => void)[];
  failures: number;
  /** Shown since the last acknowledgement. */
  unacknowledged: number;
  isAcknowledging: boolean;
  awaitsPong: boolean;
  awaitsRefresh: boolean;
  readonly known: Set<string>;
  /** How and when each frame came; the session hands out the very frames that it was given. */
  readonly came: WeakMap<WireFrame, { readonly via: Via; readonly atMs: number }>;
}

export function createClient(setup: ClientSetup): Client {
  const state: State = {
    socket: null,
    planned: [],
    failures: 0,
    unacknowledged: 0,
    isAcknowledging: false,
    awaitsPong: false,
    awaitsRefresh: false,
    known: new Set(),
    came: new WeakMap(),
  };
  return {
    start: () => {
      setup.record({ kind: 'online', atMs: setup.time.nowMs(), device: setup.device });
      connect(setup, state);
    },
  };
}

function connect(setup: ClientSetup, state: State): void {
  const { network, token } = setup;
  state.socket = network.dial(token(), {
    opened: () => undefined,
    received: (frame, via) => {
      // Its own copy: one frame may be on its way to many.
      receive(setup, state, { ...frame }, via);
    },
    closed: () => {
      lose(setup, state);
    },
  });
  plan(setup, state, greetedWithinMs, () => {
    abandon(setup, state);
  });
}

/** Something to do later, unless the socket is gone by then. */
function plan({ time }: ClientSetup, state: State, delayMs: number, run: () => void): void {
  state.planned.push(time.after(delayMs, run));
}

/** A socket that opens and is never greeted, or answers no ping, is of no use; the next one may be. */
function abandon(setup: ClientSetup, state: State): void {
  state.socket?.drop();
  lose(setup, state);
}

/** Connects again after a random time, below a ceiling that doubles; now and then there is no network for minutes. */
function lose(setup: ClientSetup, state: State): void {
  const { time, random, faults } = setup;
  for (const takeBack of state.planned) takeBack();
  Object.assign(state, { socket: null, planned: [], awaitsPong: false, awaitsRefresh: false, isAcknowledging: false });
  if (random.chance(faults.mix.offline)) {
    time.after(random.int(offlineMs.from, offlineMs.to), () => {
      setup.record({ kind: 'online', atMs: time.nowMs(), device: setup.device });
      connect(setup, state);
    });
    return;
  }
  const ceilingMs = Math.min(reconnectFirstMs * 2 ** state.failures, reconnectMaxMs);
  state.failures += 1;
  time.after(random.int(0, ceilingMs), () => {
    connect(setup, state);
  });
}

function receive(setup: ClientSetup, state: State, frame: WireFrame, via: Via): void {
  state.came.set(frame, { via, atMs: setup.time.nowMs() });
  recordTold(setup, state, frame);
  if (frame.type === 'connected') greeted(setup, state, frame);
  if (frame.type === 'pong') state.awaitsPong = false;
  if (frame.type === 'refreshed') refreshed(setup, state, frame.expiresAt);
  const { show, send } = setup.session.receive(frame);
  for (const shown of show) recordShown(setup, state, shown);
  for (const answer of send) sendFrame(state, answer);
  if (show.length > 0 || frame.type === 'connected' || frame.type === 'reset') acknowledgeSoon(setup, state);
}

function greeted(setup: ClientSetup, state: State, { expiresAt, heartbeatEveryMs }: ConnectedFrame): void {
  for (const takeBack of state.planned) takeBack();
  state.planned = [];
  state.failures = 0;
  state.awaitsPong = false;
  state.awaitsRefresh = false;
  state.isAcknowledging = false;
  renewInTime(setup, state, expiresAt);
  const beat = (): void => {
    plan(setup, state, setup.random.int(Math.round(heartbeatEveryMs * 0.9), heartbeatEveryMs), () => {
      state.awaitsPong = true;
      sendFrame(state, setup.session.heartbeat());
      plan(setup, state, pongWithinMs, () => {
        if (state.awaitsPong) abandon(setup, state);
      });
      beat();
    });
  };
  beat();
}

/** Before the connection ends: with a newer token on the same socket, or on another one. */
function renewInTime(setup: ClientSetup, state: State, expiresAt: string): void {
  const livesMs = Date.parse(expiresAt) - setup.time.nowMs();
  plan(setup, state, Math.max(livesMs - renewBeforeMs, livesMs / 2), () => {
    // After two hours the gateway closes the socket, whatever the token says.
    const isLast = livesMs < 2 * renewBeforeMs;
    if (isLast || !setup.random.chance(refreshes)) {
      abandon(setup, state);
      return;
    }
    state.awaitsRefresh = true;
    sendFrame(state, { type: 'authenticate', token: setup.token() });
    plan(setup, state, refreshedWithinMs, () => {
      if (state.awaitsRefresh) abandon(setup, state);
    });
  });
}

function refreshed(setup: ClientSetup, state: State, expiresAt: string): void {
  // An answer that comes twice starts nothing twice.
  if (!state.awaitsRefresh) return;
  state.awaitsRefresh = false;
  renewInTime(setup, state, expiresAt);
}

/** At most once a second, unless very much has come. */
function acknowledgeSoon(setup: ClientSetup, state: State): void {
  if (state.unacknowledged >= acknowledgeAtOnce) acknowledge(setup, state);
  if (state.isAcknowledging) return;
  state.isAcknowledging = true;
  plan(setup, state, acknowledgeEveryMs, () => {
    state.isAcknowledging = false;
    acknowledge(setup, state);
  });
}

function acknowledge(setup: ClientSetup, state: State): void {
  state.unacknowledged = 0;
  for (const position of setup.session.unacknowledged()) sendFrame(state, { type: 'acknowledge', ...position });
}

function sendFrame(state: State, frame: ClientFrame): void {
  state.socket?.send(JSON.stringify(frame));
}

/** What the device is told of places; its first greeting in a topic tells it where it begins. */
function recordTold({ record, time, device }: ClientSetup, state: State, frame: WireFrame): void {
  if (frame.type === 'connected') {
    record({ kind: 'joined', atMs: time.nowMs(), device });
    for (const { topic, epoch, seq } of frame.positions) {
      if (!state.known.has(topic)) record({ kind: 'announced', device, topic, epoch, seq });
      state.known.add(topic);
    }
  }
  if (frame.type === 'reset') {
    const { topic, epoch, seq } = frame;
    record({ kind: 'announced', device, topic, epoch, seq });
  }
  if (frame.type === 'skipped') {
    const { topic, epoch, fromSeq, toSeq } = frame;
    record({ kind: 'skipped', device, topic, epoch, fromSeq, toSeq });
  }
}

function recordShown({ record, time, device }: ClientSetup, state: State, frame: NotificationFrame): void {
  state.unacknowledged += 1;
  const { id, data, topic, epoch, seq } = frame;
  const came = state.came.get(frame);
  const isDurable = topic !== undefined && epoch !== undefined && seq !== undefined;
  record({
    kind: 'shown',
    atMs: time.nowMs(),
    device,
    request: Number(data['request']),
    broadcastId: id,
    place: isDurable ? { topic, epoch, seq } : null,
    via: came?.via ?? 'resume',
    cameAtMs: came?.atMs ?? time.nowMs(),
  });
}
