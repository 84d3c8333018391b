// Names of events: which ones callers may not use, and why.
import { describe, expect, it } from 'vitest';
import { refuseReservedName } from '../../shared/dialects/event-names.ts';
import { writeNotification } from '../../shared/dialects/socketio-notifications.ts';

const refused = [
  ['connect', 'Socket.IO'],
  ['connect_error', 'Socket.IO'],
  ['disconnect', 'Socket.IO'],
  ['disconnecting', 'Socket.IO'],
  ['newListener', 'Socket.IO'],
  ['removeListener', 'Socket.IO'],
  ['presence:online', 'Bellhop'],
  ['presence:offline', 'Bellhop'],
  ['presence:status', 'Bellhop'],
  ['typing', 'Bellhop'],
  ['message', 'Bellhop'],
] as const;

const allowed = ['userUpdate', 'test', 'Connect', 'messages', 'notification', 'chatMessage', 'presence:custom'];

/** What a Socket.IO client would get to hear. */
function arrivesAs(event: string): readonly string[] {
  const times = { createdAt: '2026-11-21T08:30:00.000Z', expiresAt: '2026-12-21T08:30:00.000Z' };
  const frame = { type: 'notification', id: 'b1', event, data: {}, ...times } as const;
  return writeNotification(frame).map((emitted) => emitted.event);
}

describe('the name of an event', () => {
  it.each(refused)('%s is refused, since %s uses it', (event, owner) => {
    const message = `"${event}" is a name that ${owner} uses itself`;
    const detail = { field: 'path eventName', message, remedy: 'Send the event under another name.' };
    expect(() => {
      refuseReservedName(event, 'path eventName');
    }).toThrow(expect.objectContaining({ code: 'invalid_field', detail }));
    expect(arrivesAs(event)).not.toEqual([event]);
  });

  it.each(allowed)('%s is allowed, and arrives under this name', (event) => {
    expect(() => {
      refuseReservedName(event, 'event');
    }).not.toThrow();
    expect(arrivesAs(event)).toEqual([event]);
  });
});
