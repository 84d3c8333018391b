// Notifications as Socket.IO clients hear them: in the words of the repair shop, of the support desk, or of whoever sent them.
import { describe, expect, it } from 'vitest';
import { writeNotification } from '../../shared/dialects/socketio-notifications.ts';
import type { Emitted } from '../../shared/dialects/socketio-notifications.ts';
import type { NotificationFrame } from '../../shared/protocol/server-frames.ts';

const timestamp = '2026-11-21T08:30:00.000Z';

function emitted(event: string, data: NotificationFrame['data'], metadata?: NotificationFrame['metadata']): unknown {
  const events = writeNotification({
    type: 'notification',
    id: 'n1',
    event,
    data,
    ...(metadata === undefined ? {} : { metadata }),
    createdAt: timestamp,
    expiresAt: timestamp,
  });
  return JSON.parse(JSON.stringify(events));
}

describe('a notification', () => {
  it.each<readonly [string, NotificationFrame['data'], readonly Emitted[]]>([
    [
      'presence:online',
      { userId: '7' },
      [
        { event: 'user_online', data: { userId: '7', timestamp } },
        { event: 'clientJoined', data: { clientId: '7', timestamp } },
      ],
    ],
    [
      'presence:offline',
      { userId: '7' },
      [
        { event: 'user_offline', data: { userId: '7', timestamp } },
        { event: 'clientLeft', data: { clientId: '7', timestamp } },
      ],
    ],
    [
      'presence:status',
      { userId: '7', status: 'away' },
      [{ event: 'user_presence_update', data: { userId: '7', status: 'away', timestamp } }],
    ],
    [
      'typing',
      { userId: '7', room: 'r', active: true },
      [{ event: 'user_typing_start', data: { userId: '7', room: 'r', timestamp } }],
    ],
    [
      'typing',
      { userId: '7', room: 'r', active: false },
      [{ event: 'user_typing_stop', data: { userId: '7', room: 'r', timestamp } }],
    ],
    [
      'notification_received',
      { title: 't' },
      [{ event: 'notification_received', data: { id: 'n1', created_at: timestamp, title: 't' } }],
    ],
    [
      'notification_received',
      { id: 5, created_at: 'then' },
      [{ event: 'notification_received', data: { id: 5, created_at: 'then' } }],
    ],
    ['work_order_updated', { id: 5 }, [{ event: 'work_order_updated', data: { id: 5 } }]],
    ['chatMessage', { message: 'hi' }, [{ event: 'chatMessage', data: { message: 'hi' } }]],
    ['task:new', {}, [{ event: 'task:new', data: {} }]],
    ['notification', { title: 't' }, [{ event: 'notification', data: { title: 't' } }]],
    ['disconnect', { a: 1 }, [{ event: 'bellhop:disconnect', data: { a: 1 } }]],
    ['connect_error', {}, [{ event: 'bellhop:connect_error', data: {} }]],
  ])('%s with %j', (event, data, events) => {
    expect(emitted(event, data)).toEqual(events);
  });

  it.each([
    [
      { from: '7', room: 'r' },
      { event: 'roomMessage', data: { room: 'r', clientId: '7', message: 'hi', timestamp } },
    ],
    [{ from: '7' }, { event: 'messageBroadcast', data: { clientId: '7', message: 'hi', timestamp } }],
    [undefined, { event: 'messageBroadcast', data: { message: 'hi', timestamp } }],
  ])('message with %j', (metadata, expected) => {
    expect(emitted('message', { message: 'hi' }, metadata)).toEqual([expected]);
  });

  it('cannot claim to be from somebody else, or in another room', () => {
    const lies = { clientId: 'boss', timestamp: 'never', message: 'hi' };
    expect(emitted('message', lies, { from: '7' })).toMatchObject([{ data: { clientId: '7', timestamp } }]);
    expect(emitted('message', lies)).toEqual([{ event: 'messageBroadcast', data: { message: 'hi', timestamp } }]);
    expect(emitted('message', { ...lies, room: 'x' }, { from: '7', room: 'r' })).toMatchObject([
      { data: { room: 'r', clientId: '7', timestamp } },
    ]);
  });
});
