// Frames that the server builds are frames that its own schema knows.
import { describe, expect, it } from 'vitest';
import { knownConnection } from '../../shared/domain/connection.ts';
import {
  closingFrame,
  connectedFrame,
  doneFrame,
  errorFrame,
  heartbeatFrame,
  joinedFrame,
  leftFrame,
  notificationFrame,
  openFrame,
  pongFrame,
  refreshedFrame,
  resetFrame,
  resumedFrame,
  selectedFrame,
  sentFrame,
  skippedFrame,
  unreadFrame,
} from '../../shared/domain/frames.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { connectionLimits } from '../../shared/protocol/limits.ts';
import type { ServerFrame } from '../../shared/protocol/server-frames.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';
import { aCursor } from '../builders/cursor.ts';

const connection = knownConnection(
  { connectionId: 'c', connectedAtMs: 0, dialect: 'bellhop' },
  { tenant: 'default', user: 'a', roles: ['technician'], tokenExpiresAtMs: 60_000 },
);
const positions = [{ topic: 'all', epoch: 'e1', seq: 3 }] as const;
const run = { fromSeq: 1, toSeq: 2 };
const unread = { topic: 'all', epoch: 'e1', count: 2, asOfSeq: 3, version: 1 } as const;
const cursor = aCursor({ topic: 'all', readSeq: 1, readBeyond: [{ fromSeq: 3, toSeq: 3 }] });
const notification = { id: 'B1', event: 'task:new', data: { taskData: {} }, createdAtMs: 0, expiresAtMs: 1 };
const refusal = new Failure('invalid_field', { message: 'm', field: 'seq', remedy: 'r' });

describe('each frame is known to the schema', () => {
  it.each([
    connectedFrame(connection, 1_000, positions, [unread], 'r1'),
    notificationFrame({ ...notification, metadata: { source: 'crm' } }, positions[0]),
    notificationFrame(notification, null),
    skippedFrame('all', 'e1', run, 'expired'),
    skippedFrame('all', 'e1', run, 'suppressed'),
    skippedFrame('all', 'e1', run, 'before_joining'),
    resetFrame(positions[0], 'new_epoch'),
    resetFrame(positions[0], 'beyond_end'),
    unreadFrame(unread, cursor, 'r1'),
    resumedFrame(positions, true, undefined),
    pongFrame(0, positions, [unread], 'r1'),
    pongFrame(0, [], [], undefined),
    joinedFrame('work_order_7', { topic: 'room:work_order_7', epoch: 'e1', seq: 3 }, 1_000, 'r1'),
    joinedFrame('role_technician', null, 1_000, undefined),
    leftFrame('work_order_7', 'room:work_order_7', 1_000, 'r1'),
    sentFrame('B1', 'work_order_7', { text: 'On my way' }, 1_000, 'r1'),
    sentFrame('B1', undefined, {}, 1_000, undefined),
    refreshedFrame(connection, positions, 1_000, 'r1'),
    refreshedFrame(connection, [], 1_000, undefined),
    closingFrame(refusal, 'r1'),
    closingFrame(refusal, undefined),
    errorFrame(refusal, 'r1'),
    errorFrame(new Failure('internal', { message: 'm', remedy: 'r' }), undefined),
  ])('$type', (frame) => {
    expect(serverFrame.parse(JSON.parse(JSON.stringify(frame)))).toEqual(frame);
  });
});

it('an ephemeral notification has no place', () => {
  expect(Object.keys(notificationFrame(notification, null))).not.toContain('seq');
});

it('a notification does not tell whom it is not for', () => {
  expect(JSON.stringify(notificationFrame({ ...notification, except: ['secret-user'] }, positions[0]))).not.toContain(
    'secret-user',
  );
});

it('a change of what is read says what is read now', () => {
  expect(unreadFrame(unread, cursor, undefined)).toEqual({
    type: 'unread',
    ...unread,
    readSeq: 1,
    readBeyond: [{ fromSeq: 3, toSeq: 3 }],
  });
});

it('an answer carries the id of its question', () => {
  const answers = (replyTo: string | undefined) => [
    connectedFrame(connection, 1_000, positions, [unread], replyTo),
    unreadFrame(unread, cursor, replyTo),
    resumedFrame(positions, true, replyTo),
    pongFrame(0, positions, [unread], replyTo),
    joinedFrame('r', null, 0, replyTo),
    leftFrame('r', 'room:r', 0, replyTo),
    sentFrame('B1', 'r', {}, 0, replyTo),
    refreshedFrame(connection, positions, 0, replyTo),
    selectedFrame(['lead_update'], 0, replyTo),
    doneFrame(replyTo),
    closingFrame(refusal, replyTo),
    errorFrame(refusal, replyTo),
  ];
  for (const frame of answers('p7')) expect(frame).toMatchObject({ replyTo: 'p7' });
  for (const frame of answers(undefined)) expect(frame).not.toHaveProperty('replyTo');
});

it('a greeting says who is there, on which connection, and from when until when', () => {
  expect(connectedFrame(connection, 1_000, positions, [unread], undefined)).toEqual({
    type: 'connected',
    connectionId: 'c',
    user: 'a',
    tenant: 'default',
    roles: ['technician'],
    positions: [...positions],
    unread: [unread],
    heartbeatEveryMs: connectionLimits.heartbeatEveryMs,
    time: '1970-01-01T00:00:01.000Z',
    expiresAt: '1970-01-01T00:01:00.000Z',
  });
});

it('a newer token is answered with what it gives: roles, topics, and the new end', () => {
  expect(refreshedFrame(connection, positions, 1_000, 'r1')).toEqual({
    type: 'refreshed',
    roles: ['technician'],
    positions: [...positions],
    expiresAt: '1970-01-01T00:01:00.000Z',
    time: '1970-01-01T00:00:01.000Z',
    replyTo: 'r1',
  });
});

it('a room that is followed anyway has no position of its own, and a message to everybody no room', () => {
  expect(joinedFrame('role_technician', null, 0, undefined)).not.toHaveProperty('position');
  expect(sentFrame('B1', undefined, {}, 0, undefined)).not.toHaveProperty('room');
});

it('the last refusal is like any other, and says besides that the socket is closed', () => {
  expect(closingFrame(refusal, 'r1')).toEqual({ ...errorFrame(refusal, 'r1'), closing: true });
  expect(errorFrame(refusal, 'r1')).not.toHaveProperty('closing');
});

describe('what only other dialects say', () => {
  const time = '1970-01-01T00:00:01.000Z';

  it.each<readonly [ServerFrame, ServerFrame]>([
    [openFrame('c'), { type: 'open', connectionId: 'c' }],
    [heartbeatFrame(1_000), { type: 'heartbeat', time }],
    [selectedFrame(['lead_update'], 1_000, 'r1'), { type: 'selected', events: ['lead_update'], time, replyTo: 'r1' }],
    [doneFrame('r1'), { type: 'done', replyTo: 'r1' }],
  ])('%j', (frame, expected) => {
    expect(frame).toEqual(expected);
    // Clients of Bellhop never see it, so that its schema does not have to know it.
    expect(serverFrame.safeParse(frame).success).toBe(false);
  });
});
