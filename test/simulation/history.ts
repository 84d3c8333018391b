// What happens in a run, as a list of facts that is only ever added to: all that the checker knows.
import type { Audience } from '../../shared/domain/broadcast.ts';
import type { DeliveryState } from '../../shared/domain/delivery.ts';

/** How a frame came: posted by the fan-out of its broadcast, or in answer to a connection that lacked it. */
export type Via = 'push' | 'resume';

/** A CRM asks for a broadcast for the first time. `request` is a number of its own, which the notification carries. */
export interface Requested {
  readonly kind: 'requested';
  readonly atMs: number;
  readonly request: number;
  readonly tenant: string;
  readonly audience: Audience;
  readonly except: readonly string[];
  readonly durability: 'durable' | 'ephemeral';
  /** Null for one that outlives the run. */
  readonly expiresAtMs: number | null;
}

/** A CRM got its 202. A request that never did may or may not have made a broadcast. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly atMs: number;
  readonly request: number;
  readonly broadcastId: string;
}

/** A broadcast was stored for the first time: from here on its recipients wait for it. */
export interface Stored {
  readonly kind: 'stored';
  readonly atMs: number;
  readonly request: number;
}

/** There is a device, whose user follows these topics. Devices have numbers. */
export interface DeviceMade {
  readonly kind: 'device';
  readonly device: number;
  readonly tenant: string;
  readonly user: string;
  readonly topics: readonly string[];
}

/** A device was greeted for the first time: from here on it must get everything. */
export interface Joined {
  readonly kind: 'joined';
  readonly atMs: number;
  readonly device: number;
}

/** A device has a network again: only from here on can it be told anything. */
export interface Online {
  readonly kind: 'online';
  readonly atMs: number;
  readonly device: number;
}

/** A device was told where it stands, by its first greeting in a topic or by a `reset`. */
export interface Announced {
  readonly kind: 'announced';
  readonly device: number;
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
}

/** A device was told that it will not be shown these. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly device: number;
  readonly topic: string;
  readonly epoch: string;
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** A device handed a notification to its app. `place` is null for an ephemeral one. */
export interface Shown {
  readonly kind: 'shown';
  readonly atMs: number;
  readonly device: number;
  readonly request: number;
  readonly broadcastId: string;
  readonly place: { readonly topic: string; readonly epoch: string; readonly seq: number } | null;
  readonly via: Via;
  /** When its frame had come: it may have waited for what was missing before it. */
  readonly cameAtMs: number;
}

/** The gateway was asked to post a durable notification. */
export interface Posted {
  readonly kind: 'posted';
  readonly via: Via;
}

/** A back office was told the state of one delivery. */
export interface Reported {
  readonly kind: 'reported';
  readonly broadcastId: string;
  readonly request: number;
  readonly user: string;
  readonly state: DeliveryState;
}

/** So many frames went to and fro that bring nothing that the run was ended. */
export interface Storm {
  readonly kind: 'storm';
}

export type HistoryEvent =
  | Requested
  | Accepted
  | Stored
  | DeviceMade
  | Joined
  | Online
  | Announced
  | Skipped
  | Shown
  | Posted
  | Reported
  | Storm;

/** Takes each event as it happens. A run of a million would need a gigabyte to keep them, so whoever wants them keeps them. */
export type Recorder = (event: HistoryEvent) => void;
