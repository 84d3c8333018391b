// A client's side of the protocol: shows each notification once and in order, whatever the socket does to frames.
import type { ClientFrame, TopicPosition } from '../shared/protocol/client-frames.ts';
import type {
  NotificationFrame,
  ResetFrame,
  WireFrame,
  SkippedFrame,
  Unread,
} from '../shared/protocol/server-frames.ts';
import type { TopicState } from './topic-state.ts';
import { newState } from './topic-state.ts';

export interface Step {
  /** To hand to the app, in this order. */
  readonly show: readonly NotificationFrame[];
  /** To send, in this order. Acknowledgements are not among them: see `unacknowledged`. */
  readonly send: readonly ClientFrame[];
}

export interface Session {
  receive(frame: WireFrame): Step;
  /** Positions that were shown and not yet acknowledged; calling it takes them as acknowledged. */
  unacknowledged(): readonly TopicPosition[];
  /** What to send at every heartbeat, whatever else was sent. Its answer says where every topic ends. */
  heartbeat(): ClientFrame;
  /** How many notifications the user has not read, over all topics and devices. */
  unread(): number;
}

/** Enough to know a repetition of an ephemeral notification, or of one before a reset, which can only come within seconds. */
const shownIdsMax = 200;
/** A longer run beyond a gap is not remembered: it comes again with what is missing. */
const skippedAsideMax = 100;
const nothing: Step = { show: [], send: [] };

/** One session serves all connections that a client makes, one after the other: it remembers what was shown. */
export function createSession(): Session {
  const topics = new Map<string, TopicState>();
  const ephemeralIds = new Set<string>();
  return {
    receive(frame) {
      switch (frame.type) {
        case 'connected':
          return { show: [], send: receiveConnected(topics, frame) };
        case 'notification':
          return frame.seq === undefined ? receiveEphemeral(ephemeralIds, frame) : receiveDurable(topics, frame);
        case 'skipped':
          return receiveSkipped(topics, frame);
        case 'reset':
          return receiveReset(topics, frame);
        case 'resumed':
          return { show: [], send: receiveResumed(topics, frame) };
        case 'pong':
          frame.unread.forEach((unread) => {
            noteUnread(topics, unread);
          });
          return { show: [], send: resumeBehind(topics, frame.heads) };
        case 'unread':
          noteUnread(topics, frame);
          return nothing;
        case 'joined':
          if (frame.position !== undefined) receiveJoined(topics, frame.position);
          return nothing;
        case 'left':
          topics.delete(frame.topic);
          return nothing;
        case 'refreshed':
          return { show: [], send: receiveRefreshed(topics, frame.positions) };
        case 'sent':
        case 'error':
          return nothing;
      }
    },
    unacknowledged: () => takeUnacknowledged(topics),
    heartbeat: () => ({ type: 'ping' }),
    unread: () => [...topics.values()].reduce((sum, state) => sum + unreadOf(state), 0),
  };
}

/**
 * A topic that is new here begins where the user's cursor is. Where the cursor is ahead of what this client has shown,
 * another device was: this one still wants it. A new epoch is asked about from the old position.
 */
function receiveConnected(
  topics: Map<string, TopicState>,
  { positions, unread }: Extract<WireFrame, { type: 'connected' }>,
): readonly ClientFrame[] {
  const behind: (readonly [string, TopicState])[] = [];
  // A role that the token no longer gives: to ask for its topic would be refused.
  const followed = new Set(positions.map(({ topic }) => topic));
  for (const topic of topics.keys()) if (!followed.has(topic)) topics.delete(topic);
  for (const { topic, epoch, seq } of positions) {
    const state = topics.get(topic);
    if (state === undefined) {
      topics.set(topic, newState(epoch, seq));
      continue;
    }
    const isElsewhere = state.epoch !== epoch;
    state.isAsking = true;
    // An acknowledgement that was lost with the last socket is sent again.
    if (!isElsewhere) state.acknowledgedSeq = Math.min(state.acknowledgedSeq, seq);
    if (isElsewhere || state.seq < seq) behind.push([topic, state]);
  }
  for (const one of unread) noteUnread(topics, one);
  return resume(behind);
}

/** What is missing of a room follows its position, as after a greeting. */
function receiveJoined(topics: Map<string, TopicState>, { topic, epoch, seq }: TopicPosition): void {
  if (!topics.has(topic)) topics.set(topic, newState(epoch, seq));
}

/** A newer token may give other roles: their topics are new here and nothing follows by itself, or are followed no more. */
function receiveRefreshed(
  topics: Map<string, TopicState>,
  positions: readonly TopicPosition[],
): readonly ClientFrame[] {
  const followed = new Set(positions.map(({ topic }) => topic));
  for (const topic of topics.keys()) if (!followed.has(topic)) topics.delete(topic);
  const added = positions.filter(({ topic }) => !topics.has(topic));
  for (const position of added) receiveJoined(topics, position);
  return added.length === 0 ? [] : [{ type: 'resume', positions: added.map((position) => ({ ...position })) }];
}

/** Asks for what the server has and this client has not; where something waits still, the last answer was lost. */
function resumeBehind(topics: Map<string, TopicState>, heads: readonly TopicPosition[]): readonly ClientFrame[] {
  const ends = new Map(heads.map((head) => [head.topic, head]));
  return resume(
    [...topics].filter(([topic, state]) => {
      const head = ends.get(topic);
      const isBehind = head !== undefined && (head.epoch !== state.epoch || head.seq > state.seq);
      return isBehind || state.waiting.size > 0;
    }),
  );
}

