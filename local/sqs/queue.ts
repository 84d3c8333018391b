// One standard queue: what is ready, delayed or in flight, in memory, with every accepted change written first.

import { randomUUID } from 'node:crypto';
import type { QueueModel } from '../contracts.ts';
import { handleOf, md5, readHandle, type MessageAttributes, type StoredMessage } from './message.ts';

export interface NewMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** Without it the queue's own delay counts. */
  readonly delayMs?: number;
}

export interface ReceiveOptions {
  readonly max: number;
  /** How long to wait when nothing is there. */
  readonly waitMs: number;
  readonly visibilityMs?: number;
  /** Stops before the bodies are larger together; the first message is taken whatever its size. */
  readonly bytesMax?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

export interface ReceivedMessage extends StoredMessage {
  readonly receiptHandle: string;
}

export interface QueueCounts {
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface Queue {
  readonly model: QueueModel;
  /** Resolves when the messages are stored. */
  send(messages: readonly NewMessage[]): Promise<readonly StoredMessage[]>;
  receive(options: ReceiveOptions): Promise<readonly ReceivedMessage[]>;
  /** Handles of an earlier receive change nothing, as on SQS. */
  remove(receiptHandles: readonly string[]): Promise<void>;
  /** Makes a message visible again after a time from now. */
  changeVisibility(receiptHandle: string, visibilityMs: number): 'changed' | 'unknown' | 'not-in-flight';
  counts(): QueueCounts;
  purge(): Promise<void>;
  /** Takes over a dead letter that is already stored under this queue. */
  adopt(message: StoredMessage): void;
  /** Drops what is older than the queue keeps messages. */
  expire(nowMs: number): Promise<void>;
  /** Ends the timers; nothing becomes visible afterwards. */
  stop(): void;
}

/** Writes changes of any queues as one, in the order of the calls. A null message is removed. */
export type Journal = (changes: readonly Change[]) => Promise<void>;

export interface Change {
  readonly queueName: string;
  readonly id: string;
  readonly message: StoredMessage | null;
}

interface Entry {
  message: StoredMessage;
  state: 'ready' | 'delayed' | 'inFlight';
  timer?: NodeJS.Timeout;
}

interface State {
  readonly model: QueueModel;
  readonly journal: Journal;
  /** Finds the queue for what was received too often. */
  readonly deadLetters: () => Queue | undefined;
  readonly entries: Map<string, Entry>;
  /** In the order in which messages became ready. */
  readonly ready: Set<Entry>;
  /** Wakes the receivers that wait for a message. */
  readonly waiting: Set<() => void>;
  stopped: boolean;
}

/** @param stored what an earlier run left. What was in flight is ready again: its receivers ended with that run. */
export function createQueue(
  { model, journal, deadLetters }: Pick<State, 'model' | 'journal' | 'deadLetters'>,
  stored: readonly StoredMessage[],
): Queue {
  const entries = new Map<string, Entry>();
  const ready = new Set<Entry>();
  const waiting = new Set<() => void>();
  const state: State = { model, journal, deadLetters, entries, ready, waiting, stopped: false };
  for (const message of stored) add(state, message);
  return {
    model,
    send: (messages) => send(state, messages),
    receive: (options) => receive(state, options),
    remove: (receiptHandles) =>
      discard(
        state,
        receiptHandles.flatMap((handle) => findEntry(entries, handle) ?? []),
      ),
    changeVisibility: (receiptHandle, visibilityMs) => {
      const entry = findEntry(entries, receiptHandle);
      if (entry === undefined) return 'unknown';
      if (entry.state !== 'inFlight') return 'not-in-flight';
      if (visibilityMs === 0) makeReady(state, entry);
      else hide(state, entry, 'inFlight', visibilityMs);
      return 'changed';
    },
    counts: () => {
      const delayed = [...entries.values()].filter(({ state: now }) => now === 'delayed').length;
      return { ready: ready.size, delayed, inFlight: entries.size - ready.size - delayed };
    },
    purge: () => discard(state, [...entries.values()]),
    adopt: (message) => {
      add(state, message);
    },
    expire: (nowMs) =>
      discard(
        state,
        [...entries.values()].filter((entry) => isExpired(state, entry, nowMs)),
      ),
    stop: () => {
      state.stopped = true;
      for (const { timer } of entries.values()) clearTimeout(timer);
      for (const wake of waiting) wake();
    },
  };
}

function makeReady(state: State, entry: Entry): void {
  clearTimeout(entry.timer);
  entry.state = 'ready';
  state.ready.add(entry);
  for (const wake of state.waiting) wake();
}

function hide(state: State, entry: Entry, until: 'delayed' | 'inFlight', forMs: number): void {
  clearTimeout(entry.timer);
  entry.state = until;
  entry.timer = setTimeout(makeReady, forMs, state, entry).unref();
}

function add(state: State, message: StoredMessage): void {
  const entry: Entry = { message, state: 'ready' };
  state.entries.set(message.id, entry);
  const delayMs = message.receives === 0 ? message.availableAtMs - Date.now() : 0;
  if (delayMs > 0) hide(state, entry, 'delayed', delayMs);
  else makeReady(state, entry);
}

/** Forgets an entry; the answer is what has to be written for it. */
function drop(state: State, entry: Entry): Change {
  clearTimeout(entry.timer);
  state.ready.delete(entry);
  state.entries.delete(entry.message.id);
  return { queueName: state.model.name, id: entry.message.id, message: null };
}

async function discard(state: State, entries: readonly Entry[]): Promise<void> {
  if (entries.length > 0) await state.journal(entries.map((entry) => drop(state, entry)));
}

function isExpired({ model }: State, { message }: Entry, nowMs: number): boolean {
  return nowMs - message.sentAtMs > model.retentionMs;
}

async function send(state: State, messages: readonly NewMessage[]): Promise<readonly StoredMessage[]> {
  const { model, journal } = state;
  const sentAtMs = Date.now();
  const accepted = messages.map(({ body, attributes, delayMs = model.delayMs }) => ({
    id: randomUUID(),
    body,
    bodyMd5: md5(body),
    attributes,
    sentAtMs,
    availableAtMs: sentAtMs + delayMs,
    receives: 0,
    firstReceivedAtMs: null,
    deadLetterSourceArn: null,
  }));
  await journal(accepted.map((message) => ({ queueName: model.name, id: message.id, message })));
  for (const message of accepted) add(state, message);
  return accepted;
}

async function receive(state: State, options: ReceiveOptions): Promise<readonly ReceivedMessage[]> {
  const untilMs = Date.now() + options.waitMs;
  const isOver = (): boolean => state.stopped || options.signal?.aborted === true;
  for (;;) {
    const received = isOver() ? [] : await take(state, options);
    const leftMs = untilMs - Date.now();
    if (received.length > 0 || leftMs <= 0 || isOver()) return received;
    if (state.ready.size === 0) await arrival(state.waiting, leftMs, options.signal);
  }
}

/** Takes what is ready now; what was received too often goes to the dead letters instead. */
async function take(state: State, options: ReceiveOptions): Promise<readonly ReceivedMessage[]> {
  const { model } = state;
  const nowMs = Date.now();
  const target = state.deadLetters();
  const taken: StoredMessage[] = [];
  const changes: Change[] = [];
  const dead: StoredMessage[] = [];
  let bytes = 0;
  for (const entry of state.ready) {
    if (isExpired(state, entry, nowMs)) {
      changes.push(drop(state, entry));
    } else if (target !== undefined && entry.message.receives >= (model.deadLetters?.receivesMax ?? Infinity)) {
      const letter = { ...entry.message, deadLetterSourceArn: model.arn };
      changes.push(drop(state, entry), { queueName: target.model.name, id: letter.id, message: letter });
      dead.push(letter);
    } else {
      bytes += entry.message.body.length;
      if (taken.length === options.max || (taken.length > 0 && bytes > (options.bytesMax ?? Infinity))) break;
      const message = markReceived(entry.message, nowMs);
      entry.message = message;
      state.ready.delete(entry);
      hide(state, entry, 'inFlight', options.visibilityMs ?? model.visibilityTimeoutMs);
      changes.push({ queueName: model.name, id: message.id, message });
      taken.push(message);
    }
  }
  if (changes.length > 0) await state.journal(changes);
  for (const letter of dead) target?.adopt(letter);
  return taken.map((message) => ({ ...message, receiptHandle: handleOf(message) }));
}

function markReceived(message: StoredMessage, nowMs: number): StoredMessage {
  return { ...message, receives: message.receives + 1, firstReceivedAtMs: message.firstReceivedAtMs ?? nowMs };
}

/** The entry that a handle still stands for. */
function findEntry(entries: ReadonlyMap<string, Entry>, handle: string): Entry | undefined {
  const read = readHandle(handle);
  const entry = read === null ? undefined : entries.get(read.id);
  return entry?.message.receives === read?.receives ? entry : undefined;
}

/** Resolves when a message may be there, after the time, or when the receiver gives up. */
function arrival(waiting: Set<() => void>, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, waitMs).unref();
    signal?.addEventListener('abort', wake);
    waiting.add(wake);
  });
}
