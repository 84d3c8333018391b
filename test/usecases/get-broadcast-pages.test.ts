// Reports in pages: each recipient once, whatever the size of the pages; counts always over all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Audience } from '../../shared/domain/broadcast.ts';
import type { Delivery } from '../../shared/domain/delivery.ts';
import { getBroadcast } from '../../shared/usecases/get-broadcast.ts';
import type { World } from './world.ts';
import { aWorld, connectUser, publish, toEveryone, toUsers } from './world.ts';

async function page(world: World, broadcastId: string, limit?: string, after?: string) {
  return getBroadcast(world, { tenant: 'default', broadcastId, limit, after });
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

describe('following next', () => {
  const kinds = fc.constantFrom<Audience['kind']>('users', 'everyone');
  it('shows each recipient exactly once, for any audience and any limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        kinds,
        fc.integer({ min: 1, max: audienceMax }),
        fc.integer({ min: 1, max: 60 }),
        async (kind, size, limit) => {
          const world = aWorld();
          const users = Array.from({ length: size }, (_, index) => `user-${String(index)}`);
          if (kind === 'everyone') for (const user of users) await connectUser(world, user);
          const { id } = await publish(world, { audience: kind === 'everyone' ? toEveryone : toUsers(...users) });
          const pages = await allPages(world, id, limit);
          expect(
            pages
              .flat()
              .map(({ user }) => user)
              .sort(),
          ).toEqual([...users].sort());
          expect(pages).toHaveLength(Math.ceil(size / limit));
          expect(pages.slice(0, -1).every((deliveries) => deliveries.length === limit)).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('gives the same counts on every page, and they add up to the audience', async () => {
    const world = aWorld();
    const users = Array.from({ length: 7 }, (_, index) => `user-${String(index)}`);
    await connectUser(world, 'user-0');
    const { id } = await publish(world, { audience: toUsers(...users) });
    const reports = await Promise.all([undefined, '3', '6'].map(async (after) => page(world, id, '3', after)));
    for (const { counts } of reports) expect(counts).toMatchObject({ sent: 1, queued: 6 });
    expect(reports.map(({ next }) => next)).toEqual(['3', '6', null]);
  });
});

describe('a page', () => {
  it('has a hundred deliveries unless told', async () => {
    const world = aWorld();
    const users = Array.from({ length: 101 }, (_, index) => `user-${String(index)}`);
    const { id } = await publish(world, { audience: toUsers(...users) });
    expect(await page(world, id)).toMatchObject({ deliveries: { length: 100 }, next: '100' });
    expect(await page(world, id, '500')).toMatchObject({ deliveries: { length: 101 }, next: null });
  });

  it('beyond the last one is empty, and the end', async () => {
    const world = aWorld();
    const { id } = await publish(world, { audience: toUsers('a') });
    for (const after of ['1', '999999999']) {
      expect(await page(world, id, undefined, after)).toMatchObject({
        deliveries: [],
        next: null,
        counts: { queued: 1 },
      });
    }
  });

  it.each(['0', '501', '-1', '1.5', '1e2', ' 1', '', 'ten', '０', '99999999999999999999'])(
    'cannot have the limit %j',
    async (limit) => {
      const world = aWorld();
      const { id } = await publish(world, { audience: toUsers('a') });
      await expect(page(world, id, limit)).rejects.toMatchObject({
        code: 'invalid_field',
        detail: { field: 'query limit' },
      });
    },
  );

  it.each(['-1', '1.5', '', 'user-7', '9999999999'])('cannot begin after %j', async (after) => {
    const world = aWorld();
    const { id } = await publish(world, { audience: toUsers('a') });
    await expect(page(world, id, undefined, after)).rejects.toMatchObject({
      code: 'invalid_field',
      detail: { field: 'query after' },
    });
  });
});
