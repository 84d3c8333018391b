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
  /** What to send when nothing else was sent for a while: a `resume`, which also brings what was lost unnoticed. */
  heartbeat(): ClientFrame;
}

interface TopicState {
  epoch: string;
  /** Everything up to here was shown. */
  seq: number;
  acknowledgedSeq: number;
  /** Frames beyond a gap, by sequence number, until what is missing has come. */
  readonly waiting: Map<number, NotificationFrame>;
}

/** Enough to know a repetition of an ephemeral notification, which can only come within seconds. */
const ephemeralIdsMax = 200;
const nothing: Step = { show: [], send: [] };

/** One session serves all connections that a client makes, one after the other: it remembers what was shown. */
export function createSession(): Session {
  const topics = new Map<string, TopicState>();
  const ephemeralIds = new Set<string>();
  return {
    receive(frame) {
      switch (frame.type) {
        case 'connected':
          return { show: [], send: resumeBehind(topics, frame.positions) };
        case 'notification':
          return frame.seq === undefined ? receiveEphemeral(ephemeralIds, frame) : receiveDurable(topics, frame);
        case 'skipped':
          return receiveSkipped(topics, frame.topic, frame.toSeq);
        case 'resumed':
          return { show: [], send: frame.complete ? resumeGaps(topics) : resumeAll(topics) };
        case 'pong':
          return { show: [], send: resumeGaps(topics) };
        case 'error':
          return nothing;
      }
    },
    unacknowledged: () => takeUnacknowledged(topics),
    heartbeat: () => resumeAll(topics)[0] ?? { type: 'ping' },
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

function resumeAll(topics: Map<string, TopicState>): readonly ClientFrame[] {
  return resume([...topics]);
}

/** Where something is missing still, the answer to the last question was lost: it is asked again. */
function resumeGaps(topics: Map<string, TopicState>): readonly ClientFrame[] {
  return resume([...topics].filter(([, state]) => state.waiting.size > 0));
}

function resume(topics: readonly (readonly [string, TopicState])[]): readonly ClientFrame[] {
  const positions = topics.map(([topic, { epoch, seq }]) => ({ topic, epoch, seq }));
  return positions.length === 0 ? [] : [{ type: 'resume', positions }];
}

function receiveEphemeral(shownIds: Set<string>, frame: NotificationFrame): Step {
  if (shownIds.has(frame.id)) return nothing;
  shownIds.add(frame.id);
  for (const id of shownIds) if (shownIds.size > ephemeralIdsMax) shownIds.delete(id);
  return { show: [frame], send: [] };
}

function receiveDurable(topics: Map<string, TopicState>, frame: NotificationFrame): Step {
  const { topic = '', epoch = '', seq = 0 } = frame;
  let state = topics.get(topic);
  // Before `connected` nobody knows what comes before this one; the log, which is read afterwards, has it too.
  if (state === undefined) return nothing;
  if (state.epoch !== epoch) {
    state = { epoch, seq: 0, acknowledgedSeq: 0, waiting: new Map() };
    topics.set(topic, state);
  }
  if (seq <= state.seq) return nothing;
  const gapBefore = state.waiting.size > 0;
  state.waiting.set(seq, frame);
  const show = drain(state);
  const gapNow = state.waiting.size > 0;
  // One question for each gap: what comes after it while the answer is under way waits too.
  const ask = gapNow && (!gapBefore || show.length > 0);
  return { show, send: ask ? resume([[topic, state]]) : [] };
}

function receiveSkipped(topics: Map<string, TopicState>, topic: string, toSeq: number): Step {
  const state = topics.get(topic);
  if (state === undefined) return nothing;
  state.seq = Math.max(state.seq, toSeq);
  return { show: drain(state), send: [] };
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
