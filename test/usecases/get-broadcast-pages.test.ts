// Reports in pages: each recipient once, whatever the size of the pages, and together the whole report.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Audience } from '../../shared/domain/broadcast.ts';
import type { Delivery } from '../../shared/domain/delivery.ts';
import type { DeliveriesReport } from '../../shared/domain/report.ts';
import { fanOutLimits, requestLimits } from '../../shared/protocol/limits.ts';
import { getBroadcast, getDeliveries } from '../../shared/usecases/get-broadcast.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import { aWorld, connectUser, openQuietly, publish, toEveryone, toUsers } from './world.ts';

async function page(world: World, broadcastId: string, limit?: string, after?: string): Promise<DeliveriesReport> {
  return getDeliveries(world, { tenant: 'default', broadcastId, limit, after });
}

const audienceMax = 130;

/** All deliveries, page by page, as a caller gets them who follows `next`. */
async function allPages(world: World, id: string, limit: number): Promise<readonly (readonly Delivery[])[]> {
  const pages: (readonly Delivery[])[] = [];
  let after: string | undefined;
  do {
    const { deliveries, next } = await page(world, id, String(limit), after);
    pages.push(deliveries);
    after = next ?? undefined;
    // A report whose pages do not end must fail here, not hang.
    if (pages.length > audienceMax) throw new Error('the pages do not end');
  } while (after !== undefined);
  return pages;
}

function named(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `user-${String(index)}`);
}

describe('following next', () => {
  const kinds = fc.constantFrom<Audience['kind']>('users', 'topic');
  const durabilities = fc.constantFrom('durable' as const, 'ephemeral' as const);
  const sizes = fc.integer({ min: 1, max: audienceMax });
  const limits = fc.integer({ min: 1, max: 60 });

  it('shows each recipient exactly once, in the order of the whole report, for any audience and any limit', async () => {
    await fc.assert(
      fc.asyncProperty(kinds, durabilities, sizes, limits, async (kind, durability, size, limit) => {
        const world = aWorld();
        const users = named(size);
        if (kind === 'topic') for (const user of users) await connectUser(world, user);
        const audience = kind === 'topic' ? toEveryone : toUsers(...users);
        const { id } = await publish(world, { audience, durability });
        const pages = await allPages(world, id, limit);
        const whole = await getBroadcast(world, { tenant: 'default', broadcastId: id, limit: '500', after: undefined });
        expect(pages.flat()).toEqual(whole.deliveries);
        expect(new Set(whole.deliveries.map(({ user }) => user))).toEqual(new Set(users));
        expect(whole.deliveries).toHaveLength(size);
        expect(pages).toHaveLength(Math.ceil(size / limit));
        expect(pages.slice(0, -1).every((deliveries) => deliveries.length === limit)).toBe(true);
        expect(Object.values(whole.counts).reduce((sum, count) => sum + count)).toBe(size);
      }),
      { numRuns: 30 },
    );
  });

  it('is not disturbed by members who come and states that change between two pages', async () => {
    const world = aWorld();
    for (const user of named(40)) await connectUser(world, user);
    const { id } = await publish(world, { audience: toEveryone });
    const first = await page(world, id, '15');
    for (const user of ['a-late-one', 'user-00', 'user-999']) await connectUser(world, user);
    const second = await page(world, id, '100', first.next ?? '');
    const users = [...first.deliveries, ...second.deliveries].map(({ user }) => user);
    expect([...users].sort()).toEqual([...named(40)].sort());
  });

  it('has the same counts on every page of a report', async () => {
    const world = aWorld();
    await connectUser(world, 'user-0');
    const { id } = await publish(world, { audience: toUsers(...named(7)) });
    const ask = async (after?: string) =>
      getBroadcast(world, { tenant: 'default', broadcastId: id, limit: '3', after });
    const reports = [await ask(), await ask('user-2'), await ask('user-5')];
    for (const { counts } of reports) expect(counts).toMatchObject({ sent: 1, queued: 6 });
    expect(reports.map(({ next }) => next)).toEqual(['user-2', 'user-5', null]);
  });
});

describe('a page', () => {
  it('has a hundred deliveries unless told', async () => {
    const world = aWorld();
    const { id } = await publish(world, { audience: toUsers(...named(101)) });
    expect(await page(world, id)).toMatchObject({ deliveries: { length: 100 }, next: 'user-99' });
    expect(await page(world, id, '500')).toMatchObject({ deliveries: { length: 101 }, next: null });
  });

  it('after the last one is empty, and the end', async () => {
    const world = aWorld();
    const { id } = await publish(world, { audience: toUsers('a') });
    expect(await page(world, id, undefined, 'a')).toMatchObject({ deliveries: [], next: null });
  });

  it('of named users reads only what is on it', async () => {
    const world = aWorld();
    const users = named(3 * fanOutLimits.usersPerPage);
    const { id } = await publish(world, { audience: toUsers(...users) });
    const { ports, calls } = watched(world);
    const { deliveries } = await page(ports, id, '10', users[2 * fanOutLimits.usersPerPage - 1]);
    expect(deliveries[0]?.user).toBe(users[2 * fanOutLimits.usersPerPage]);
    expect(calls).toEqual(['broadcasts.get', 'broadcasts.getPage', 'cursors.get']);
  });

  it('of a wide topic begins in the shard where the one before it ended', async () => {
    const world = aWorld();
    for (const user of named(60)) await openQuietly(world, { user });
    for (const user of named(60)) await connectUser(world, user);
    const { id } = await publish(world, { audience: toEveryone });
    const first = await page(world, id, '59');
    const { ports, calls } = watched(world);
    expect(await page(ports, id, '59', first.next ?? '')).toMatchObject({ deliveries: { length: 1 }, next: null });
    expect(calls.filter((call) => call === 'cursors.members').length).toBeLessThan(fanOutLimits.wideTopicShards);
  });

  it.each(['0', String(requestLimits.recipientPageMax + 1), '1.5', '', 'ten'])(
    'cannot have the limit %j',
    async (limit) => {
      const world = aWorld();
      const { id } = await publish(world, { audience: toUsers('a') });
      const ask = getBroadcast(world, { tenant: 'default', broadcastId: id, limit, after: undefined });
      for (const asked of [ask, page(world, id, limit)]) {
        await expect(asked).rejects.toMatchObject({ code: 'invalid_field', detail: { field: 'query limit' } });
      }
    },
  );

  it.each(['0', '', 'user-7', 'A'])('of named users cannot begin after %j, who is none of them', async (after) => {
    const world = aWorld();
    const { id } = await publish(world, { audience: toUsers('a') });
    await expect(page(world, id, undefined, after)).rejects.toMatchObject({
      code: 'invalid_field',
      detail: { field: 'query after' },
    });
  });
});
