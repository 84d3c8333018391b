// What the use cases need from the world, as interfaces; each has an adapter, a fake, and a contract that both pass.
import type { Broadcast, Page } from './domain/broadcast.ts';
import type { Connection, Identity, KnownConnection, Subscriber } from './domain/connection.ts';
import type { Receipt } from './domain/delivery.ts';
import type { Cursor, LogEntry, Notification, Position } from './domain/log.ts';
import type { Topic } from './domain/topic.ts';
import type { DeadlineMessage, FanOutMessage } from './protocol/queue-messages.ts';

export interface ConnectionStore {
  /**
   * Stores a new connection. A known one gets its subscriptions first and its row last, so that a disconnect at any
   * moment finds all or leaves a mark: `closed` says that the socket was gone before, and nothing remains.
   */
  open(connection: Connection): Promise<'opened' | 'closed'>;
  /** Makes an anonymous connection known, subscriptions first. `closed` when it is gone or no longer anonymous. */
  identify(connection: KnownConnection): Promise<'identified' | 'closed'>;
  /** The connection, strongly consistent; null when there is none (or only the mark of a closed one). */
  get(connectionId: string): Promise<Connection | null>;
  /** Leaves the mark of a closed connection and removes its subscriptions. Safe to repeat and safe before `open`. */
  close(connectionId: string, nowMs: number): Promise<void>;
}

export interface SubscriptionStore {
  /** Up to `limit` subscribers of one shard, in order of connection id, after the one named. Strongly consistent; expired ones included. */
  page(tenant: string, topic: Topic, shard: number, after: string | null, limit: number): Promise<SubscriberPage>;
}

export interface SubscriberPage {
  readonly subscribers: readonly Subscriber[];
  /** Where the next page starts; null when this was the last. */
  readonly next: string | null;
}

export interface LogStore {
  /**
   * Where the log stands now; a topic that has no log yet gets its epoch here. Strongly consistent. When it stands at
   * `enoughSeq` or beyond, and that is all that the caller must know, the answer may be short of the end and costs less.
   */
  head(tenant: string, topic: Topic, enoughSeq?: number): Promise<Position>;
  /**
   * Appends after the last entry, without a gap, and returns where. The same notification id again returns the place
   * that it already has, even when two writers try at once.
   */
  append(tenant: string, topic: Topic, notification: Notification): Promise<Position>;
  /** Up to `limit` entries after `afterSeq`, in order. Strongly consistent. */
  read(tenant: string, topic: Topic, afterSeq: number, limit: number): Promise<readonly LogEntry[]>;
}

export interface CursorStore {
  /** Makes the user a member of the topic with this cursor unless they are one; returns the cursor that stands. */
  join(cursor: Cursor): Promise<Cursor>;
  /** The cursors of these (topic, user) pairs, in their order; null where the user has never joined. Strongly consistent. */
  get(tenant: string, keys: readonly CursorKey[]): Promise<readonly (Cursor | null)[]>;
  /** Moves `deliveredSeq` forward to `position`; `unchanged` when it is there already or the epoch is another. */
  acknowledge(tenant: string, key: CursorKey, position: Position): Promise<'advanced' | 'unchanged'>;
  /** Marks everything up to `upToSeq`, and the single `seqs`, as read. `unchanged` when there is no cursor with this epoch. */
  markRead(tenant: string, key: CursorKey, epoch: string, read: ReadMark): Promise<'marked' | 'unchanged'>;
  /** Up to `limit` members of one shard of a topic, in order of user, after the one named. */
  members(tenant: string, topic: Topic, shard: number, after: string | null, limit: number): Promise<CursorPage>;
}

export interface CursorKey {
  readonly topic: Topic;
  readonly user: string;
}

export interface ReadMark {
  readonly upToSeq: number;
  readonly seqs: readonly number[];
}

export interface CursorPage {
  readonly cursors: readonly Cursor[];
  readonly next: string | null;
}

