// Frames that the server builds are frames that its own schema knows.
import { describe, expect, it } from 'vitest';
import { knownConnection } from '../../shared/domain/connection.ts';
import {
  connectedFrame,
  errorFrame,
  notificationFrame,
  pongFrame,
  resetFrame,
  resumedFrame,
  skippedFrame,
  unreadFrame,
} from '../../shared/domain/frames.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';
import { aCursor } from '../builders/cursor.ts';

const connection = knownConnection('c', 0, {
  tenant: 'default',
  user: 'a',
  roles: ['technician'],
  tokenExpiresAtMs: 60_000,
});
const positions = [{ topic: 'all', epoch: 'e1', seq: 3 }] as const;
const run = { fromSeq: 1, toSeq: 2 };
const unread = { topic: 'all', epoch: 'e1', count: 2, asOfSeq: 3, version: 1 } as const;
const cursor = aCursor({ topic: 'all', readSeq: 1, readBeyond: [{ fromSeq: 3, toSeq: 3 }] });
const notification = { id: 'B1', event: 'task:new', data: { taskData: {} }, createdAtMs: 0, expiresAtMs: 1 };
const refusal = new Failure('invalid_field', { message: 'm', field: 'seq', remedy: 'r' });

describe('each frame is known to the schema', () => {
  it.each([
    connectedFrame(connection, positions, [unread], 'r1'),
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
    connectedFrame(connection, positions, [unread], replyTo),
    unreadFrame(unread, cursor, replyTo),
    resumedFrame(positions, true, replyTo),
    pongFrame(0, positions, [unread], replyTo),
    errorFrame(refusal, replyTo),
  ];
  for (const frame of answers('p7')) expect(frame).toMatchObject({ replyTo: 'p7' });
  for (const frame of answers(undefined)) expect(frame).not.toHaveProperty('replyTo');
});
