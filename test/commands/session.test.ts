// The client's session, rule by rule: what it shows, what it asks, and what it acknowledges.
import { describe, expect, it } from 'vitest';
import type { Session, Step } from '../../commands/session.ts';
import { createSession } from '../../commands/session.ts';
import type { WireFrame } from '../../shared/protocol/server-frames.ts';
import { at, connected, ephemeral, epoch, notification, pong, resume, resumed, skipped, topic } from './frames.ts';

const nothing: Step = { show: [], send: [] };

/** A session that has received these frames, the answers to which do not matter. */
function after(...frames: readonly WireFrame[]): Session {
  const session = createSession();
  for (const frame of frames) {
    session.receive(frame);
    // A greeting is followed by what was missed, here nothing, and its end.
    if (frame.type === 'connected') session.receive(resumed(frame.positions));
  }
  return session;
}

function shownBy({ show }: Step): readonly (number | undefined)[] {
  return show.map(({ seq }) => seq);
}

describe('a notification', () => {
  it('is shown when it is the next, and never again', () => {
    const session = after(connected([at(4)]));
    expect(session.receive(notification(5))).toEqual({ show: [notification(5)], send: [] });
    for (const seq of [5, 4, 1]) expect(session.receive(notification(seq))).toEqual(nothing);
  });

  it('beyond a gap waits until what is missing has come', () => {
    const session = after(connected([at(0)]));
    expect(session.receive(notification(3))).toEqual({ show: [], send: [resume(at(0))] });
    expect(session.receive(notification(4))).toEqual(nothing);
    expect(shownBy(session.receive(notification(1)))).toEqual([1]);
    expect(session.receive(notification(2))).toEqual({ show: [2, 3, 4].map((seq) => notification(seq)), send: [] });
  });

  it('beyond a gap is asked about once, however long the gap is', () => {
    const session = after(connected([at(0)]), notification(50));
    const sent = Array.from({ length: 49 }, (_, index) => session.receive(notification(index + 1)).send);
    expect(sent.flat()).toEqual([]);
  });

  it('of one topic does not wait for another topic', () => {
    const all = { topic: 'all', epoch: 'a1' };
    const session = after(connected([at(0), at(3, all)]), notification(2));
    expect(shownBy(session.receive(notification(4, all)))).toEqual([4]);
  });

  it('of a topic that nobody knows is ignored: before connected, what comes before it is not known', () => {
    const session = createSession();
    expect(session.receive(notification(4))).toEqual(nothing);
    session.receive(connected([at(0)]));
    const shown = [1, 2, 3, 4].flatMap((seq) => shownBy(session.receive(notification(seq))));
    expect(shown).toEqual([1, 2, 3, 4]);
  });

  it('that is ephemeral is shown as it comes, once, and not acknowledged', () => {
    const session = after(connected([at(0)]));
    expect(session.receive(ephemeral('E1'))).toEqual({ show: [ephemeral('E1')], send: [] });
    expect(session.receive(ephemeral('E2'))).toEqual({ show: [ephemeral('E2')], send: [] });
    expect(session.receive(ephemeral('E1'))).toEqual(nothing);
    expect(session.unacknowledged()).toEqual([]);
  });
});

describe('a run that is skipped', () => {
  it('is gone over', () => {
    const session = after(connected([at(0)]));
    expect(session.receive(skipped(1, 3))).toEqual(nothing);
    expect(shownBy(session.receive(notification(4)))).toEqual([4]);
    expect(session.receive(skipped(1, 3))).toEqual(nothing);
  });

  it('closes a gap', () => {
    const session = after(connected([at(0)]), notification(4));
    expect(shownBy(session.receive(skipped(1, 3)))).toEqual([4]);
  });

  it('beyond a gap waits, so that what is missing is not lost', () => {
    const session = after(connected([at(0)]));
    expect(session.receive(skipped(3, 4))).toEqual({ show: [], send: [resume(at(0))] });
    expect(shownBy(session.receive(notification(5)))).toEqual([]);
    expect(shownBy(session.receive(notification(1)))).toEqual([1]);
    expect(shownBy(session.receive(notification(2)))).toEqual([2, 5]);
  });

  it('that begins before this place and ends after it counts from here', () => {
    const session = after(connected([at(2)]));
    expect(session.receive(skipped(1, 5))).toEqual(nothing);
    expect(shownBy(session.receive(notification(6)))).toEqual([6]);
  });

  it('of a thousand beyond a gap comes again with what is missing', () => {
    const session = after(connected([at(0)]), skipped(2, 1_001), notification(1_002));
    expect(shownBy(session.receive(notification(1)))).toEqual([1]);
    expect(shownBy(session.receive(skipped(2, 1_001)))).toEqual([1_002]);
  });

  it('is acknowledged like what was shown', () => {
    expect(after(connected([at(0)]), skipped(1, 3)).unacknowledged()).toEqual([at(3)]);
  });
});