export interface BroadcastStore {
  /** Stores the broadcast unless its id exists. */
  put(broadcast: Broadcast): Promise<'stored' | 'exists'>;
  get(id: string): Promise<Broadcast | null>;
  /** Notes where a wide broadcast stands in its log; the first note stands. */
  setPosition(id: string, position: Position): Promise<void>;
  /** Notes that the queue has taken it; the first note stands. */
  markDispatched(id: string, nowMs: number): Promise<void>;
  /** Records what became of one page, in place of what was recorded for it before. Any size of page fits. */
  putReceipts(id: string, page: Page, receipts: readonly Receipt[]): Promise<void>;
  /** What was recorded for one page; null when it has not been worked on. */
  getReceipts(id: string, page: Page): Promise<readonly Receipt[] | null>;
  /** Everything recorded for one shard of a wide broadcast, over all its pages. */
  getShardReceipts(id: string, shard: number): Promise<readonly Receipt[]>;
}

/** What a first request with an idempotency key left for its repetitions. */
export interface IdempotencyClaim {
  readonly tenant: string;
  readonly key: string;
  /** SHA-256 of the method, path and body, as hex. */
  readonly requestHash: string;
  readonly broadcastId: string;
  readonly acceptedAtMs: number;
  readonly expiresAtMs: number;
}

export interface IdempotencyStore {
  /** Takes the key unless an unexpired claim has it; returns the claim that stands. */
  claim(claim: IdempotencyClaim, nowMs: number): Promise<{ readonly won: boolean; readonly claim: IdempotencyClaim }>;
}

export interface RateCounter {
  /** Counts one request in the window that holds `nowMs` and returns the count with it. */
  count(key: string, windowMs: number, nowMs: number): Promise<number>;
}

export interface FanOutQueue {
  /** Returns when the queue has taken all of them; throws when any was refused. */
  send(messages: readonly FanOutMessage[]): Promise<void>;
}

export interface QueueDepths {
  depths(): Promise<{ readonly waiting: number; readonly inFlight: number; readonly deadLetters: number }>;
}

export interface DeadlineQueue {
  schedule(message: DeadlineMessage, delayMs: number): Promise<void>;
}

/** What the gateway said of one post. `throttled` and `unavailable` may succeed when tried again; `gone` and `too_large` never. */
export type PostOutcome = 'posted' | 'gone' | 'too_large' | 'throttled' | 'unavailable';

export interface ConnectionGateway {
  /** Posts one text frame. Resolves for every answer of the gateway, and within the time limit. */
  post(connectionId: string, frame: string): Promise<PostOutcome>;
  /** Closes the socket; closing one that is gone is no error. */
  close(connectionId: string): Promise<void>;
}

export type TokenVerdict =
  | { readonly verdict: 'valid'; readonly identity: Identity }
  | { readonly verdict: 'expired' }
  | { readonly verdict: 'invalid'; readonly reason: string };

export interface TokenVerifier {
  /** Checks signature, issuer, audience and time. Never throws for a bad token; the reason holds nothing of the token. */
  verify(token: string, nowMs: number): Promise<TokenVerdict>;
}

export interface OpenerStarter {
  /** Asks for the opener to run for this connection, without waiting for it. */
  start(connectionId: string): Promise<void>;
}

export interface Clock {
  nowMs(): number;
  /** Waits; only for the back-off between two attempts within one call. */
  wait(ms: number): Promise<void>;
}

export interface Ids {
  /** A new broadcast id: a ULID, so that ids sort by time. */
  broadcastId(nowMs: number): string;
}

export interface Telemetry {
  /** One structured line. Fields never hold tokens, keys or notification contents. */
  info(event: string, fields: Readonly<Record<string, string | number | boolean | null>>): void;
  error(event: string, fields: Readonly<Record<string, string | number | boolean | null>>, error?: unknown): void;
}

/** An API key that a caller proved to have: whose it is, and a name for it that may be logged. */
export interface ApiKey {
  readonly keyId: string;
  readonly tenant: string;
}

export interface ApiKeys {
  /** The live key that equals what was presented, or null. Takes the same time for every wrong key. */
  find(presented: string): ApiKey | null;
}

export interface SourceList {
  /** Whether calls from this address are allowed. */
  allows(address: string): boolean;
}

export interface Digest {
  sha256Hex(text: string): string;
}
