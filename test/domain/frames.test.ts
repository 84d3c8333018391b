// Frames that the server builds are frames that its own schema knows.
import { describe, expect, it } from 'vitest';
import { knownConnection } from '../../shared/domain/connection.ts';
import {
  connectedFrame,
  errorFrame,
  notificationFrame,
  pongFrame,
  resumedFrame,
  skippedFrame,
} from '../../shared/domain/frames.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';

const identity = { tenant: 'default', user: 'a', roles: ['technician'], tokenExpiresAtMs: 60_000 };
const positions = [{ topic: 'all', epoch: 'e1', seq: 3 }] as const;
const notification = { id: 'B1', event: 'task:new', data: { taskData: {} }, createdAtMs: 0, expiresAtMs: 1 };
const refusal = new Failure('invalid_field', { message: 'm', field: 'seq', remedy: 'r' });

describe('each frame is known to the schema', () => {
  it.each([
    connectedFrame(knownConnection('c', 0, identity), positions, 'r1'),
    notificationFrame({ ...notification, metadata: { source: 'crm' } }, positions[0]),
    notificationFrame(notification, null),
    skippedFrame('all', 'e1', 1, 2),
    resumedFrame(positions, true, undefined),
    pongFrame(0, 'r1'),
    errorFrame(refusal, 'r1'),
    errorFrame(new Failure('internal', { message: 'm', remedy: 'r' }), undefined),
  ])('$type', (frame) => {
    expect(serverFrame.parse(JSON.parse(JSON.stringify(frame)))).toEqual(frame);
  });
});

it('an ephemeral notification has no place', () => {
  expect(Object.keys(notificationFrame(notification, null))).not.toContain('seq');
});

it('an answer carries the id of its question', () => {
  expect(pongFrame(0, 'p7')).toMatchObject({ replyTo: 'p7' });
  expect(pongFrame(0, undefined)).not.toHaveProperty('replyTo');
});
