// What every store of presence, and every one of who types where, must do.
import { expect, it } from 'vitest';
import type { PresenceStore, TypingStore } from '../../shared/ports.ts';
import { presenceLimits } from '../../shared/protocol/limits.ts';
import { unique } from '../builders/unique.ts';

const nowMs = Date.UTC(2026, 10, 21, 9);

export function presenceStoreContract(make: () => PresenceStore): void {
  it('knows nothing of who never came', async () => {
    expect(await make().get(unique('tenant'), 'anna')).toBeNull();
  });

  it('has a user there from the first arrival on, and counts all of them', async () => {
    const presence = make();
    const tenant = unique('tenant');
    expect(await presence.arrive(tenant, 'anna', nowMs)).toBe('came');
    expect(await presence.get(tenant, 'anna')).toEqual({ state: 'online', arrivals: 1, sinceMs: nowMs });
    expect(await presence.arrive(tenant, 'anna', nowMs + 1)).toBe('was_there');
    expect(await presence.get(tenant, 'anna')).toEqual({ state: 'online', arrivals: 2, sinceMs: nowMs });
  });

  it('has a user gone until the next arrival', async () => {
    const presence = make();
    const tenant = unique('tenant');
    await presence.arrive(tenant, 'anna', nowMs);
    expect(await presence.depart(tenant, 'anna', 1, nowMs + 1)).toBe('left');
    expect(await presence.get(tenant, 'anna')).toEqual({ state: 'offline', arrivals: 1, sinceMs: nowMs + 1 });
    expect(await presence.depart(tenant, 'anna', 1, nowMs + 2)).toBe('stayed');
    expect(await presence.get(tenant, 'anna')).toEqual({ state: 'offline', arrivals: 1, sinceMs: nowMs + 1 });
    expect(await presence.arrive(tenant, 'anna', nowMs + 3)).toBe('came');
    expect(await presence.get(tenant, 'anna')).toEqual({ state: 'online', arrivals: 2, sinceMs: nowMs + 3 });
    expect(await presence.depart(tenant, 'anna', 2, nowMs + 4)).toBe('left');
  });

  it('lets nobody go who has come again meanwhile, nor who never came', async () => {
    const presence = make();
    const tenant = unique('tenant');
    await presence.arrive(tenant, 'anna', nowMs);
    await presence.arrive(tenant, 'anna', nowMs + 1);
    expect(await presence.depart(tenant, 'anna', 1, nowMs + 2)).toBe('stayed');
    expect(await presence.get(tenant, 'anna')).toEqual({ state: 'online', arrivals: 2, sinceMs: nowMs });
    expect(await presence.depart(tenant, 'bo', 0, nowMs)).toBe('stayed');
    expect(await presence.get(tenant, 'bo')).toBeNull();
  });

  it('keeps what a user says besides, whether they are there or not', async () => {
    const presence = make();
    const tenant = unique('tenant');
    await presence.setStatus(tenant, 'anna', 'away', nowMs);
    expect(await presence.get(tenant, 'anna')).toEqual({
      state: 'offline',
      arrivals: 0,
      sinceMs: nowMs,
      status: 'away',
    });
    expect(await presence.arrive(tenant, 'anna', nowMs + 1)).toBe('came');
    const online = { state: 'online', arrivals: 1, sinceMs: nowMs + 1 };
    expect(await presence.get(tenant, 'anna')).toEqual({ ...online, status: 'away' });
    await presence.setStatus(tenant, 'anna', 'busy', nowMs + 2);
    expect(await presence.get(tenant, 'anna')).toEqual({ ...online, status: 'busy' });
    await presence.depart(tenant, 'anna', 1, nowMs + 3);
    const offline = { state: 'offline', arrivals: 1, sinceMs: nowMs + 3 };
    expect(await presence.get(tenant, 'anna')).toEqual({ ...offline, status: 'busy' });
    await presence.setStatus(tenant, 'anna', 'away', nowMs + 4);
    expect(await presence.get(tenant, 'anna')).toEqual({ ...offline, status: 'away' });
  });

  it('lets one of many at once come, and one go', async () => {
    const presence = make();
    const tenant = unique('tenant');
    const arrivals = await Promise.all([1, 2, 3, 4].map(async (ms) => presence.arrive(tenant, 'anna', nowMs + ms)));
    expect(arrivals.sort()).toEqual(['came', 'was_there', 'was_there', 'was_there']);
    const departures = await Promise.all([1, 2, 3].map(async () => presence.depart(tenant, 'anna', 4, nowMs + 5)));
    expect(departures.sort()).toEqual(['left', 'stayed', 'stayed']);
  });

  it.each([
    ['tenants', { tenant: 'a|b', user: 'c' }, { tenant: 'a', user: 'b|c' }],
    ['users', { tenant: 'a', user: 'b' }, { tenant: 'a', user: 'B' }],
  ])('keeps %s apart', async (_, one, other) => {
    const presence = make();
    const prefix = unique('tenant');
    await presence.arrive(prefix + one.tenant, one.user, nowMs);
    expect(await presence.get(prefix + other.tenant, other.user)).toBeNull();
  });
}

