// Which person may call what is for admins: only with the role, whatever else the token says.
import { expect, it } from 'vitest';
import { requestLimits } from '../../shared/protocol/limits.ts';
import { admitAdmin } from '../../shared/usecases/admit-admin.ts';
import { anIdentity } from '../builders/identity.ts';
import { aWorld } from './world.ts';

it.each([[['admin']], [['guest', 'admin']], [['admin', 'admin']]])('whose roles are %j is admitted', async (roles) => {
  const world = aWorld();
  const identity = anIdentity({ roles });
  const authorization = `Bearer ${world.tokens.issue(identity)}`;
  const { inboxRequestsMax } = requestLimits;
  expect(await admitAdmin(world, { authorization })).toEqual({
    caller: identity,
    allowance: { limit: inboxRequestsMax, remaining: inboxRequestsMax - 1, resetSeconds: 60, exceeded: false },
  });
});

it.each([[[]], [['manager']], [['technician', 'agent']], [['Admin']], [['administrator', 'admin ', 'role_admin']]])(
  'whose roles are %j is refused',
  async (roles) => {
    const world = aWorld();
    const authorization = `Bearer ${world.tokens.issue(anIdentity({ roles, user: 'admin', tenant: 'admin' }))}`;
    await expect(admitAdmin(world, { authorization })).rejects.toMatchObject({
      code: 'forbidden',
      detail: { field: 'header Authorization' },
    });
  },
);

it.each([
  ['without a token', {}, 'unauthenticated'],
  ['with an unknown token', { authorization: 'Bearer unknown' }, 'token_invalid'],
  ['with a key', { 'x-api-key': 'one' }, 'unauthenticated'],
])('%s nobody is admitted', async (_, headers, code) => {
  await expect(admitAdmin(aWorld(), headers)).rejects.toMatchObject({ code });
});

it('an admin whose token has expired is refused', async () => {
  const world = aWorld();
  const token = world.tokens.issue(anIdentity({ roles: ['admin'], tokenExpiresAtMs: world.clock.nowMs() }));
  await expect(admitAdmin(world, { authorization: `Bearer ${token}` })).rejects.toMatchObject({
    code: 'token_expired',
  });
});
