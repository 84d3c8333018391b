// Bugs that can be planted into a run, so that the checker can show that it notices each of them.
import type { Session, Step } from '../../commands/session.ts';
import type { Ports } from './ports.ts';
import type { PromiseName } from './verdict.ts';

export interface Plant {
  /** The ports that the function with this name gets; asked once for each function. */
  readonly ports?: (ports: Ports, functionName: string) => Ports;
  /** The rules that devices follow. */
  readonly session?: (session: Session) => Session;
  /** Leaves broadcasts that were stored and never queued where they are. */
  readonly noSweep?: boolean;
}

export const nothingPlanted: Plant = {};

export interface NamedPlant {
  readonly name: string;
  /** The promise that it breaks; it may break others as well. */
  readonly breaks: PromiseName;
  readonly plant: Plant;
}

/** True at every so-manieth call. */
function every(count: number): () => boolean {
  let calls = 0;
  return () => (calls += 1) % count === 0;
}

function portsOf(functionNames: readonly string[], change: (ports: Ports) => Partial<Ports>): Plant {
  return {
    ports: (ports, functionName) => (functionNames.includes(functionName) ? { ...ports, ...change(ports) } : ports),
  };
}

/** Changes what a device makes of a frame. */
function rules(change: (session: Session) => Session['receive']): Plant {
  return { session: (session) => ({ ...session, receive: change(session) }) };
}

const readers = ['opener', 'message'];
const dayMs = 86_400_000;

export const plantedBugs: readonly NamedPlant[] = [
  { name: 'a client that jumps over gaps', breaks: 'P1', plant: rules(jumpingGaps) },
  {
    name: 'a broadcast that is accepted and not stored',
    breaks: 'P1',
    plant: portsOf(['createBroadcast'], losingWrites),
  },
  {
    name: 'an outbox that nobody sweeps',
    breaks: 'P1',
    plant: { ...portsOf(['createBroadcast'], losingSends), noSweep: true },
  },
  {
    name: 'a log that loses entries and gives their numbers away again',
    breaks: 'P1',
    plant: portsOf(['fanOut'], losingAppends),
  },
  { name: 'a missed history read from another tenant', breaks: 'P2', plant: portsOf(readers, readingElsewhere) },
  { name: 'a notification in the log of another user', breaks: 'P2', plant: portsOf(['fanOut'], tellingAnother) },
  { name: 'a client that shows repetitions', breaks: 'P3', plant: rules(showingAgain) },
  { name: 'a broadcast that is appended twice', breaks: 'P3', plant: portsOf(['fanOut'], appendingTwice) },
  { name: 'a client that takes a new epoch for granted', breaks: 'P4', plant: rules(takingEpochs) },
  { name: 'a cursor that moves back', breaks: 'P5', plant: portsOf(['getBroadcast'], movingBack) },
  { name: 'receipts that get lost', breaks: 'P5', plant: portsOf(['getBroadcast'], losingReceipts) },
  { name: 'an acknowledgement before showing', breaks: 'P6', plant: rules(showingLater) },
  { name: 'an idempotency key that nobody looks at', breaks: 'P7', plant: portsOf(['createBroadcast'], ignoringKeys) },
  { name: 'an end that is forgotten', breaks: 'P8', plant: portsOf(['fanOut'], forgettingEnds) },
  { name: 'exceptions that are forgotten', breaks: 'P8', plant: portsOf(['fanOut'], forgettingExceptions) },
  { name: 'a fan-out that drops a fifth of its posts', breaks: 'P9', plant: portsOf(['fanOut'], droppingPosts) },
  { name: 'connections found through an index that lags', breaks: 'P9', plant: portsOf(['fanOut'], findingLate) },
  { name: 'whole pages that are tried again', breaks: 'P10', plant: portsOf(['fanOut'], repeatingPages) },
];

function jumpingGaps(session: Session): Session['receive'] {
  return (frame) => {
    if (frame.type === 'notification' && frame.seq !== undefined) {
      const { topic = '', epoch = '', seq } = frame;
      session.receive({ type: 'skipped', topic, epoch, fromSeq: 1, toSeq: seq - 1, reason: 'expired' });
    }
    return session.receive(frame);
  };
}

function losingWrites({ broadcasts }: Ports): Partial<Ports> {
  const isLost = every(20);
  return { broadcasts: { ...broadcasts, put: async (broadcast) => (isLost() ? 'stored' : broadcasts.put(broadcast)) } };
}

function losingSends({ queue }: Ports): Partial<Ports> {
  const isLost = every(20);
  return {
    queue: {
      send: async (messages) => {
        if (isLost()) throw new Error('the queue took nothing');
        await queue.send(messages);
      },
    },
  };
}

function losingAppends({ logs }: Ports): Partial<Ports> {
  const isLost = every(30);
  return {
    logs: {
      ...logs,
      append: async (tenant, topic, notification) => {
        if (!isLost()) return logs.append(tenant, topic, notification);
        const { epoch, seq } = await logs.head(tenant, topic);
        return { epoch, seq: seq + 1 };
      },
    },
  };
}

