// The client's session when a log is cut back or made anew: it asks once, and goes on from where the server says.
import { describe, expect, it } from 'vitest';
import type { Session, Step } from '../../commands/session.ts';
import { createSession } from '../../commands/session.ts';
import type { WireFrame } from '../../shared/protocol/server-frames.ts';
import { at, connected, notification, pong, reset, resume, resumed, skipped } from './frames.ts';

const nothing: Step = { show: [], send: [] };
const second = { epoch: 'e2' };

/** A session that stands at 9 in the first epoch, and has received these frames since. */
function after(...frames: readonly WireFrame[]): Session {
  const session = createSession();
  for (const frame of [connected([at(8)]), resumed([at(8)]), notification(9), ...frames]) session.receive(frame);
  return session;
}

function shownBy({ show }: Step): readonly (number | undefined)[] {
  return show.map(({ seq }) => seq);
}

describe('a frame of another epoch', () => {
  it.each([
    ['a notification', notification(6, second)],
    ['a run that is skipped', skipped(6, 7, second)],
    ['a pong', pong([at(7, second)])],
    ['connected', connected([at(5, second)])],
  ])('that is %s asks where the old position is now, and shows nothing', (_, frame) => {
    expect(after().receive(frame)).toEqual({ show: [], send: [resume(at(9))] });
  });

  it('asks once, however many come', () => {
    const session = after(notification(6, second));
    expect(session.receive(notification(7, second))).toEqual(nothing);
    expect(session.receive(skipped(8, 8, second))).toEqual(nothing);
  });

  it('asks again when the answer was lost', () => {
    expect(after(notification(6, second)).receive(pong([at(7, second)])).send).toEqual([resume(at(9))]);
    expect(after(notification(6, second)).receive(connected([at(5, second)])).send).toEqual([resume(at(9))]);
  });

  it('while an answer is under way is asked about when that has ended without a word of it', () => {
    const session = after(notification(11), notification(6, second));
    expect(session.receive(resumed([at(11)])).send).toEqual([resume(at(9))]);
    expect(session.receive(reset(5, 'e2'))).toEqual(nothing);
    expect(session.receive(resumed([at(5, second)])).send).toEqual([]);
  });

  it('that is over already asks once at most, and not for ever', () => {
    const session = after(reset(5, 'e2'), notification(6, second));
    const asked = session.receive(notification(12)).send;
    expect(asked.length).toBeLessThanOrEqual(1);
    expect(session.receive(resumed([at(6, second)]))).toEqual(nothing);
    expect(session.receive(notification(7, second)).show).toHaveLength(1);
  });
});

describe('a reset', () => {
  it('says where to go on; what was waiting belongs to the past', () => {
    const session = after(notification(11), reset(5, 'e2'));
    expect(shownBy(session.receive(notification(6, second)))).toEqual([6]);
    expect(session.receive(resumed([at(6, second)]))).toEqual(nothing);
    expect(session.receive(notification(8, second)).send).toEqual([resume(at(6, second))]);
    expect(shownBy(session.receive(notification(7, second)))).toEqual([7, 8]);
  });

  it('may go back to the beginning of a log that was lost', () => {
    const session = after(reset(0, 'e2'));
    expect(shownBy(session.receive(notification(1, second)))).toEqual([1]);
  });

  it('lets what was shown be acknowledged in the new epoch too', () => {
    const session = after();
    expect(session.unacknowledged()).toEqual([at(9)]);
    session.receive(reset(5, 'e2'));
    expect(session.unacknowledged()).toEqual([at(5, second)]);
    session.receive(notification(6, second));
    expect(session.unacknowledged()).toEqual([at(6, second)]);
  });

  it('in the same epoch goes back to an end that is earlier', () => {
    const session = after();
    session.receive({ type: 'reset', ...at(4), reason: 'beyond_end' });
    expect(shownBy(session.receive(notification(5)))).toEqual([5]);
  });

  it('that comes again changes nothing', () => {
    const session = after(reset(5, 'e2'), notification(6, second), reset(5, 'e2'));
    expect(session.receive(notification(6, second))).toEqual(nothing);
    expect(shownBy(session.receive(notification(7, second)))).toEqual([7]);
  });

  it('shows nothing twice when a log was cut back while the client was away', () => {
    const session = after();
    const [asked] = session.receive(connected([at(5, second)])).send;
    expect(asked).toEqual(resume(at(9)));
    // What the opener sends by itself, before the question arrives.
    const opener: readonly WireFrame[] = [notification(6, second), resumed([at(6, second)])];
    const askedAgain = opener.flatMap((frame) => session.receive(frame).send);
    const answer: readonly WireFrame[] = [reset(5, 'e2'), notification(6, second), resumed([at(6, second)])];
    const answers = [asked, ...askedAgain].flatMap(() => answer);
    expect(answers.flatMap((frame) => shownBy(session.receive(frame)))).toEqual([6]);
  });
});
