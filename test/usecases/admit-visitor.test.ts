// Somebody without credentials: admitted from anywhere, as often as an address may call.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { requestLimits } from '../../shared/protocol/limits.ts';
import { admitVisitor } from '../../shared/usecases/admit-visitor.ts';
import { aWorld } from './world.ts';

const { visitorRequestsMax, rateWindowMs } = requestLimits;

it('is nobody, and may call so often in a minute', async () => {
  const world = aWorld();
  for (let call = 1; call < visitorRequestsMax; call += 1) await admitVisitor(world, '203.0.113.7', 'GET /docs');
  const last = { caller: null, allowance: { limit: visitorRequestsMax, remaining: 0, exceeded: false } };
  expect(await admitVisitor(world, '203.0.113.7', 'GET /docs')).toMatchObject(last);
  expect(await admitVisitor(world, '203.0.113.7', 'GET /docs')).toMatchObject({
    allowance: { remaining: 0, exceeded: true },
  });
  world.clock.advance(rateWindowMs);
  expect((await admitVisitor(world, '203.0.113.7', 'GET /docs')).allowance.remaining).toBe(visitorRequestsMax - 1);
});

it('uses nothing of another address’s allowance, nor of a key’s or a user’s', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.string(), { maxLength: 8 }), async (addresses) => {
      const world = aWorld();
      const counted: string[] = [];
      const rates: typeof world.rates = {
        count: async (key, ...rest) => {
          counted.push(key);
          return world.rates.count(key, ...rest);
        },
      };
      for (const address of addresses) {
        const { allowance } = await admitVisitor({ ...world, rates }, address, 'GET /docs');
        expect(allowance.remaining).toBe(visitorRequestsMax - 1);
      }
      // Keys count as `tenant/key`, users as `user["tenant","user"]`.
      for (const key of counted) expect(key).toMatch(/^visitor\["/);
    }),
  );
});