export function typingStoreContract(make: () => TypingStore): void {
  const room = 'work_order_7';

  it('notes who types, once and again', async () => {
    const typing = make();
    const tenant = unique('tenant');
    expect(await typing.lastMs(tenant, room, 'anna')).toBeNull();
    expect(await typing.start(tenant, room, 'anna', nowMs)).toBe('started');
    expect(await typing.lastMs(tenant, room, 'anna')).toBe(nowMs);
    expect(await typing.start(tenant, room, 'anna', nowMs + 1)).toBe('goes_on');
    expect(await typing.lastMs(tenant, room, 'anna')).toBe(nowMs + 1);
  });

  it('lets the later of two notes stand', async () => {
    const typing = make();
    const tenant = unique('tenant');
    await typing.start(tenant, room, 'anna', nowMs);
    for (const earlierMs of [0, 1]) {
      expect(await typing.start(tenant, room, 'anna', nowMs - earlierMs)).toBe('goes_on');
      expect(await typing.lastMs(tenant, room, 'anna')).toBe(nowMs);
    }
  });

  it('forgets it, and can begin anew', async () => {
    const typing = make();
    const tenant = unique('tenant');
    expect(await typing.stop(tenant, room, 'anna', nowMs)).toBe('was_not');
    await typing.start(tenant, room, 'anna', nowMs);
    expect(await typing.stop(tenant, room, 'anna', nowMs)).toBe('stopped');
    expect(await typing.lastMs(tenant, room, 'anna')).toBeNull();
    expect(await typing.stop(tenant, room, 'anna', nowMs + 1)).toBe('was_not');
    expect(await typing.start(tenant, room, 'anna', nowMs + 2)).toBe('started');
  });

  it('forgets nothing that was noted later', async () => {
    const typing = make();
    const tenant = unique('tenant');
    await typing.start(tenant, room, 'anna', nowMs);
    expect(await typing.stop(tenant, room, 'anna', nowMs - 1)).toBe('was_not');
    expect(await typing.lastMs(tenant, room, 'anna')).toBe(nowMs);
  });

  it.each([
    ['goes_on', -1],
    ['started', 0],
  ])('takes a note that nothing ended for one left behind, in time: %s', async (expected, laterMs) => {
    const typing = make();
    const tenant = unique('tenant');
    await typing.start(tenant, room, 'anna', nowMs);
    expect(await typing.start(tenant, room, 'anna', nowMs + 4 * presenceLimits.typingMs + laterMs)).toBe(expected);
  });

  it('lets one of many at once start, and one stop', async () => {
    const typing = make();
    const tenant = unique('tenant');
    const starts = await Promise.all([0, 0, 0].map(async () => typing.start(tenant, room, 'anna', nowMs)));
    expect(starts.sort()).toEqual(['goes_on', 'goes_on', 'started']);
    const stops = await Promise.all([0, 0, 0].map(async () => typing.stop(tenant, room, 'anna', nowMs)));
    expect(stops.sort()).toEqual(['stopped', 'was_not', 'was_not']);
  });

  it.each([
    ['tenants', ['a', 'b', 'd'], ['b', 'b', 'd']],
    ['tenants and rooms', ['a|b', 'c', 'd'], ['a', 'b|c', 'd']],
    ['rooms', ['a', 'b', 'd'], ['a', 'B', 'd']],
    ['users', ['a', 'b', 'c|d'], ['a', 'b|c', 'd']],
  ] as const)('keeps %s apart', async (_, one, other) => {
    const typing = make();
    const prefix = unique('tenant');
    await typing.start(prefix + one[0], one[1], one[2], nowMs);
    expect(await typing.lastMs(prefix + other[0], other[1], other[2])).toBeNull();
  });
}
