// Which back office may call: with a key from an allowed network, or as an admin with a token; never half of each.
import { describe, expect, it } from 'vitest';
import type { Identity } from '../../shared/domain/connection.ts';
import { requestLimits } from '../../shared/protocol/limits.ts';
import { openApiKeys } from '../../shared/system/api-keys.ts';
import { digest } from '../../shared/system/digest.ts';
import { openSourceList } from '../../shared/system/source-list.ts';
import type { OfficePorts } from '../../shared/usecases/admit-office.ts';
import { admitOffice } from '../../shared/usecases/admit-office.ts';
import { anIdentity } from '../builders/identity.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeRates } from '../fakes/fake-guards.ts';

const allowedIp = '203.0.113.7';
const otherIp = '198.51.100.1';
/** Looks like a JSON Web Token, as every real one does. */
const token = 'eyJh.eyJz.c2ln';

function somePorts(given: Partial<Identity> = {}): OfficePorts {
  const identity = anIdentity({ tenant: 'hotel-1', user: 'boss', roles: ['admin'], ...given });
  return {
    apiKeys: openApiKeys([`hotel-2:${digest.sha256Hex('one')}`, digest.sha256Hex(token)]),
    sources: openSourceList(['203.0.113.0/24']),
    tokens: {
      verify: async (shown) =>
        Promise.resolve(
          shown === token ? { verdict: 'valid', identity } : { verdict: 'invalid', reason: 'the signature is wrong' },
        ),
    },
    rates: fakeRates(),
    clock: fakeClock(),
    rateLimitPerMinute: 3,
  };
}

describe('an office is admitted', () => {
  it.each([{ 'x-api-key': 'one' }, { 'x-internal-api-key': 'one' }, { authorization: 'Bearer one' }])(
    'with a key, for the tenant of the key: %j',
    async (headers) => {
      const { caller, allowance } = await admitOffice(somePorts(), headers, allowedIp);
      expect(caller).toMatchObject({ tenant: 'hotel-2', keyId: digest.sha256Hex('one').slice(0, 8) });
      expect(allowance).toMatchObject({ limit: 3, remaining: 2 });
    },
  );

  it.each([allowedIp, otherIp])('as an admin with a token, for the tenant of the token, from %s', async (sourceIp) => {
    const { caller, allowance } = await admitOffice(somePorts(), { authorization: `Bearer ${token}` }, sourceIp);
    expect(caller).toEqual({ tenant: 'hotel-1', keyId: 'admin' });
    expect(allowance).toMatchObject({ limit: requestLimits.inboxRequestsMax });
  });

  it('with the key that it sends beside what looks like a token, if both are one', async () => {
    const headers = { 'x-api-key': token, authorization: `Bearer ${token}` };
    expect((await admitOffice(somePorts(), headers, allowedIp)).caller.tenant).toBe('default');
  });
});

describe('an office is refused', () => {
  it.each([
    ['with nothing', {}, allowedIp, 'unauthenticated'],
    ['with an unknown key', { 'x-api-key': 'two' }, allowedIp, 'unauthenticated'],
    ['with a key from another network', { 'x-api-key': 'one' }, otherIp, 'source_not_allowed'],
    ['with a token of nobody', { authorization: 'Bearer a.b.c' }, allowedIp, 'token_invalid'],
    ['with an unsigned token', { authorization: 'Bearer a.b.' }, allowedIp, 'token_invalid'],
    ['with a token bare', { authorization: 'a.b.c' }, allowedIp, 'unauthenticated'],
    ['with a token as a key', { 'x-api-key': 'a.b.c' }, allowedIp, 'unauthenticated'],
    ['with a key and a token', { 'x-api-key': 'one', authorization: `Bearer ${token}` }, allowedIp, 'conflicting_keys'],
  ])('%s', async (_, headers, sourceIp, code) => {
    await expect(admitOffice(somePorts(), headers, sourceIp)).rejects.toMatchObject({ code });
  });

  it.each([[[]], [['guest']], [['manager']]])('as a person whose roles are %j', async (roles) => {
    const ports = somePorts({ roles });
    const refused = admitOffice(ports, { authorization: `Bearer ${token}` }, allowedIp);
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
  });
});
