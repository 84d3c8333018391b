// What the hotel's API answers: polls, statistics and tests, as the brief prints them.
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  communicationsAnswer,
  guestConnectionsAnswer,
  guestTestAnswer,
  mustBeOwn,
  toGuestTestCommand,
} from '../../shared/dialects/hotel.ts';
import { numericId, writeHotel } from '../../shared/dialects/hotel-socket.ts';
import { acceptBroadcast } from '../../shared/domain/broadcast.ts';
import { notificationFrame, resetFrame, skippedFrame } from '../../shared/domain/frames.ts';
import {
  getGuestConnectionsAnswer,
  listCommunicationsAnswer,
  listCommunicationsQuery,
  sendGuestTestAnswer,
  sendGuestTestBody,
} from '../../shared/protocol/hotel-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { aNotification } from '../builders/notification.ts';

/** As the brief prints it. */
const printed = {
  hotel_id: 1,
  type: 'notification',
  title: 'Pool Maintenance',
  message: 'The pool will be closed for maintenance from 2-4 PM',
  category: 'service',
  recipient_type: 'all',
  priority: 'normal',
  sender_type: 'hotel',
};

const broadcastId = '01KAJ2V5R8ABCDEFGHJKMNPQRS';
const acceptedAtMs = Date.UTC(2024, 0, 15, 10);

function refusal(code: string, field: string): unknown {
  return expect.objectContaining({ code, detail: expect.objectContaining({ field }) as object });
}

describe('a poll', () => {
  const place = { topic: 'all', epoch: 'e1', seq: 3 } as const;
  const communicated = aNotification({
    id: broadcastId,
    event: 'notification',
    data: { ...printed, status: 'sent' },
    createdAtMs: acceptedAtMs,
  });
  const other = aNotification({ id: broadcastId, event: 'bill:ready', data: { room: 7 }, createdAtMs: acceptedAtMs });

  it('shows the notifications in their order, as they are pushed, and how many are unread', () => {
    const frames = [
      skippedFrame('all', 'e1', { fromSeq: 1, toSeq: 2 }, 'expired'),
      notificationFrame(communicated, place),
      resetFrame({ topic: 'user:123', epoch: 'e2', seq: 0 }, 'new_epoch'),
      notificationFrame(other, { ...place, seq: 4 }),
    ];
    const answer = communicationsAnswer({ frames, complete: false, topics: [{ count: 2 }, { count: 3 }] }, 'mark');
    const [text = ''] = writeHotel(notificationFrame(communicated, place));
    const times = { created_at: '2024-01-15T10:00:00.000Z', updated_at: '2024-01-15T10:00:00.000Z' };
    expect(z.parse(listCommunicationsAnswer, answer)).toEqual({
      status: 'success',
      data: [
        (JSON.parse(text) as { data: unknown }).data,
        { id: numericId(broadcastId), type: 'bill:ready', room: 7, ...times },
      ],
      next: 'mark',
      complete: false,
      unread: 5,
    });
  });

  it.each([[{}], [{ type: 7 }], [{ type: null }]])('calls %j after its event', (data) => {
    const frame = notificationFrame(aNotification({ event: 'bill:ready', data }), place);
    const answer = communicationsAnswer({ frames: [frame], complete: true, topics: [] }, 'mark');
    expect(z.parse(listCommunicationsAnswer, answer).data).toMatchObject([{ type: 'bill:ready' }]);
  });

  it('is empty when there is nothing', () => {
    expect(communicationsAnswer({ frames: [], complete: true, topics: [] }, '')).toEqual({
      status: 'success',
      data: [],
      next: '',
      complete: true,
      unread: 0,
    });
  });

  it('is for the guest of the token, who may be named', () => {
    expect(() => {
      mustBeOwn(undefined, '123');
      mustBeOwn('123', '123');
    }).not.toThrow();
    for (const claimed of ['124', '0123', '123 ']) {
      expect(() => {
        mustBeOwn(claimed, '123');
      }).toThrow(refusal('forbidden', 'query guestId'));
    }
  });

  it('knows the query of the inbox, and the guest', () => {
    const query = { guestId: '123', limit: '10', after: 'mark', from: 'start' };
    expect(validate(listCommunicationsQuery, query, 'query')).toEqual(query);
    expect(() => validate(listCommunicationsQuery, { guest: '123' }, 'query')).toThrow(
      refusal('unknown_field', 'guest'),
    );
  });
});

describe('the statistics', () => {
  it('are those of the brief', () => {
    const present = [
      { user: '123', connections: [{}, {}] },
      { user: '456', connections: [{}] },
      { user: '789', connections: [{}, {}] },
    ];
    expect(z.parse(getGuestConnectionsAnswer, guestConnectionsAnswer(present))).toEqual({
      status: 'success',
      data: {
        totalConnections: 5,
        uniqueGuests: 3,
        guests: [
          { guestId: 123, connections: 2 },
          { guestId: 456, connections: 1 },
          { guestId: 789, connections: 2 },
        ],
      },
    });
  });

  it('call guests whose name is no number by their name', () => {
    const users = ['0', '007', '1.5', '-1', '9007199254740993', 'guest-7'];
    expect(guestConnectionsAnswer(users.map((user) => ({ user, connections: [{}] })))).toMatchObject({
      data: { guests: [0, '007', '1.5', -1, '9007199254740993', 'guest-7'].map((guestId) => ({ guestId })) },
    });
  });

  it('of nobody are zero', () => {
    expect(guestConnectionsAnswer([])).toMatchObject({ data: { totalConnections: 0, uniqueGuests: 0, guests: [] } });
  });
});

describe('a test', () => {
  it('is answered as the brief prints it', () => {
    const test = validate(sendGuestTestBody, { guestId: 123, message: 'This is a test notification' }, 'body');
    const broadcast = acceptBroadcast('B1', '1', toGuestTestCommand(test, '1'), 0);
    expect(z.parse(sendGuestTestAnswer, guestTestAnswer(test, broadcast))).toEqual({
      status: 'success',
      message: 'Test notification sent to guest 123',
      broadcastId: 'B1',
    });
  });

  it.each([
    [{ guestId: 123, message: 'hi' }, '1', { hotel_id: 1, message: 'hi', recipient_id: 123 }, '123'],
    [{ guestId: 'guest-7' }, 'default', { message: 'This is a test notification', recipient_id: 'guest-7' }, 'guest-7'],
  ])('%j of the tenant %s is a notification for who is there', (given, tenant, data, user) => {
    const command = toGuestTestCommand(validate(sendGuestTestBody, given, 'body'), tenant);
    expect(command).toEqual({
      event: 'notification',
      data: {
        type: 'notification',
        title: 'Test Notification',
        category: 'test',
        priority: 'normal',
        sender_type: 'system',
        recipient_type: 'guest',
        status: 'sent',
        ...data,
      },
      audience: { kind: 'users', users: [user] },
      durability: 'ephemeral',
    });
  });

  it.each([
    [{}, 'guestId'],
    [{ guestId: '' }, 'guestId'],
    [{ guestId: 1.5 }, 'guestId'],
    [{ guestId: 'x'.repeat(129) }, 'guestId'],
    [{ guestId: 1, message: '' }, 'message'],
    [{ guestId: 1, title: 'hi' }, 'title'],
  ])('%j is refused', (given, field) => {
    expect(() => validate(sendGuestTestBody, given, 'body')).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ field }) as object }),
    );
  });
});