describe('an acknowledgement', () => {
  it('is due once for each position', () => {
    const session = after(connected([at(0)]), notification(1), notification(2), notification(4));
    expect(session.unacknowledged()).toEqual([at(2)]);
    expect(session.unacknowledged()).toEqual([]);
  });

  it('is due again when the next connection shows that it was lost', () => {
    const session = after(connected([at(0)]), notification(1));
    session.unacknowledged();
    session.receive(connected([at(0)]));
    expect(session.unacknowledged()).toEqual([at(1)]);
  });

  it('is not due for what another device has acknowledged', () => {
    const session = after(connected([at(0)]), connected([at(5)]));
    expect(session.unacknowledged()).toEqual([]);
  });
});

describe('connected', () => {
  it('asks for what another device has acknowledged and this one has not shown', () => {
    const session = after(connected([at(2)]));
    expect(session.receive(connected([at(5)])).send).toEqual([resume(at(2))]);
  });

  it('asks nothing where this client is as far, or further', () => {
    const session = after(connected([at(2)]), notification(3));
    expect(session.receive(connected([at(3)]))).toEqual(nothing);
    expect(session.receive(connected([at(2)]))).toEqual(nothing);
    expect(session.receive(notification(3))).toEqual(nothing);
  });

  it('begins a topic that is new where it says', () => {
    const session = after(connected([at(2)]), connected([at(2), { topic: 'role:admin', epoch: 'r1', seq: 9 }]));
    const next = notification(10, { topic: 'role:admin', epoch: 'r1' });
    expect(shownBy(session.receive(next))).toEqual([10]);
  });

  it('ends a topic that it does not name any more', () => {
    const role = { topic: 'role:admin', epoch: 'r1' };
    const session = after(connected([at(0), at(0, role)]), notification(2, role), connected([at(0)]));
    expect(session.receive(pong([at(1)])).send).toEqual([resume(at(0))]);
    expect(session.receive(resumed([at(0)], false)).send).toEqual([resume(at(0))]);
  });
});

describe('the end of a resume', () => {
  it('that is not complete asks for more, from where everything stands', () => {
    const session = after(connected([at(0)]), notification(1));
    expect(session.receive(resumed([at(1)], false)).send).toEqual([resume(at(1))]);
  });

  it('that is complete asks nothing, unless something is missing still', () => {
    const session = after(connected([at(0)]), notification(1));
    expect(session.receive(resumed([at(1)]))).toEqual(nothing);
    session.receive(notification(3));
    expect(session.receive(resumed([at(3)])).send).toEqual([resume(at(1))]);
  });
});

describe('the heartbeat', () => {
  it('is a ping', () => {
    expect(createSession().heartbeat()).toEqual({ type: 'ping' });
    expect(after(connected([at(7)])).heartbeat()).toEqual({ type: 'ping' });
  });

  it('shows by its answer that a last frame was lost', () => {
    const session = after(connected([at(0), { topic: 'all', epoch: 'a1', seq: 5 }]), notification(1));
    const all = { topic: 'all', epoch: 'a1', seq: 5 };
    expect(session.receive(pong([at(1), all]))).toEqual(nothing);
    expect(session.receive(pong([at(2), all])).send).toEqual([resume(at(1))]);
    expect(session.receive(pong([at(2), { ...all, seq: 6 }])).send).toEqual([resume(at(1), all)]);
  });

  it('asks again for what is missing still', () => {
    const session = after(connected([at(0)]), notification(3));
    expect(session.receive(pong([])).send).toEqual([resume(at(0))]);
  });

  it('that answers late, from before what has come since, asks nothing', () => {
    const session = after(connected([at(0)]), notification(1), notification(2));
    expect(session.receive(pong([at(1)]))).toEqual(nothing);
  });

  it('says nothing of topics that are not followed here', () => {
    const session = after(connected([at(0)]));
    expect(session.receive(pong([{ topic: 'all', epoch: 'a1', seq: 5 }]))).toEqual(nothing);
  });
});

it('a refusal changes nothing', () => {
  const session = after(connected([at(0)]));
  expect(session.receive({ type: 'error', code: 'forbidden', message: 'm', remedy: 'r' })).toEqual(nothing);
  expect(session.receive(notification(1)).show).toEqual([notification(1, { topic, epoch })]);
});
