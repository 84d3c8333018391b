// Builds the frames that the server sends.
import { isoTime } from './time.ts';
import type { SeqRange } from './ranges.ts';
import type { KnownConnection } from './connection.ts';
import type { Cursor } from './cursor.ts';
import type { JsonObject, Notification, TopicPosition } from './log.ts';
import type { Topic } from './topic.ts';
import type { Unread } from './unread.ts';
import type { Failure } from '../protocol/failures.ts';
import { connectionLimits, unreadLimits } from '../protocol/limits.ts';
import type { ServerFrame, WireFrame } from '../protocol/server-frames.ts';

export function connectedFrame(
  connection: KnownConnection,
  nowMs: number,
  positions: readonly TopicPosition[],
  unread: readonly Unread[],
  replyTo: string | undefined,
): WireFrame {
  return {
    type: 'connected',
    connectionId: connection.connectionId,
    user: connection.user,
    tenant: connection.tenant,
    roles: [...connection.roles],
    positions: [...positions],
    unread: [...unread],
    heartbeatEveryMs: connectionLimits.heartbeatEveryMs,
    time: isoTime(nowMs),
    expiresAt: isoTime(connection.expiresAtMs),
    ...reply(replyTo),
  };
}

/** `place` is null for an ephemeral notification, which has none. */
export function notificationFrame(notification: Notification, place: TopicPosition | null): WireFrame {
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

export function skippedFrame(topic: Topic, epoch: string, { fromSeq, toSeq }: SeqRange, reason: SkipReason): WireFrame {
  return { type: 'skipped', topic, epoch, fromSeq, toSeq, reason };
}

export function resetFrame(position: TopicPosition, reason: 'new_epoch' | 'beyond_end'): WireFrame {
  return { type: 'reset', topic: position.topic, epoch: position.epoch, seq: position.seq, reason };
}

export function unreadFrame(unread: Unread, cursor: Cursor, replyTo: string | undefined): WireFrame {
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
): WireFrame {
  return { type: 'resumed', positions: [...positions], complete, ...reply(replyTo) };
}

export function pongFrame(
  nowMs: number,
  heads: readonly TopicPosition[],
  unread: readonly Unread[],
  replyTo: string | undefined,
): WireFrame {
  return { type: 'pong', time: isoTime(nowMs), heads: [...heads], unread: [...unread], ...reply(replyTo) };
}

/** `position` is null for a room whose topic is followed anyway: its place was told before. */
export function joinedFrame(
  room: string,
  position: TopicPosition | null,
  nowMs: number,
  replyTo: string | undefined,
): WireFrame {
  return { type: 'joined', room, ...(position === null ? {} : { position }), time: isoTime(nowMs), ...reply(replyTo) };
}

export function leftFrame(room: string, topic: Topic, nowMs: number, replyTo: string | undefined): WireFrame {
  return { type: 'left', room, topic, time: isoTime(nowMs), ...reply(replyTo) };
}

export function sentFrame(
  id: string,
  room: string | undefined,
  data: JsonObject,
  nowMs: number,
  replyTo: string | undefined,
): WireFrame {
  return {
    type: 'sent',
    id,
    ...(room === undefined ? {} : { room }),
    data,
    time: isoTime(nowMs),
    ...reply(replyTo),
  };
}

export function refreshedFrame(
  connection: KnownConnection,
  positions: readonly TopicPosition[],
  nowMs: number,
  replyTo: string | undefined,
): WireFrame {
  return {
    type: 'refreshed',
    roles: [...connection.roles],
    positions: [...positions],
    expiresAt: isoTime(connection.expiresAtMs),
    time: isoTime(nowMs),
    ...reply(replyTo),
  };
}

export function selectedFrame(events: readonly string[], nowMs: number, replyTo: string | undefined): ServerFrame {
  return { type: 'selected', events, time: isoTime(nowMs), ...reply(replyTo) };
}

/** The refusal after which the socket is closed: the gateway takes no close code, so this one says why. */
export function closingFrame(failure: Failure, replyTo: string | undefined): WireFrame {
  return { ...refusal(failure), closing: true, ...reply(replyTo) };
}

export function errorFrame(failure: Failure, replyTo: string | undefined): WireFrame {
  return { ...refusal(failure), ...reply(replyTo) };
}

function refusal(failure: Failure): Extract<WireFrame, { readonly type: 'error' }> {
  return {
    type: 'error',
    code: failure.code,
    message: failure.detail.message,
    ...(failure.detail.field === undefined ? {} : { field: failure.detail.field }),
    remedy: failure.detail.remedy,
  };
}

function reply(replyTo: string | undefined): { replyTo?: string } {
  return replyTo === undefined ? {} : { replyTo };
}

export function heartbeatFrame(nowMs: number): ServerFrame {
  return { type: 'heartbeat', time: isoTime(nowMs) };
}

export function openFrame(connectionId: string): ServerFrame {
  return { type: 'open', connectionId };
}

/** A frame was obeyed that brings no other answer; for clients that wait for one. */
export function doneFrame(replyTo: string | undefined): ServerFrame {
  return { type: 'done', ...reply(replyTo) };
}
