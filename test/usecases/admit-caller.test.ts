// Who may call the HTTP API: from where, with which key, how often.
import { describe, expect, it } from 'vitest';
import { digest } from '../../shared/system/digest.ts';
import { openApiKeys } from '../../shared/system/api-keys.ts';
import { openSourceList } from '../../shared/system/source-list.ts';
import type { AdmissionPorts } from '../../shared/usecases/admit-caller.ts';
import { admitCaller } from '../../shared/usecases/admit-caller.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeRates } from '../fakes/fake-guards.ts';

const allowedIp = '203.0.113.7';

function somePorts(): AdmissionPorts & { readonly clock: FakeClock } {
  const digests = ['one', 'two'].map((key) => digest.sha256Hex(key));
  return {
    apiKeys: openApiKeys([...digests, `other-tenant:${digest.sha256Hex('three')}`]),
    sources: openSourceList(['203.0.113.0/24']),
    rates: fakeRates(),
    clock: fakeClock(),
    rateLimitPerMinute: 3,
  };
}

describe('a caller', () => {
  it.each(['x-internal-api-key', 'x-api-key', 'authorization'])(
    'with a known key in %s is admitted',
    async (header) => {
      const { caller, allowance } = await admitCaller(somePorts(), { [header]: 'one' }, allowedIp);
      expect(caller.tenant).toBe('default');
      expect(allowance).toEqual({ limit: 3, remaining: 2, resetSeconds: 60, exceeded: false });
    },
  );

  it('belongs to the tenant of its key', async () => {
    expect((await admitCaller(somePorts(), { 'x-api-key': 'three' }, allowedIp)).caller.tenant).toBe('other-tenant');
  });

  it.each([
    ['from another network', { 'x-api-key': 'one' }, '198.51.100.1', 'source_not_allowed'],
    ['from another network without a key', {}, '198.51.100.1', 'source_not_allowed'],
    ['without a key', {}, allowedIp, 'unauthenticated'],
    ['with an unknown key', { 'x-api-key': 'four' }, allowedIp, 'unauthenticated'],
    ['with two keys', { 'x-api-key': 'one', 'x-internal-api-key': 'two' }, allowedIp, 'conflicting_keys'],
    [
      'that names an allowed address in a header',
      { 'x-forwarded-for': allowedIp, 'x-api-key': 'one' },
      '::1',
      'source_not_allowed',
    ],
  ])('%s is refused', async (_, headers, sourceIp, code) => {
    await expect(admitCaller(somePorts(), headers, sourceIp)).rejects.toMatchObject({ code });
  });

  it('who is refused uses nothing of anybody’s allowance, and is not told the key that it sent', async () => {
    const ports = somePorts();
    const guess = 'a-guess-at-a-key';
    const refusal: unknown = await admitCaller(ports, { 'x-api-key': guess }, allowedIp).catch(
      (error: unknown) => error,
    );
    expect(JSON.stringify(refusal)).not.toContain(guess);
    expect((await admitCaller(ports, { 'x-api-key': 'one' }, allowedIp)).allowance.remaining).toBe(2);
  });
});

describe('an allowance', () => {
  it('is exceeded with the first call too many, and full again with the next minute', async () => {
    const ports = somePorts();
    const call = async () => (await admitCaller(ports, { 'x-api-key': 'one' }, allowedIp)).allowance;
    const allowances = [await call(), await call(), await call(), await call()];
    expect(allowances.map(({ remaining, exceeded }) => [remaining, exceeded])).toEqual([
      [2, false],
      [1, false],
      [0, false],
      [0, true],
    ]);
    ports.clock.advance(59_999);
    expect(await call()).toMatchObject({ exceeded: true, resetSeconds: 1 });
    ports.clock.advance(1);
    expect(await call()).toMatchObject({ exceeded: false, remaining: 2, resetSeconds: 60 });
  });

  it('is one for each key', async () => {
    const ports = somePorts();
    await admitCaller(ports, { 'x-api-key': 'one' }, allowedIp);
    expect((await admitCaller(ports, { 'x-api-key': 'two' }, allowedIp)).allowance.remaining).toBe(2);
  });
});
