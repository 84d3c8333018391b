// Which person may call the HTTP API: whose token is good, and how often.
import { describe, expect, it } from 'vitest';
import { requestLimits } from '../../shared/protocol/limits.ts';
import { admitUser } from '../../shared/usecases/admit-user.ts';
import { anIdentity } from '../builders/identity.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import { aWorld } from './world.ts';

const { inboxRequestsMax } = requestLimits;

function tokenOf(world: World, tenant: string, user: string): string {
  return world.tokens.issue(anIdentity({ tenant, user }));
}

describe('a person', () => {
  it.each(['Bearer ', 'bearer ', 'BEARER  '])('is who the token says, behind %j', async (scheme) => {
    const world = aWorld();
    const identity = anIdentity();
    const authorization = scheme + world.tokens.issue(identity);
    expect(await admitUser(world, { authorization })).toEqual({
      caller: identity,
      allowance: { limit: inboxRequestsMax, remaining: inboxRequestsMax - 1, resetSeconds: 60, exceeded: false },
    });
  });

  it.each([
    ['sends nothing', () => ({}), 'unauthenticated'],
    ['sends another scheme', () => ({ authorization: 'Basic YTpi' }), 'unauthenticated'],
    ['sends a scheme alone', () => ({ authorization: 'Bearer ' }), 'unauthenticated'],
    ['sends the token bare', (token: string) => ({ authorization: token }), 'unauthenticated'],
    ['sends the token as a key', (token: string) => ({ 'x-api-key': token }), 'unauthenticated'],
    ['sends an unknown token', () => ({ authorization: 'Bearer unknown' }), 'token_invalid'],
    ['sends two tokens', (token: string) => ({ authorization: `Bearer ${token} ${token}` }), 'unauthenticated'],
  ])('who %s is refused, and uses nothing of anybody’s allowance', async (_, headersOf, code) => {
    const world = aWorld();
    const { ports, calls } = watched(world);
    await expect(admitUser(ports, headersOf(tokenOf(world, 't', 'a')))).rejects.toMatchObject({ code });
    expect(calls).not.toContain('rates.count');
  });

  it('whose token has expired is told that, and nothing of the token', async () => {
    const world = aWorld();
    const token = world.tokens.issue(anIdentity({ tokenExpiresAtMs: world.clock.nowMs() }));
    const refusal: unknown = await admitUser(world, { authorization: `Bearer ${token}` }).catch(
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ code: 'token_expired' });
    expect(String(refusal) + JSON.stringify(refusal)).not.toContain(token);
  });
});

describe('the allowance', () => {
  const remainingOf = async (world: World, tenant: string, user: string): Promise<number> =>
    (await admitUser(world, { authorization: `Bearer ${tokenOf(world, tenant, user)}` })).allowance.remaining;

  it('is exceeded with the first call too many, over all tokens of the user, and full with the next minute', async () => {
    const world = aWorld();
    for (let call = 1; call < inboxRequestsMax; call += 1) await remainingOf(world, 't', 'a');
    const call = async () =>
      (await admitUser(world, { authorization: `Bearer ${tokenOf(world, 't', 'a')}` })).allowance;
    expect(await call()).toMatchObject({ remaining: 0, exceeded: false });
    expect(await call()).toMatchObject({ remaining: 0, exceeded: true });
    world.clock.advance(requestLimits.rateWindowMs);
    expect(await call()).toMatchObject({ remaining: inboxRequestsMax - 1, exceeded: false });
  });

  it('is each user’s own, in each tenant, whatever their names', async () => {
    const world = aWorld();
    const people = [
      ['t', 'a'],
      ['t', 'b'],
      ['other', 'a'],
      ['t/a', 'b'],
      ['t', 'a/b'],
      ['t%2Fa', 'b'],
      ['t', 'ü'],
    ] as const;
    for (const [tenant, user] of people) {
      expect(await remainingOf(world, tenant, user)).toBe(inboxRequestsMax - 1);
    }
  });
});
