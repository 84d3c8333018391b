// What the use cases need from the world, as interfaces; each has an adapter, a fake, and a contract that both pass.
import type { Broadcast, Page } from './domain/broadcast.ts';
import type { Connection, Identity, KnownConnection, Subscriber } from './domain/connection.ts';
import type { Receipt } from './domain/delivery.ts';
import type { Cursor, ReadMark } from './domain/cursor.ts';
import type { LogEntry, LogHead, Notification, Position } from './domain/log.ts';
import type { SeqRange } from './domain/ranges.ts';
import type { Presence } from './domain/presence.ts';
import type { Topic } from './domain/topic.ts';
import type { ClientFrame, DialectFrame } from './protocol/client-frames.ts';
import type { DialectName } from './protocol/dialect-names.ts';
import type { Failure } from './protocol/failures.ts';
import type { DeadlineMessage, FanOutMessage } from './protocol/queue-messages.ts';
import type { ServerFrame } from './protocol/server-frames.ts';

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
  /** Prolongs the lease of a connection that is open; one that is not stays as it is. */
  renew(connection: KnownConnection, leaseUntilMs: number): Promise<void>;
  /**
   * Puts a known connection in place of `former`, which is the same socket with an older token: its rooms, but for those that
   * `former` had and `connection` has not, its lease and its events stay.
   */
  replace(connection: KnownConnection, former: KnownConnection): Promise<'replaced' | 'closed'>;
  /**
   * Subscribes the connection to the topic of a room. Calls may overtake each other: of `follow` and `unfollow` of one room
   * the one with the later `atMs` stands.
   */
  follow(connection: KnownConnection, topic: Topic, atMs: number): Promise<'followed' | 'closed'>;
  unfollow(connection: KnownConnection, topic: Topic, atMs: number): Promise<void>;
  /** Changes which events the connection gets; returns all that it gets then, none when it is not open. */
  selectEvents(connection: KnownConnection, change: EventSelection): Promise<readonly string[]>;
  /**
   * Leaves the mark of a closed connection and removes its subscriptions. Safe to repeat and safe before `open`. Returns
   * the connection as it was, also when repeated; null when it was never stored.
   */
  close(connectionId: string, nowMs: number): Promise<Connection | null>;
}

