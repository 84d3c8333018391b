// The client's session: whatever a socket loses, repeats or reorders, each notification is shown once and in order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../commands/session.ts';
import type { NotificationFrame, ServerFrame } from '../../shared/protocol/server-frames.ts';

const topic = 'user:a';
const epoch = 'e1';

function notification(seq: number): NotificationFrame {
  const times = { createdAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-02-01T00:00:00.000Z' };
  return { type: 'notification', topic, epoch, seq, id: `B${String(seq)}`, event: 'task:new', data: {}, ...times };
}

function connected(seq: number): ServerFrame {
  const who = { user: 'a', tenant: 'default', roles: [], heartbeatEveryMs: 1, expiresAt: '2026-01-01T02:00:00.000Z' };
  return { type: 'connected', ...who, positions: [{ topic, epoch, seq }] };
}

/** Plays frames and answers each `resume` from a log of `head` entries, losslessly; returns what was shown. */
function play(head: number, frames: readonly ServerFrame[]): readonly number[] {
  const session = createSession();
  const shown: number[] = [];
  const pending = [...frames];
  for (let frame = pending.shift(); frame !== undefined; frame = pending.shift()) {
    const step = session.receive(frame);
    shown.push(...step.show.map(({ seq }) => seq ?? -1));
    for (const ask of step.send) {
      if (ask.type !== 'resume') continue;
      const from = ask.positions[0]?.seq ?? 0;
      pending.push(...Array.from({ length: head - from }, (_, index) => notification(from + 1 + index)));
    }
  }
  return shown;
}

describe('a session', () => {
  it('shows everything once and in order, whatever arrives of it, as long as the last frame does', () => {
    const arrivals = fc
      .integer({ min: 1, max: 30 })
      .chain((head) =>
        fc.record({ head: fc.constant(head), seqs: fc.array(fc.integer({ min: 1, max: head }), { maxLength: 60 }) }),
      );
    fc.assert(
      fc.property(arrivals, ({ head, seqs }) => {
        const frames = [connected(0), ...seqs.map(notification), notification(head)];
        expect(play(head, frames)).toEqual(Array.from({ length: head }, (_, index) => index + 1));
      }),
    );
  });

  it('asks once for one gap', () => {
    const session = createSession();
    session.receive(connected(0));
    expect(session.receive(notification(3)).send).toEqual([{ type: 'resume', positions: [{ topic, epoch, seq: 0 }] }]);
    expect(session.receive(notification(4)).send).toEqual([]);
    expect(session.receive(notification(1)).show).toHaveLength(1);
    expect(session.receive(notification(2)).show.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  });

  it('goes over what the server says has expired', () => {
    const session = createSession();
    session.receive(connected(0));
    session.receive(notification(4));
    const skipped: ServerFrame = { type: 'skipped', topic, epoch, fromSeq: 1, toSeq: 3, reason: 'expired' };
    expect(session.receive(skipped).show.map(({ seq }) => seq)).toEqual([4]);
  });

  it('acknowledges each position once, and again after a reconnect that shows it was lost', () => {
    const session = createSession();
    session.receive(connected(0));
    session.receive(notification(1));
    expect(session.unacknowledged()).toEqual([{ topic, epoch, seq: 1 }]);
    expect(session.unacknowledged()).toEqual([]);
    session.receive(connected(0));
    expect(session.unacknowledged()).toEqual([{ topic, epoch, seq: 1 }]);
  });

  it('asks for what another device has acknowledged and this one has not shown', () => {
    const session = createSession();
    session.receive(connected(2));
    expect(session.receive(connected(5)).send).toEqual([{ type: 'resume', positions: [{ topic, epoch, seq: 2 }] }]);
  });

  it('goes on asking until the server says that it is complete', () => {
    const session = createSession();
    session.receive(connected(0));
    session.receive(notification(1));
    const positions = [{ topic, epoch, seq: 1 }];
    expect(session.receive({ type: 'resumed', positions, complete: false }).send).toEqual([
      { type: 'resume', positions },
    ]);
    expect(session.receive({ type: 'resumed', positions, complete: true }).send).toEqual([]);
  });

  it('starts anew in a new epoch', () => {
    const session = createSession();
    session.receive(connected(9));
    expect(session.receive({ ...notification(2), epoch: 'e2' })).toEqual({
      show: [],
      send: [{ type: 'resume', positions: [{ topic, epoch: 'e2', seq: 0 }] }],
    });
    expect(session.receive({ ...notification(1), epoch: 'e2' }).show).toHaveLength(2);
    expect(session.unacknowledged()).toEqual([{ topic, epoch: 'e2', seq: 2 }]);
  });

  it('shows nothing that arrives before connected, since what comes before it is not known yet', () => {
    const session = createSession();
    expect(session.receive(notification(4))).toEqual({ show: [], send: [] });
    session.receive(connected(0));
    const shown = [1, 2, 3, 4].flatMap((seq) => session.receive(notification(seq)).show);
    expect(shown.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('asks again while something is missing, with each resumed and each pong', () => {
    const session = createSession();
    session.receive(connected(0));
    session.receive(notification(3));
    const ask = [{ type: 'resume', positions: [{ topic, epoch, seq: 0 }] }];
    expect(session.receive({ type: 'pong', time: '2026-01-01T00:00:00.000Z' }).send).toEqual(ask);
    expect(session.receive({ type: 'resumed', positions: [], complete: true }).send).toEqual(ask);
  });

  it('beats with a resume from where it stands, so that a lost last frame is noticed', () => {
    const session = createSession();
    expect(session.heartbeat()).toEqual({ type: 'ping' });
    session.receive(connected(7));
    expect(session.heartbeat()).toEqual({ type: 'resume', positions: [{ topic, epoch, seq: 7 }] });
  });

  it('shows an ephemeral notification that comes twice once', () => {
    const session = createSession();
    const { id, event, data, createdAt, expiresAt } = notification(1);
    const ephemeral: NotificationFrame = { type: 'notification', id, event, data, createdAt, expiresAt };
    expect([1, 2].flatMap(() => session.receive(ephemeral).show)).toHaveLength(1);
  });

  it('shows ephemeral notifications as they come and acknowledges none', () => {
    const session = createSession();
    session.receive(connected(0));
    const { id, event, data, createdAt, expiresAt } = notification(1);
    const ephemeral: NotificationFrame = { type: 'notification', id, event, data, createdAt, expiresAt };
    expect(session.receive(ephemeral).show).toEqual([ephemeral]);
    expect(session.unacknowledged()).toEqual([]);
  });
});
