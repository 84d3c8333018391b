// Tokens that are signed with a shared secret: which are taken, beside those of the issuer, and every way to pass one for the other.
import fc from 'fast-check';
import { exportSPKI, importJWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { secretsIn } from '../../shared/jwt/secret-signature.ts';
import type { TokenSettings } from '../../shared/jwt/token-verifier.ts';
import { tokenVerifier } from '../../shared/jwt/token-verifier.ts';
import type { TokenVerdict, TokenVerifier } from '../../shared/ports.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { tokenVerifierContract } from '../contracts/token-verifier.contract.ts';
import type { Claims } from './issuer.ts';
import { audience, encode, goodClaims, issuerName, nowMs, useIssuer } from './issuer.ts';

const issuer = useIssuer();
const secret = 'a-secret-that-is-long-enough-for-it';

function verifier(sharedIssuer = '', settings: Partial<TokenSettings> = {}): TokenVerifier {
  return tokenVerifier({
    issuer: issuerName,
    audience,
    jwksUri: issuer.jwksUri(),
    userClaim: 'sub',
    tenantClaim: 'tenant',
    rolesClaim: 'roles',
    defaultTenant: '',
    sharedSecret: { issuer: sharedIssuer, read: () => Promise.resolve(secretsIn(secret)) },
    ...settings,
  });
}

const { sub, tenant, roles, exp } = goodClaims;
const bareClaims = { sub, tenant, roles, exp };

/** Good claims as a product with a secret makes them, without issuer and audience; others are put over them. */
async function sign(claims: Claims = {}, header: object = {}, key: string | Uint8Array = secret): Promise<string> {
  return new SignJWT({ ...bareClaims, ...claims })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(typeof key === 'string' ? new TextEncoder().encode(key) : key);
}

async function verdictOn(claims: Claims, sharedIssuer = ''): Promise<TokenVerdict> {
  return verifier(sharedIssuer).verify(await sign(claims), nowMs);
}

describe('the verifier of tokens with a shared secret', () => {
  tokenVerifierContract(() => ({
    tokens: verifier(),
    issue: async ({ tenant, user, roles, tokenExpiresAtMs }) =>
      sign({ tenant, sub: user, roles: [...roles], exp: tokenExpiresAtMs / 1_000 }),
  }));

  it.each<readonly [string, Claims]>([
    ['without an audience', {}],
    ['for our audience', { aud: audience }],
    ['for several audiences with ours', { aud: ['other', audience] }],
    ['of our client', { client_id: audience }],
  ])('takes one %s', async (_, claims) => {
    expect(await verdictOn(claims)).toMatchObject({ verdict: 'valid', identity: { user: 'user-1', roles: ['guest'] } });
  });

  it.each<readonly [string, Claims]>([
    ['for another audience', { aud: 'another' }],
    ['for no audience at all', { aud: [] }],
    ['of another client', { client_id: 'another' }],
    ['for another audience, of our client', { aud: 'another', client_id: audience }],
    ['that never expires', { exp: undefined }],
    ['for a time to come', { nbf: nowMs / 1_000 + 60 }],
    ['without a user', { sub: undefined }],
    ['without a tenant', { tenant: undefined }],
    ['of a role without a name', { roles: [''] }],
  ])('refuses one %s', async (_, claims) => {
    expect(await verdictOn(claims)).toMatchObject({ verdict: 'invalid' });
  });

  it.each<readonly [string, string, Claims, string]>([
    ['has none, as configured', '', {}, 'valid'],
    ['is the configured one', 'hotel', { iss: 'hotel' }, 'valid'],
    ['is there and must not be', '', { iss: 'hotel' }, 'invalid'],
    ['is empty, which is not the same as none', '', { iss: '' }, 'invalid'],
    ['is missing', 'hotel', {}, 'invalid'],
    ['only begins alike', 'hotel', { iss: 'hotel2' }, 'invalid'],
    ['is written otherwise', 'hotel', { iss: 'Hotel' }, 'invalid'],
    ['is the OIDC issuer', '', { iss: issuerName }, 'invalid'],
    ['is the OIDC issuer, which was given for the secret too', issuerName, { iss: issuerName }, 'invalid'],
  ])('looks at the issuer: it %s', async (_, sharedIssuer, claims, verdict) => {
    expect(await verdictOn(claims, sharedIssuer)).toMatchObject({ verdict });
  });

  it('takes tokens of the OIDC issuer as before, and reads no secret for them', async () => {
    const read = () => Promise.reject(new Error('read'));
    for (const sharedIssuer of ['', 'hotel', issuerName]) {
      const tokens = verifier('', { sharedSecret: { issuer: sharedIssuer, read } });
      expect(await tokens.verify(await issuer.sign(), nowMs)).toMatchObject({ verdict: 'valid' });
      expect(await tokens.verify(await issuer.sign({ aud: undefined }), nowMs)).toMatchObject({ verdict: 'invalid' });
    }
  });

  it('takes none while no secret is configured', async () => {
    const tokens = verifier('', { sharedSecret: null });
    expect(await tokens.verify(await sign(), nowMs)).toMatchObject({ verdict: 'invalid' });
  });

  it('is unavailable while the secret cannot be had, which is no verdict on the token', async () => {
    const down = new Failure('unavailable', { message: 'down', remedy: 'Wait.' });
    const tokens = verifier('', { sharedSecret: { issuer: '', read: () => Promise.reject(down) } });
    await expect(tokens.verify(await sign(), nowMs)).rejects.toBe(down);
    expect(await tokens.verify('junk', nowMs)).toMatchObject({ verdict: 'invalid' });
  });
});

describe('a forged token', () => {
  const forged: readonly (readonly [string, () => Promise<string>])[] = [
    ['signed with another secret', async () => sign({}, {}, `${secret}!`)],
    ['signed with an empty secret', async () => Promise.resolve(byHand({ alg: 'HS256' }, ''))],
    ['without an algorithm', async () => Promise.resolve(byHand({ alg: 'none' }, ''))],
    ['with the algorithm none and a signature', async () => Promise.resolve(byHand({ alg: 'none' }, 'AAAA'))],
    ['signed by HS384', async () => sign({}, { alg: 'HS384' }, secret.repeat(2))],
    ['signed by HS512', async () => sign({}, { alg: 'HS512' }, secret.repeat(2))],
    ['that says HS512 over an HS256 signature', async () => withHeader({ alg: 'HS512' })],
    ['that writes its algorithm otherwise', async () => withHeader({ alg: 'hs256' })],
    ['with another header', async () => withHeader({ alg: 'HS256', typ: 'JWT' })],
    ['with other claims', async () => withClaims({ ...bareClaims, sub: 'admin' })],
    ['that needs an extension', async () => sign({}, { crit: ['b64'], b64: true })],
    ['that needs an unknown extension', async () => withHeader({ alg: 'HS256', crit: ['exp'] })],
    ['of the OIDC issuer, with its public key as the secret', async () => issuer.signWithPublicKey()],
    ['with the public key of the OIDC issuer as the secret', async () => sign({}, {}, await publicKey())],
    ['of the OIDC issuer, signed with the secret', async () => sign({ iss: issuerName, aud: audience })],
    [
      'of the OIDC issuer, signed with the secret, that names a key of the issuer',
      async () => sign({ iss: issuerName, aud: audience }, { kid: 'key-RS256' }),
    ],
    ['signed by the OIDC issuer without a name', async () => issuer.sign({ iss: undefined })],
    [
      'that brings its own secret',
      async () => sign({}, { jwk: { kty: 'oct', k: encode('x'.repeat(40)) }, kid: 'own' }, 'x'.repeat(40)),
    ],
    ['that names a file as its key', async () => sign({}, { kid: '/dev/null' }, new Uint8Array(32))],
    ['that points to its key', async () => sign({}, { jku: issuer.jwksUri(), kid: 'key-RS256' }, 'y'.repeat(40))],
  ];

  it.each(forged)('is invalid: %s', async (_, forge) => {
    expect(await verifier().verify(await forge(), nowMs)).toMatchObject({ verdict: 'invalid' });
  });

  it.each(forged)('causes no fetch, and leaves nothing of itself in the reason: %s', async (_, forge) => {
    const token = await forge();
    const verdict = await verifier().verify(token, nowMs);
    const reason = verdict.verdict === 'invalid' ? verdict.reason : '';
    for (const part of [...token.split('.'), secret, issuerName, audience, 'user-1', 'hotel-1', 'key-']) {
      if (part !== '') expect(reason).not.toContain(part);
    }
    expect(issuer.fetches()).toBe(0);
  });

  it('is invalid whatever else its header says, and whatever its signature is made of', async () => {
    const signature = fc.oneof(fc.base64String(), fc.stringMatching(/^[\w-]{1,60}$/), fc.string());
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), signature, async (header, text) => {
        const verdict = await verifier().verify(byHand({ ...header, alg: 'HS256' }, text), nowMs);
        expect(verdict).toMatchObject({ verdict: 'invalid' });
      }),
      {
        examples: [
          [{ b64: false }, 'AAAA'],
          [{ b64: 'no' }, 'AAAA'],
          [{ zip: 'DEF', enc: 'A128GCM' }, 'AAAA'],
          [{}, 'A'],
        ],
      },
    );
  });

  it('would be good without what is forged in it: a key id chooses nothing', async () => {
    for (const kid of ['', '../../key', '/dev/null', "' or 1=1", 'key-RS256']) {
      expect(await verifier().verify(await sign({}, { kid }), nowMs)).toMatchObject({ verdict: 'valid' });
    }
  });

  function byHand(header: object, signature: string): string {
    return `${encode(header)}.${encode(bareClaims)}.${signature}`;
  }

  async function publicKey(): Promise<string> {
    const key = await importJWK(await issuer.publicKey('RS256'), 'RS256', { extractable: true });
    if (key instanceof Uint8Array) throw new Error('the key is no public one');
    return exportSPKI(key);
  }

  async function withHeader(header: object): Promise<string> {
    const [, claims = '', signature = ''] = (await sign()).split('.');
    return [encode(header), claims, signature].join('.');
  }

  async function withClaims(claims: object): Promise<string> {
    const [header = '', , signature = ''] = (await sign()).split('.');
    return [header, encode(claims), signature].join('.');
  }
});
