// The checker: one small history that keeps every promise, and what must be said when one fact of it is changed.
import { describe, expect, it } from 'vitest';
import { checkHistory } from './checker.ts';
import type { HistoryEvent, Shown } from './history.ts';
import type { PromiseName } from './verdict.ts';
import { bounds } from './verdict.ts';

const epoch = 'first';

function device(number: number, tenant: string, user: string, joinedAtMs = 10): readonly HistoryEvent[] {
  const topics = ['all', `user:${user}`];
  return [
    { kind: 'device', device: number, tenant, user, topics },
    { kind: 'online', atMs: 0, device: number },
    ...topics.map((topic): HistoryEvent => ({ kind: 'announced', device: number, topic, epoch, seq: 0 })),
    { kind: 'joined', atMs: joinedAtMs, device: number },
  ];
}

function request(
  number: number,
  given: Partial<Extract<HistoryEvent, { kind: 'requested' }>> = {},
): readonly HistoryEvent[] {
  const atMs = number * 1_000;
  return [
    {
      kind: 'requested',
      atMs,
      request: number,
      tenant: 'hotel',
      audience: { kind: 'topic', topic: 'all' },
      except: [],
      durability: 'durable',
      expiresAtMs: null,
      ...given,
    },
    { kind: 'stored', atMs: atMs + 10, request: number },
    { kind: 'accepted', atMs: atMs + 20, request: number, broadcastId: `b${String(number)}` },
  ];
}

/** The broadcast of a request, shown soon after it was stored, under the number that it has in the log. */
function shown(deviceNumber: number, number: number, given: Partial<Shown> = {}): readonly HistoryEvent[] {
  return [
    { kind: 'posted', via: 'push' },
    {
      kind: 'shown',
      atMs: number * 1_000 + 60,
      device: deviceNumber,
      request: number,
      broadcastId: `b${String(number)}`,
      place: { topic: 'all', epoch, seq: number },
      via: 'push',
      cameAtMs: given.atMs ?? number * 1_000 + 60,
      ...given,
    },
  ];
}

function reported(number: number, user: string, state: 'queued' | 'sent' | 'delivered'): HistoryEvent {
  return { kind: 'reported', broadcastId: `b${String(number)}`, request: number, user, state };
}

const people = [...device(1, 'hotel', 'ann'), ...device(2, 'hotel', 'bob'), ...device(3, 'garage', 'ann')];

function brokenBy(...events: readonly (readonly HistoryEvent[])[]): readonly PromiseName[] {
  return [...checkHistory([...people, ...events.flat()]).broken.keys()];
}

const toBoth = [...request(1), ...shown(1, 1), ...shown(2, 1)];

