// All that keeps something of a tenant, in memory or in tables.
import type {
  BroadcastStore,
  Clock,
  ConnectionStore,
  CursorStore,
  FrameMeter,
  IdempotencyStore,
  LogStore,
  PresenceStore,
  SubscriptionStore,
  TypingStore,
} from '../../shared/ports.ts';
import { broadcastStore } from '../../shared/dynamodb/broadcast-store.ts';
import { connectionStore } from '../../shared/dynamodb/connection-store.ts';
import { cursorStore } from '../../shared/dynamodb/cursor-store.ts';
import { idempotencyStore } from '../../shared/dynamodb/idempotency-store.ts';
import { logStore } from '../../shared/dynamodb/log-store.ts';
import { presenceStore } from '../../shared/dynamodb/presence-store.ts';
import { rateCounter } from '../../shared/dynamodb/rate-counter.ts';
import { subscriptionStore } from '../../shared/dynamodb/subscription-store.ts';
import { typingStore } from '../../shared/dynamodb/typing-store.ts';
import { frameMeter } from '../../shared/system/frame-meter.ts';
import type { Tables } from '../dynamodb/tables.ts';
import { fakeBroadcasts } from '../fakes/fake-broadcasts.ts';
import { fakeCursors } from '../fakes/fake-cursors.ts';
import { fakeFrames } from '../fakes/fake-frames.ts';
import { fakeIdempotency } from '../fakes/fake-guards.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakePresence } from '../fakes/fake-presence.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { fakeTyping } from '../fakes/fake-typing.ts';

export interface Stores {
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionStore;
  readonly logs: LogStore;
  readonly cursors: CursorStore;
  readonly broadcasts: BroadcastStore;
  readonly idempotency: IdempotencyStore;
  readonly presence: PresenceStore;
  readonly typing: TypingStore;
  readonly meter: FrameMeter;
}

export type MakeStores = (clock: Clock) => Stores;

export const storesInMemory: MakeStores = (clock) => {
  const { connections, subscriptions } = fakeStores();
  return {
    connections,
    subscriptions,
    logs: fakeLog(clock),
    cursors: fakeCursors(),
    broadcasts: fakeBroadcasts(),
    idempotency: fakeIdempotency(),
    presence: fakePresence(),
    typing: fakeTyping(),
    meter: fakeFrames(),
  };
};

/** @param tables may hold what an earlier run has left; nothing of it is seen when the tenants have other names. */
export function storesIn({ client, names }: Tables): MakeStores {
  return (clock) => ({
    connections: connectionStore(client(), names),
    subscriptions: subscriptionStore(client(), names.subscriptions),
    logs: logStore(client(), names.logs, clock, '1'),
    cursors: cursorStore(client(), names.cursors, clock),
    broadcasts: broadcastStore(client(), names.broadcasts, clock),
    idempotency: idempotencyStore(client(), names.guards),
    presence: presenceStore(client(), names.guards),
    typing: typingStore(client(), names.guards),
    meter: frameMeter(rateCounter(client(), names.guards)),
  });
}
