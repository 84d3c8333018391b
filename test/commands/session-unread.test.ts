// How many notifications are unread, as the client's session adds it up from what the server says and what it shows.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../commands/session.ts';
import { createSession } from '../../commands/session.ts';
import type { WireFrame, Unread } from '../../shared/protocol/server-frames.ts';
import { at, connected, epoch, notification, pong, reset, skipped, topic } from './frames.ts';

function unread(count: number, asOfSeq: number, version = 0, given: Partial<Unread> = {}): Unread {
  return { topic, epoch, count, asOfSeq, version, ...given };
}

/** Told of by the device on which something was read. */
function told(of: Unread): WireFrame {
  return { type: 'unread', ...of, readSeq: 0, readBeyond: [] };
}

function after(...frames: readonly WireFrame[]): Session {
  const session = createSession();
  for (const frame of frames) session.receive(frame);
  return session;
}

describe('what is unread', () => {
  it('is nothing before anything is known', () => {
    expect(createSession().unread()).toBe(0);
    expect(after(connected([at(3)])).unread()).toBe(0);
  });

  it('is what the server counted, over all topics', () => {
    const all = { topic: 'all', epoch: 'a1' };
    expect(after(connected([at(3), at(5, all)], [unread(2, 3), unread(4, 5, 0, all)])).unread()).toBe(6);
  });

  it('grows with what is shown after that, and not with what was counted', () => {
    const session = after(connected([at(3)], [unread(2, 5)]), notification(4), notification(5));
    expect(session.unread()).toBe(2);
    session.receive(notification(6));
    expect(session.unread()).toBe(3);
  });

  it('does not grow with what is skipped: it is not shown to this user', () => {
    expect(after(connected([at(3)], [unread(2, 3)]), skipped(4, 6)).unread()).toBe(2);
  });

  it('shrinks when something is read here or elsewhere', () => {
    const session = after(connected([at(3)], [unread(2, 3)]), told(unread(1, 3, 1)));
    expect(session.unread()).toBe(1);
    session.receive(told(unread(0, 3, 2)));
    expect(session.unread()).toBe(0);
  });

  it('shrinks when something expires, which changes neither the version nor the last entry', () => {
    const session = after(connected([at(3)], [unread(2, 3)]), pong([at(3)], [unread(1, 3)]));
    expect(session.unread()).toBe(1);
  });

  it('is not known of topics that are not followed here', () => {
    expect(after(connected([at(3)]), told(unread(5, 1, 1, { topic: 'role:admin' }))).unread()).toBe(0);
  });

  it('is counted anew in a new epoch', () => {
    const session = after(connected([at(3)], [unread(2, 3, 7)]), reset(1, 'e2'));
    expect(session.unread()).toBe(0);
    session.receive(told(unread(1, 1, 0, { epoch: 'e2' })));
    expect(session.unread()).toBe(1);
  });

  it('of the new epoch may be known before the reset comes', () => {
    const session = after(connected([at(3)]), connected([at(1, { epoch: 'e2' })], [unread(4, 1, 0, { epoch: 'e2' })]));
    session.receive(reset(1, 'e2'));
    expect(session.unread()).toBe(4);
  });

  it('is that of the newest version, in whatever order two devices tell of it', () => {
    const versions = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(versions, fc.nat(5), (order, repeated) => {
        const frames = order.map((version) => told(unread(100 + version, 9, version)));
        const again = frames[repeated % frames.length];
        const session = after(
          connected([at(9)], [unread(50, 9, 0)]),
          ...frames,
          ...(again === undefined ? [] : [again]),
        );
        expect(session.unread()).toBe(100 + Math.max(...order));
      }),
    );
  });

  it('of one version is that of the later entry, in whatever order they come', () => {
    const session = after(connected([at(9)], [unread(3, 9, 1)]), told(unread(2, 8, 1)));
    expect(session.unread()).toBe(3);
    session.receive(pong([], [unread(4, 10, 1)]));
    expect(session.unread()).toBe(4);
    session.receive(told(unread(0, 9, 2)));
    expect(session.unread()).toBe(0);
  });
});
