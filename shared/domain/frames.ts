// Builds the frames that the server sends.
import { isoTime } from './time.ts';
import type { SeqRange } from './ranges.ts';
import type { KnownConnection } from './connection.ts';
import type { Cursor } from './cursor.ts';
import type { Notification, TopicPosition } from './log.ts';
import type { Topic } from './topic.ts';
import type { Unread } from './unread.ts';
import type { Failure } from '../protocol/failures.ts';
import { connectionLimits, unreadLimits } from '../protocol/limits.ts';
import type { ServerFrame } from '../protocol/server-frames.ts';

export function connectedFrame(
  connection: KnownConnection,
  positions: readonly TopicPosition[],
  unread: readonly Unread[],
  replyTo: string | undefined,
): ServerFrame {
  return {
    type: 'connected',
    user: connection.user,
    tenant: connection.tenant,
    roles: [...connection.roles],
    positions: [...positions],
    unread: [...unread],
    heartbeatEveryMs: connectionLimits.heartbeatEveryMs,
    expiresAt: isoTime(connection.expiresAtMs),
    ...reply(replyTo),
  };
}

/** `place` is null for an ephemeral notification, which has none. */
export function notificationFrame(notification: Notification, place: TopicPosition | null): ServerFrame {
  return {
    type: 'notification',
    ...(place === null ? {} : { topic: place.topic, epoch: place.epoch, seq: place.seq }),
    id: notification.id,
    event: notification.event,
    data: notification.data,
    ...(notification.metadata === undefined ? {} : { metadata: notification.metadata }),
    createdAt: isoTime(notification.createdAtMs),
    expiresAt: isoTime(notification.expiresAtMs),
  };
}

export type SkipReason = 'expired' | 'suppressed' | 'before_joining';

export function skippedFrame(
  topic: Topic,
  epoch: string,
  { fromSeq, toSeq }: SeqRange,
  reason: SkipReason,
): ServerFrame {
  return { type: 'skipped', topic, epoch, fromSeq, toSeq, reason };
}

export function resetFrame(position: TopicPosition, reason: 'new_epoch' | 'beyond_end'): ServerFrame {
  return { type: 'reset', topic: position.topic, epoch: position.epoch, seq: position.seq, reason };
}

export function unreadFrame(unread: Unread, cursor: Cursor, replyTo: string | undefined): ServerFrame {
  return {
    type: 'unread',
    ...unread,
    readSeq: cursor.readSeq,
    readBeyond: cursor.readBeyond.slice(-unreadLimits.readRunsShownMax),
    ...reply(replyTo),
  };
}

export function resumedFrame(
  positions: readonly TopicPosition[],
  complete: boolean,
  replyTo: string | undefined,
): ServerFrame {
  return { type: 'resumed', positions: [...positions], complete, ...reply(replyTo) };
}

export function pongFrame(
  nowMs: number,
  heads: readonly TopicPosition[],
  unread: readonly Unread[],
  replyTo: string | undefined,
): ServerFrame {
  return { type: 'pong', time: isoTime(nowMs), heads: [...heads], unread: [...unread], ...reply(replyTo) };
}

export function errorFrame(failure: Failure, replyTo: string | undefined): ServerFrame {
  return {
    type: 'error',
    code: failure.code,
    message: failure.detail.message,
    ...(failure.detail.field === undefined ? {} : { field: failure.detail.field }),
    remedy: failure.detail.remedy,
    ...reply(replyTo),
  };
}

function reply(replyTo: string | undefined): { replyTo?: string } {
  return replyTo === undefined ? {} : { replyTo };
}
