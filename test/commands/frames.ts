// Frames as a server sends them, for tests of the client's session.
import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type { NotificationFrame, WireFrame, Unread } from '../../shared/protocol/server-frames.ts';

export const topic = 'user:a';
export const epoch = 'e1';

export interface Place {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
}

export function at(seq: number, given: Partial<Place> = {}): Place {
  return { topic, epoch, seq, ...given };
}

const times = { createdAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-02-01T00:00:00.000Z' };

export function notification(seq: number, given: Partial<NotificationFrame> = {}): NotificationFrame {
  return {
    type: 'notification',
    topic,
    epoch,
    seq,
    id: `B${String(seq)}`,
    event: 'task:new',
    data: {},
    ...times,
    ...given,
  };
}

export function ephemeral(id: string): NotificationFrame {
  return { type: 'notification', id, event: 'notification:test', data: {}, ...times };
}

export function connected(positions: readonly Place[], unread: readonly Unread[] = []): WireFrame {
  const who = { connectionId: 'c1', user: 'a', tenant: 'default', roles: [], heartbeatEveryMs: 1 };
  const times = { time: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T02:00:00.000Z' };
  return { type: 'connected', ...who, ...times, positions: [...positions], unread: [...unread] };
}

export function skipped(fromSeq: number, toSeq: number, given: { epoch?: string } = {}): WireFrame {
  return { type: 'skipped', topic, epoch, fromSeq, toSeq, reason: 'expired', ...given };
}

export function reset(seq: number, newEpoch: string): WireFrame {
  return { type: 'reset', topic, epoch: newEpoch, seq, reason: 'new_epoch' };
}

export function resumed(positions: readonly Place[], complete = true): WireFrame {
  return { type: 'resumed', positions: [...positions], complete };
}

export function pong(heads: readonly Place[], unread: readonly Unread[] = []): WireFrame {
  return { type: 'pong', time: '2026-01-01T00:00:00.000Z', heads: [...heads], unread: [...unread] };
}

export function resume(...positions: readonly Place[]): ClientFrame {
  return { type: 'resume', positions: [...positions] };
}