export interface EventSelection {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** What a client said, in Bellhop's words. */
export interface Spoken {
  /** The dialect in which it was said: the first frame of a socket may choose it. */
  readonly dialect: DialectName;
  /** Binds the answer to the frame; each dialect has a way of its own. */
  readonly replyTo: string | undefined;
  readonly frame: ClientFrame | DialectFrame | Failure;
}

/** The languages of the sockets; each is a pure translation. */
export interface SocketDialects {
  read(dialect: DialectName, text: string): Spoken;
  /** The texts that say this, in order; none when the dialect has no word for it. */
  write(dialect: DialectName, frame: ServerFrame): readonly string[];
}

export interface PresenceStore {
  /** Notes that a connection of the user has come, and says whether there was none before. */
  arrive(tenant: string, user: string, nowMs: number): Promise<'came' | 'was_there'>;
  /** What is known of the user; null when nothing is. Strongly consistent. */
  get(tenant: string, user: string): Promise<Presence | null>;
  /** Notes that the user has gone, unless more connections have come than `arrivals`. */
  depart(tenant: string, user: string, arrivals: number, nowMs: number): Promise<'left' | 'stayed'>;
  setStatus(tenant: string, user: string, status: string, nowMs: number): Promise<void>;
}

export interface TypingStore {
  /** Notes that the user types in a room, and says whether that is new. Of two notes the one with the later `atMs` stands. */
  start(tenant: string, room: string, user: string, atMs: number): Promise<'started' | 'goes_on'>;
  /** When the user was last noted to type there; null when not. Strongly consistent. */
  lastMs(tenant: string, room: string, user: string): Promise<number | null>;
  /** Forgets it, unless it was noted later than `atMs`; says whether there was something to forget. */
  stop(tenant: string, room: string, user: string, atMs: number): Promise<'stopped' | 'was_not'>;
}

export interface FrameMeter {
  /** Counts one frame and returns about how many of this source, a connection or a user, came in the window that holds `nowMs`. */
  count(source: string, nowMs: number): Promise<number>;
}

export interface SubscriptionStore {
  /** Up to `limit` subscribers of one shard, in order of connection id. Strongly consistent; expired ones included. */
  page(tenant: string, topic: Topic, shard: number, range: ConnectionRange, limit: number): Promise<SubscriberPage>;
}

/** Connection ids after one of them, and up to and including another; null leaves an end open. */
export interface ConnectionRange {
  readonly after: string | null;
  readonly through: string | null;
}

export interface SubscriberPage {
  readonly subscribers: readonly Subscriber[];
  /** Where the next page starts; null when this was the last. */
  readonly next: string | null;
}

export interface LogStore {
  /**
   * Where the log stands now; a topic that has no log yet gets its epoch here, and one whose log was restored a new one.
   * Strongly consistent. When it stands at `enoughSeq` or beyond, and that is all that the caller must know, the answer
   * may be short of the end and costs less.
   */
  head(tenant: string, topic: Topic, enoughSeq?: number): Promise<LogHead>;
  /**
   * Appends after the last entry, without a gap, and returns where. The same notification id again returns the place
   * that it already has, even when two writers try at once.
   */
  append(tenant: string, topic: Topic, notification: Notification): Promise<Position>;
  /** Up to `limit` entries after `afterSeq`, in order. Strongly consistent. */
  read(tenant: string, topic: Topic, afterSeq: number, limit: number): Promise<readonly LogEntry[]>;
  /** The number of the last entry that was appended before `atMs`; 0 when there is none. What has expired and gone does not count. */
  lastSeqBefore(tenant: string, topic: Topic, atMs: number): Promise<number>;
}

export interface CursorStore {
  /** Makes the user a member of the topic with this cursor unless they are one; returns the cursor that stands. */
  join(cursor: Cursor): Promise<Cursor>;
  /** The cursors of these (topic, user) pairs, in their order; null where the user has never joined. Strongly consistent. */
  get(tenant: string, keys: readonly CursorKey[]): Promise<readonly (Cursor | null)[]>;
  /** Ends the membership: whoever joins again begins anew. */
  leave(tenant: string, key: CursorKey): Promise<void>;
  /** Puts the cursor in place of `from`, if that still stands as it was read; returns the one that stands then. Of somebody who has left nothing is written. */
  rebase(cursor: Cursor, from: Cursor): Promise<Cursor>;
  /** Moves `deliveredSeq` forward to `position`, as `acknowledged` does. `elsewhere`: there is no cursor with this epoch. */
  acknowledge(
    tenant: string,
    key: CursorKey,
    position: Position,
    atMs: number,
  ): Promise<'advanced' | 'unchanged' | 'elsewhere'>;
  /** Marks as read, as `withRead` does, and returns the cursor that stands then; null when there is none with this epoch. */
  markRead(tenant: string, key: CursorKey, epoch: string, mark: ReadMark): Promise<Cursor | null>;
  /**
   * Notes what was posted to clients that do not acknowledge, as `withPushed` does, and then what they did not select, as
   * `withDeclined` does; nothing when there is no cursor with this epoch.
   */
  push(
    tenant: string,
    key: CursorKey,
    epoch: string,
    pushed: readonly SeqRange[],
    declined?: readonly SeqRange[],
  ): Promise<void>;
  /** Notes what had expired before any client had it, as `withPassedOver` does; nothing when there is no cursor with this epoch. */
  passOver(tenant: string, key: CursorKey, epoch: string, range: SeqRange): Promise<void>;
  /** Up to `limit` members of one shard of a topic, in order of user, after the one named. */
  members(tenant: string, topic: Topic, shard: number, after: string | null, limit: number): Promise<CursorPage>;
}

export interface CursorKey {
  readonly topic: Topic;
  readonly user: string;
}

export interface CursorPage {
  readonly cursors: readonly Cursor[];
  readonly next: string | null;
}

export interface BroadcastStore {
  /** Stores the broadcast unless its id exists; until it is marked as dispatched it is in the outbox. */
  put(broadcast: Broadcast): Promise<'stored' | 'exists'>;
  get(id: string): Promise<Broadcast | null>;
  /** Notes where a wide broadcast stands in its log; the first note stands. */
  setPosition(id: string, position: Position): Promise<void>;
  /** Notes that the queue has taken it, and takes it out of the outbox; the first note stands. */
  markDispatched(id: string, nowMs: number): Promise<void>;
  /** Broadcasts in the outbox that were accepted before `acceptedBeforeMs`, up to some number. May lag by seconds, and may name one that has just left. */
  undispatched(acceptedBeforeMs: number): Promise<readonly string[]>;
  /** Begins a page, with where it ends; the first end stands. Returns what is recorded for it then. */
  beginPage(id: string, page: Page, through: string | null): Promise<PageRecord>;
  /** What was recorded for one page; null when it has not been worked on. Strongly consistent. */
  getPage(id: string, page: Page): Promise<PageRecord | null>;
  /** Adds to what is recorded for a page, as `mergedReceipts` does, also when others do so at the same time. */
  addReceipts(id: string, page: Page, receipts: readonly Receipt[]): Promise<void>;
  /** Everything recorded for one shard of a wide broadcast, over all its pages. */
  getShardReceipts(id: string, shard: number): Promise<readonly Receipt[]>;
}

export interface PageRecord {
  /** The last connection of the page; null when it was not divided from a next one. */
  readonly through: string | null;
  readonly receipts: readonly Receipt[];
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
