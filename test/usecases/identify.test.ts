// From a token to an identity.
import { expect, it } from 'vitest';
import { verifyToken } from '../../shared/usecases/identify.ts';
import { anIdentity } from '../builders/identity.ts';
import { aWorld } from './world.ts';

it('a token that is valid gives its identity', async () => {
  const world = aWorld();
  const given = anIdentity();
  expect(await verifyToken(world.tokens, world.tokens.issue(given), world.clock.nowMs())).toEqual(given);
});

it.each([
  ['expired', 'token_expired'],
  ['unknown', 'token_invalid'],
])('a token that is %s is refused as %s, and the refusal holds nothing of it', async (kind, code) => {
  const world = aWorld();
  const expired = world.tokens.issue(anIdentity({ tokenExpiresAtMs: world.clock.nowMs() - 1 }));
  const token = kind === 'expired' ? expired : 'unknown-token-text';
  const refusal: unknown = await verifyToken(world.tokens, token, world.clock.nowMs()).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code, detail: { field: 'token' } });
  expect(String(refusal) + JSON.stringify(refusal)).not.toContain(token);
});