describe('the checker', () => {
  it('finds nothing in a history that keeps every promise, and measures it', () => {
    const { broken, figures } = checkHistory([
      ...people,
      ...toBoth,
      reported(1, 'ann', 'sent'),
      reported(1, 'ann', 'delivered'),
    ]);

    expect([...broken]).toEqual([]);
    expect(figures).toMatchObject({
      recipientNotifications: 2,
      shown: 2,
      unanswered: 0,
      postsEach: 1,
      pushShare: 1,
      delayP50Ms: 50,
      delayMaxMs: 50,
    });
  });

  it('misses what was accepted and not shown on every device that was there before', () => {
    expect(brokenBy(request(1), shown(1, 1))).toEqual(['P1']);
    expect(brokenBy(request(1), shown(1, 1), device(4, 'hotel', 'eve', 1_500), shown(2, 1))).toEqual([]);
  });

  it('demands nothing for what was never answered, has an end, or is ephemeral', () => {
    expect(brokenBy(request(1).slice(0, 2))).not.toContain('P1');
    expect(brokenBy(request(1, { expiresAtMs: 9_000 }))).not.toContain('P1');
    expect(brokenBy(request(1, { durability: 'ephemeral' }))).not.toContain('P1');
    expect(brokenBy(request(1, { except: ['bob'] }), shown(1, 1))).toEqual([]);
  });

  it('sees what nobody asked for, and what was meant for another tenant or user', () => {
    expect(brokenBy(shown(1, 7))).toContain('P2');
    expect(brokenBy(toBoth, shown(3, 1))).toContain('P2');
    const toAnn = request(1, { audience: { kind: 'users', users: ['ann'] } });
    const place = { topic: 'user:ann', epoch, seq: 1 };
    expect(brokenBy(toAnn, shown(1, 1, { place }))).toEqual([]);
    expect(brokenBy(toAnn, shown(1, 1, { place }), shown(2, 1, { place }))).toContain('P2');
  });

  it('sees what is shown twice', () => {
    expect(brokenBy(toBoth, shown(1, 1, { place: { topic: 'all', epoch, seq: 2 } }))).toContain('P3');
  });

  it('sees a wrong order and a hole, unless the hole was announced', () => {
    const both = [...request(1), ...request(2)];
    expect(brokenBy(both, shown(1, 1), shown(1, 2), shown(2, 1), shown(2, 2))).toEqual([]);
    expect(brokenBy(both, shown(1, 2), shown(1, 1), shown(2, 1), shown(2, 2))).toContain('P4');
    const third = { place: { topic: 'all', epoch, seq: 3 } };
    const withHole = [...both, ...shown(1, 1), ...shown(2, 1), ...shown(2, 2)];
    expect(brokenBy(withHole, shown(1, 2, third))).toEqual(['P4']);
    const skipped: HistoryEvent = { kind: 'skipped', device: 1, topic: 'all', epoch, fromSeq: 2, toSeq: 2 };
    expect(brokenBy(withHole, [skipped], shown(1, 2, third))).toEqual([]);
  });

  it('sees a new epoch that was not announced, or not begun where it was', () => {
    const both = [...request(1), ...request(2), ...shown(1, 1), ...shown(2, 1), ...shown(2, 2)];
    const anew = (seq: number): readonly HistoryEvent[] =>
      shown(1, 2, { place: { topic: 'all', epoch: 'second', seq } });
    const reset: HistoryEvent = { kind: 'announced', device: 1, topic: 'all', epoch: 'second', seq: 1 };
    expect(brokenBy(both, anew(2))).toEqual(['P4']);
    expect(brokenBy(both, [reset], anew(2))).toEqual([]);
    expect(brokenBy(both, [reset], anew(3))).toEqual(['P4']);
  });

  it('sees a state that goes back', () => {
    expect(brokenBy(toBoth, [reported(1, 'ann', 'delivered'), reported(1, 'ann', 'sent')])).toEqual(['P5']);
    expect(
      brokenBy(toBoth, [reported(1, 'ann', 'queued'), reported(1, 'bob', 'sent'), reported(1, 'ann', 'sent')]),
    ).toEqual([]);
  });

  it('sees what counts as delivered and was not shown yet', () => {
    expect(brokenBy(request(1), shown(1, 1), [reported(1, 'bob', 'delivered')], shown(2, 1))).toEqual(['P6']);
  });

  it('sees a request that made two broadcasts', () => {
    const again: HistoryEvent = { kind: 'accepted', atMs: 1_500, request: 1, broadcastId: 'another' };
    expect(brokenBy(toBoth, [again])).toEqual(['P7']);
  });

  it('sees what is shown after its end or to those who are excepted', () => {
    const ending = request(1, { expiresAtMs: 2_000 });
    const late = { atMs: 2_001 + bounds.inFlightMsMax };
    expect(brokenBy(ending, shown(1, 1))).toEqual([]);
    expect(brokenBy(ending, shown(1, 1, late))).toContain('P8');
    expect(brokenBy(request(1, { except: ['bob'] }), shown(1, 1), shown(2, 1))).toEqual(['P8']);
  });

  it('sees a push that does not work, even though nothing is lost', () => {
    expect(brokenBy(request(1), shown(1, 1), shown(2, 1, { via: 'resume' }))).toEqual(['P9']);
    expect(brokenBy(request(1), shown(1, 1, { atMs: 9_000 }), shown(2, 1, { atMs: 9_000 }))).toEqual(['P9']);
  });

  it('counts a delay only from when there was a network', () => {
    const back: HistoryEvent = { kind: 'online', atMs: 60_000, device: 2 };
    const { broken, figures } = checkHistory([
      ...people,
      ...request(1),
      ...shown(1, 1),
      back,
      ...shown(2, 1, { atMs: 60_100, via: 'resume' }),
    ]);

    expect([...broken]).toEqual([]);
    expect(figures).toMatchObject({ pushShare: 1, delayMaxMs: 100 });
  });

  it('sees posts that bring nothing', () => {
    expect(brokenBy(toBoth, [{ kind: 'posted', via: 'push' }])).toEqual(['P10']);
  });
});