function readingElsewhere({ logs }: Ports): Partial<Ports> {
  const isElsewhere = every(5);
  return {
    logs: {
      ...logs,
      read: async (tenant, topic, afterSeq, limit) =>
        logs.read(isElsewhere() ? 'sales' : tenant, topic, afterSeq, limit),
    },
  };
}

function tellingAnother({ logs }: Ports): Partial<Ports> {
  return {
    logs: {
      ...logs,
      append: async (tenant, topic, notification) => {
        if (topic === 'user:user-1') await logs.append(tenant, 'user:user-0', notification);
        return logs.append(tenant, topic, notification);
      },
    },
  };
}

function showingAgain(session: Session): Session['receive'] {
  const shown = new Set<string>();
  return (frame) => {
    const step = session.receive(frame);
    const isAgain = frame.type === 'notification' && shown.has(frame.id);
    for (const { id } of step.show) shown.add(id);
    return isAgain ? { ...step, show: [...step.show, frame] } : step;
  };
}

function appendingTwice({ logs }: Ports): Partial<Ports> {
  const isTwice = every(30);
  return {
    logs: {
      ...logs,
      append: async (tenant, topic, notification) => {
        if (isTwice()) await logs.append(tenant, topic, { ...notification, id: `${notification.id} again` });
        return logs.append(tenant, topic, notification);
      },
    },
  };
}

function takingEpochs(session: Session): Session['receive'] {
  const epochs = new Map<string, string>();
  return (frame) => {
    if (frame.type === 'notification' && frame.seq !== undefined) {
      const { topic = '', epoch = '', seq } = frame;
      const isNew = epochs.get(topic) !== undefined && epochs.get(topic) !== epoch;
      if (isNew) session.receive({ type: 'reset', topic, epoch, seq: seq - 1, reason: 'new_epoch' });
      epochs.set(topic, epoch);
    }
    return session.receive(frame);
  };
}

function movingBack({ cursors }: Ports): Partial<Ports> {
  const isBack = every(2);
  return {
    cursors: {
      ...cursors,
      get: async (tenant, keys) => {
        const found = await cursors.get(tenant, keys);
        return isBack() ? found.map((cursor) => (cursor === null ? null : { ...cursor, deliveredSeq: 0 })) : found;
      },
    },
  };
}

function losingReceipts({ broadcasts }: Ports): Partial<Ports> {
  const isLost = every(2);
  return {
    broadcasts: {
      ...broadcasts,
      getPage: async (id, page) => (isLost() ? null : broadcasts.getPage(id, page)),
      getShardReceipts: async (id, shard) => (isLost() ? [] : broadcasts.getShardReceipts(id, shard)),
    },
  };
}

/** What is shown waits for the next frame, and what is acknowledged does not. */
function showingLater(session: Session): Session['receive'] {
  let held: Step['show'] = [];
  return (frame) => {
    const step = session.receive(frame);
    const show = held;
    held = step.show;
    return { ...step, show };
  };
}

function ignoringKeys(): Partial<Ports> {
  return { idempotency: { claim: async (claim) => Promise.resolve({ won: true, claim }) } };
}

function forgettingEnds({ broadcasts }: Ports): Partial<Ports> {
  return {
    broadcasts: {
      ...broadcasts,
      get: async (id) => {
        const broadcast = await broadcasts.get(id);
        return broadcast === null ? null : { ...broadcast, expiresAtMs: broadcast.expiresAtMs + dayMs };
      },
    },
  };
}

function forgettingExceptions({ broadcasts }: Ports): Partial<Ports> {
  return {
    broadcasts: {
      ...broadcasts,
      get: async (id) => {
        const broadcast = await broadcasts.get(id);
        return broadcast === null ? null : { ...broadcast, except: [] };
      },
    },
  };
}

function droppingPosts({ gateway }: Ports): Partial<Ports> {
  const isDropped = every(5);
  return { gateway: { ...gateway, post: async (id, frame) => (isDropped() ? 'posted' : gateway.post(id, frame)) } };
}

const lagMs = 60_000;

function findingLate({ subscriptions, clock }: Ports): Partial<Ports> {
  return {
    subscriptions: {
      page: async (...parameters) => {
        const page = await subscriptions.page(...parameters);
        const isThere = (connectedAtMs: number): boolean => connectedAtMs <= clock.nowMs() - lagMs;
        return { ...page, subscribers: page.subscribers.filter(({ connectedAtMs }) => isThere(connectedAtMs)) };
      },
    },
  };
}

function repeatingPages({ broadcasts, gateway }: Ports): Partial<Ports> {
  return {
    broadcasts: {
      ...broadcasts,
      getPage: async () => Promise.resolve(null),
      beginPage: async (_id, _page, through) => Promise.resolve({ through, receipts: [] }),
    },
    gateway: {
      ...gateway,
      post: async (id, frame) => {
        const outcome = await gateway.post(id, frame);
        if (outcome === 'unavailable' || outcome === 'throttled') throw new Error('a post failed');
        return outcome;
      },
    },
  };
}