/** Where more is to come, or something waits still because a part of the answer was lost, it is asked on. */
function receiveResumed(
  topics: Map<string, TopicState>,
  { positions, complete }: Extract<WireFrame, { type: 'resumed' }>,
): readonly ClientFrame[] {
  const answered = positions.flatMap(({ topic, epoch }): (readonly [string, TopicState])[] => {
    const state = topics.get(topic);
    return state?.epoch === epoch ? [[topic, state]] : [];
  });
  const open = answered.filter(([, state]) => !complete || state.waiting.size > 0 || state.sawAnother);
  for (const [, state] of answered) state.isAsking = state.sawAnother = false;
  return resume(open);
}

function resume(topics: readonly (readonly [string, TopicState])[]): readonly ClientFrame[] {
  const positions = topics.map(([topic, { epoch, seq }]) => ({ topic, epoch, seq }));
  for (const [, state] of topics) state.isAsking = true;
  return positions.length === 0 ? [] : [{ type: 'resume', positions }];
}

function receiveEphemeral(shownIds: Set<string>, frame: NotificationFrame): Step {
  return remember(shownIds, frame.id) ? { show: [frame], send: [] } : nothing;
}

/** False for an id that is remembered already; of many the last ones are. */
function remember(shownIds: Set<string>, id: string): boolean {
  if (shownIds.has(id)) return false;
  shownIds.add(id);
  for (const oldest of shownIds) {
    if (shownIds.size <= shownIdsMax) break;
    shownIds.delete(oldest);
  }
  return true;
}

function receiveDurable(topics: Map<string, TopicState>, frame: NotificationFrame): Step {
  const { topic = '', epoch = '', seq = 0 } = frame;
  return receiveAt(topics, topic, epoch, seq, seq, frame);
}

function receiveSkipped(topics: Map<string, TopicState>, { topic, epoch, fromSeq, toSeq }: SkippedFrame): Step {
  return receiveAt(topics, topic, epoch, fromSeq, toSeq, null);
}

/** What stands from `fromSeq` to `toSeq`: one notification, or nothing to show. */
function receiveAt(
  topics: Map<string, TopicState>,
  topic: string,
  epoch: string,
  fromSeq: number,
  toSeq: number,
  frame: NotificationFrame | null,
): Step {
  const state = topics.get(topic);
  // Before `connected` nobody knows what comes before this one; the log, which is read afterwards, has it too.
  if (state === undefined) return nothing;
  if (state.past.has(epoch)) return nothing;
  if (state.epoch !== epoch) return askOnce(topic, state);
  if (toSeq <= state.seq) return nothing;
  const isNext = fromSeq <= state.seq + 1;
  if (isNext && frame === null) state.seq = toSeq;
  else if (toSeq - fromSeq < skippedAsideMax) {
    for (let seq = fromSeq; seq <= toSeq; seq += 1) state.waiting.set(seq, frame);
  }
  const show = drain(state);
  // One question at a time: what comes beyond a gap while an answer is under way waits for its end.
  const ask = (state.waiting.size > 0 || state.seq < fromSeq - 1) && !state.isAsking;
  return { show, send: ask ? resume([[topic, state]]) : [] };
}

function askOnce(topic: string, state: TopicState): Step {
  state.sawAnother = state.isAsking;
  return state.isAsking ? nothing : { show: [], send: resume([[topic, state]]) };
}

/**
 * What was kept aside belongs to the old life of the log, and comes again if it belongs to the new one. A second answer
 * to the same question would take back what was shown meanwhile.
 */
function receiveReset(topics: Map<string, TopicState>, { topic, epoch, seq, reason }: ResetFrame): Step {
  const state = topics.get(topic);
  const isKnown = state?.epoch === epoch && reason === 'new_epoch';
  if (state === undefined || isKnown || state.past.has(epoch)) return nothing;
  if (state.epoch !== epoch) state.past.add(state.epoch);
  const unread = state.unread?.epoch === epoch ? state.unread : null;
  // Nothing of the new epoch was acknowledged yet, so that what was shown is acknowledged in it as well.
  topics.set(topic, {
    ...newState(epoch, seq),
    acknowledgedSeq: 0,
    past: state.past,
    shownIds: state.shownIds,
    unread,
  });
  return nothing;
}

/** Takes out what follows without a gap on what was shown. */
function drain(state: TopicState): readonly NotificationFrame[] {
  const show: NotificationFrame[] = [];
  for (const seq of state.waiting.keys()) if (seq <= state.seq) state.waiting.delete(seq);
  for (let next = state.waiting.get(state.seq + 1); next !== undefined; next = state.waiting.get(state.seq + 1)) {
    state.seq += 1;
    state.waiting.delete(state.seq);
    if (next === null || !remember(state.shownIds, next.id)) continue;
    show.push(next);
    state.shownSince.push(state.seq);
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

/** Of two counts the one with the higher version is the newer, and of two with the same version that of the later entry. */
function noteUnread(topics: Map<string, TopicState>, unread: Unread): void {
  const state = topics.get(unread.topic);
  if (state === undefined) return;
  const known = state.unread;
  const isNewer =
    known?.epoch !== unread.epoch ||
    unread.version > known.version ||
    (unread.version === known.version && unread.asOfSeq >= known.asOfSeq);
  if (!isNewer) return;
  state.unread = unread;
  state.shownSince = state.shownSince.filter((seq) => seq > unread.asOfSeq);
}

function unreadOf({ unread, shownSince }: TopicState): number {
  return unread === null ? 0 : unread.count + shownSince.filter((seq) => seq > unread.asOfSeq).length;
}
