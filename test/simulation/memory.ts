// What the checker remembers of a history.
import type { DeliveryState } from '../../shared/domain/delivery.ts';
import type { DeviceMade, Requested, Via } from './history.ts';
import type { Order } from './order.ts';
import type { PromiseName } from './verdict.ts';

export interface Request {
  readonly requested: Requested;
  acceptedAs: string | null;
  storedAtMs: number | null;
  readonly ids: Set<string>;
}

export interface Device {
  readonly made: DeviceMade;
  joinedAtMs: number | null;
  onlineAtMs: number;
  readonly shown: Set<number>;
  readonly order: Order;
}

const examplesMax = 5;

export interface Memory {
  readonly requests: Map<number, Request>;
  readonly devices: Map<number, Device>;
  /** Devices by tenant and topic. */
  readonly followers: Map<string, Device[]>;
  readonly ranks: Map<string, { readonly rank: number; readonly state: DeliveryState }>;
  readonly posts: Record<Via, number>;
  readonly delaysMs: number[];
  readonly broken: Map<PromiseName, { count: number; readonly examples: string[] }>;
  recipientNotifications: number;
  shown: number;
  shownLate: number;
  shownOnline: number;
  pushedOnline: number;
  reports: number;
}

export function newMemory(): Memory {
  return {
    requests: new Map(),
    devices: new Map(),
    followers: new Map(),
    ranks: new Map(),
    posts: { push: 0, resume: 0 },
    delaysMs: [],
    broken: new Map(),
    recipientNotifications: 0,
    shown: 0,
    shownLate: 0,
    shownOnline: 0,
    pushedOnline: 0,
    reports: 0,
  };
}

/** Counts what breaks a promise, and keeps the first few cases in words. */
export function note(memory: Memory, promise: PromiseName, example: () => string): void {
  const broken = memory.broken.get(promise) ?? { count: 0, examples: [] };
  memory.broken.set(promise, broken);
  broken.count += 1;
  if (broken.examples.length < examplesMax) broken.examples.push(example());
}
