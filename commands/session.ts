// A client's side of the protocol: shows each notification once and in order, whatever the socket does to frames.
import type { ClientFrame, TopicPosition } from '../shared/protocol/client-frames.ts';
import type { NotificationFrame, ServerFrame } from '../shared/protocol/server-frames.ts';

export interface Step {
  /** To hand to the app, in this order. */
  readonly show: readonly NotificationFrame[];
  /** To send, in this order. Acknowledgements are not among them: see `unacknowledged`. */
  readonly send: readonly ClientFrame[];
}

export interface Session {
  receive(frame: ServerFrame): Step;
  /** Positions that were shown and not yet acknowledged; calling it takes them as acknowledged. */
  unacknowledged(): readonly TopicPosition[];
}

interface TopicState {
  epoch: string;
  /** Everything up to here was shown. */
  seq: number;
  acknowledgedSeq: number;
  /** Frames beyond a gap, by sequence number, until what is missing has come. */
  readonly waiting: Map<number, NotificationFrame>;
}

/** One session serves all connections that a client makes, one after the other: it remembers what was shown. */
export function createSession(): Session {
  const topics = new Map<string, TopicState>();
  return {
    receive(frame) {
      switch (frame.type) {
        case 'connected':
          return { show: [], send: resumeBehind(topics, frame.positions) };
        case 'notification':
          return receiveNotification(topics, frame);
        case 'skipped': {
          const state = topics.get(frame.topic);
          if (state !== undefined && frame.toSeq > state.seq) state.seq = frame.toSeq;
          return { show: state === undefined ? [] : drain(state), send: [] };
        }
        case 'resumed':
          return { show: [], send: frame.complete ? [] : resumeFrom(topics, frame.positions) };
        case 'pong':
        case 'error':
          return { show: [], send: [] };
      }
    },
    unacknowledged: () => takeUnacknowledged(topics),
  };
}

/** Where the server's cursor is ahead of what this client has shown, another device was: this one still wants it. */
function resumeBehind(topics: Map<string, TopicState>, positions: readonly TopicPosition[]): readonly ClientFrame[] {
  const behind: TopicPosition[] = [];
  for (const { topic, epoch, seq } of positions) {
    const state = topics.get(topic);
    if (state?.epoch !== epoch) {
      topics.set(topic, { epoch, seq, acknowledgedSeq: seq, waiting: new Map() });
      continue;
    }
    // An acknowledgement that was lost with the last socket is sent again.
    state.acknowledgedSeq = Math.min(state.acknowledgedSeq, seq);
    if (state.seq < seq) behind.push({ topic, epoch, seq: state.seq });
  }
  return behind.length === 0 ? [] : [{ type: 'resume', positions: behind }];
}

function resumeFrom(topics: Map<string, TopicState>, positions: readonly TopicPosition[]): readonly ClientFrame[] {
  const from = positions.map(({ topic, epoch, seq }) => ({ topic, epoch, seq: topics.get(topic)?.seq ?? seq }));
  return [{ type: 'resume', positions: from }];
}

function receiveNotification(topics: Map<string, TopicState>, frame: NotificationFrame): Step {
  const { topic, epoch, seq } = frame;
  // Ephemeral notifications have no place and are never repeated.
  if (topic === undefined || epoch === undefined || seq === undefined) return { show: [frame], send: [] };
  let state = topics.get(topic);
  if (state?.epoch !== epoch) {
    state = { epoch, seq: seq - 1, acknowledgedSeq: seq - 1, waiting: new Map() };
    topics.set(topic, state);
  }
  if (seq <= state.seq) return { show: [], send: [] };
  const gapBefore = state.waiting.size > 0;
  state.waiting.set(seq, frame);
  const show = drain(state);
  const gapNow = state.waiting.size > 0;
  // One question for each gap: what comes after it while the answer is under way waits too.
  const ask = gapNow && (!gapBefore || show.length > 0);
  return { show, send: ask ? [{ type: 'resume', positions: [{ topic, epoch, seq: state.seq }] }] : [] };
}

/** Takes out what follows without a gap on what was shown. */
function drain(state: TopicState): readonly NotificationFrame[] {
  const show: NotificationFrame[] = [];
  for (const seq of state.waiting.keys()) if (seq <= state.seq) state.waiting.delete(seq);
  for (let next = state.waiting.get(state.seq + 1); next !== undefined; next = state.waiting.get(state.seq + 1)) {
    state.seq += 1;
    state.waiting.delete(state.seq);
    show.push(next);
  }
  return show;
}

function takeUnacknowledged(topics: Map<string, TopicState>): readonly TopicPosition[] {
  const positions: TopicPosition[] = [];
  for (const [topic, state] of topics) {
    if (state.seq <= state.acknowledgedSeq) continue;
    state.acknowledgedSeq = state.seq;
    positions.push({ topic, epoch: state.epoch, seq: state.seq });
  }
  return positions;
}
