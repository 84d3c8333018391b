// Tokens: good ones in every form, forged ones in every way.
import { describe, expect, it } from 'vitest';
import type { TokenSettings } from '../../shared/jwt/token-verifier.ts';
import { tokenVerifier } from '../../shared/jwt/token-verifier.ts';
import type { TokenVerdict, TokenVerifier } from '../../shared/ports.ts';
import { connectionLimits, keySetLimits } from '../../shared/protocol/limits.ts';
import { tokenVerifierContract } from '../contracts/token-verifier.contract.ts';
import type { Algorithm, Claims } from './issuer.ts';
import { audience, encode, goodClaims, issuerName, nowMs, useIssuer } from './issuer.ts';

const issuer = useIssuer();

function verifier(settings: Partial<TokenSettings> = {}): TokenVerifier {
  return tokenVerifier({
    issuer: issuerName,
    audience,
    jwksUri: issuer.jwksUri(),
    userClaim: 'sub',
    tenantClaim: 'tenant',
    rolesClaim: 'roles',
    defaultTenant: '',
    sharedSecret: null,
    ...settings,
  });
}

async function verdictOn(claims: Claims, settings: Partial<TokenSettings> = {}): Promise<TokenVerdict> {
  return verifier(settings).verify(await issuer.sign(claims), nowMs);
}

function manyRoles(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `role-${String(index)}`);
}

describe('the verifier of tokens', () => {
  tokenVerifierContract(() => ({
    tokens: verifier(),
    issue: async ({ tenant, user, roles, tokenExpiresAtMs }) =>
      issuer.sign({ tenant, sub: user, roles: [...roles], exp: tokenExpiresAtMs / 1_000 }),
  }));

  it.each<Algorithm>(['RS256', 'ES256', 'EdDSA'])('takes signatures by %s', async (algorithm) => {
    const verdict = await verifier().verify(await issuer.sign({}, {}, algorithm), nowMs);
    expect(verdict).toMatchObject({ verdict: 'valid', identity: { user: 'user-1', tenant: 'hotel-1' } });
  });

  it.each<readonly [string, Claims, Partial<TokenSettings>, object]>([
    ['one of several audiences', { aud: ['other', audience] }, {}, {}],
    ['the client id of a Cognito access token', { aud: undefined, client_id: audience }, {}, {}],
    ['a user who is a number', { sub: undefined, userId: 42 }, { userClaim: 'userId' }, { user: '42' }],
    ['a claim with a colon', { 'custom:hotel': 'h9' }, { tenantClaim: 'custom:hotel' }, { tenant: 'h9' }],
    ['the default tenant', { tenant: undefined }, { defaultTenant: 'main' }, { tenant: 'main' }],
    ['a tenant before the default one', {}, { defaultTenant: 'main' }, { tenant: 'hotel-1' }],
    ['roles between spaces', { roles: 'admin  tech' }, {}, { roles: ['admin', 'tech'] }],
    ['roles between commas', { roles: 'admin, tech' }, {}, { roles: ['admin', 'tech'] }],
    ['roles in a list with other things', { roles: ['admin', 7, null] }, {}, { roles: ['admin'] }],
    ['no roles', { roles: undefined }, {}, { roles: [] }],
    ['roles that are none', { roles: { admin: true } }, {}, { roles: [] }],
    ['as many roles as may be', { roles: manyRoles(48) }, {}, { roles: manyRoles(48) }],
    ['the same role again and again', { roles: Array<string>(60).fill('admin') }, {}, {}],
    ['a role that is as long as may be', { roles: ['r'.repeat(128)] }, {}, { roles: ['r'.repeat(128)] }],
    ['a clock that is a little ahead', { nbf: nowMs / 1_000 + keySetLimits.notBeforeLeewayMs / 1_000 }, {}, {}],
  ])('takes %s', async (_, claims, settings, identity) => {
    expect(await verdictOn(claims, settings)).toMatchObject({ verdict: 'valid', identity });
  });

  it.each<readonly [string, Claims]>([
    ['another issuer', { iss: 'https://issuer.example.evil' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'another' }],
    ['another audience in spite of the client id', { aud: 'another', client_id: audience }],
    ['no audience', { aud: undefined }],
    ['another client id', { aud: undefined, client_id: 'another' }],
    ['a time to come', { nbf: nowMs / 1_000 + 60 }],
    ['no expiry', { exp: undefined }],
    ['no user', { sub: undefined }],
    ['an empty user', { sub: '' }],
    ['a user that is too long', { sub: 'x'.repeat(129) }],
    ['a user with half a surrogate pair', { sub: 'a\ud800' }],
    ['no tenant', { tenant: undefined }],
    ['a tenant that is an object', { tenant: { toString: 'hotel-1' } }],
    ['a user that is a fraction', { sub: 1.5 }],
    ['more roles than topics', { roles: manyRoles(49) }],
    ['more roles than topics, in a text', { roles: manyRoles(49).join(' ') }],
    ['a role that is too long', { roles: ['admin', 'r'.repeat(129)] }],
    ['a role without a name', { roles: ['admin', ''] }],
    ['a role with half a surrogate pair', { roles: ['a\ud800'] }],
  ])('refuses %s', async (_, claims) => {
    expect(await verdictOn(claims)).toMatchObject({ verdict: 'invalid' });
  });

  it('gives no default tenant to a token whose own makes no sense', async () => {
    for (const tenant of ['', ['hotel-1'], { id: 'hotel-1' }, true]) {
      expect(await verdictOn({ tenant }, { defaultTenant: 'main' })).toMatchObject({ verdict: 'invalid' });
    }
  });

  it('leaves out no role of those that are too many: what is sent to it would be lost', async () => {
    const verdict = await verdictOn({ roles: manyRoles(49) });
    expect(verdict).toEqual({ verdict: 'invalid', reason: 'it has 49 roles, at most 48 are allowed' });
  });

  it('prefers to say that a token is for somebody else than that it has expired', async () => {
    expect(await verdictOn({ aud: 'another', exp: 1 })).toMatchObject({ verdict: 'invalid' });
    expect(await verdictOn({ exp: 1 })).toEqual({ verdict: 'expired' });
  });
});

describe('a forged token', () => {
  const forged: readonly (readonly [string, () => Promise<string>])[] = [
    ['without an algorithm', async () => Promise.resolve(unsigned({ alg: 'none', kid: 'key-RS256' }, ''))],
    [
      'with the algorithm none and a signature',
      async () => Promise.resolve(unsigned({ alg: 'none', kid: 'key-RS256' }, 'AAAA')),
    ],
    ['with the public key as its secret', async () => issuer.signWithPublicKey()],
    ['with another claim under a true signature', async () => withPart(1, encode({ ...goodClaims, sub: 'admin' }))],
    ['with a changed header', async () => withPart(0, encode({ alg: 'RS256', kid: 'key-RS256', typ: 'at+jwt' }))],
    ['with a changed signature', async () => withPart(2, 'AAAA')],
    ['signed by a key of the issuer that it does not name', async () => issuer.sign({}, { kid: 'key-ES256' })],
    ['with another algorithm than its key', async () => issuer.sign({}, { kid: 'key-RS256', alg: 'ES256' }, 'ES256')],
    ['that names no key', async () => issuer.sign({}, { kid: undefined as unknown as string })],
    [
      'with an unknown key of another issuer',
      async () => issuer.sign({ iss: 'https://other.example' }, { kid: 'another' }),
    ],
    ['with an unknown key', async () => issuer.sign({}, { kid: 'another' })],
    [
      'that brings its own key',
      async () => issuer.sign({}, { kid: '../../key', jwk: await issuer.publicKey('RS256') }),
    ],
    ['that needs an extension', async () => issuer.sign({}, { crit: ['b64'], b64: true })],
    ['with parts too many', async () => `${await issuer.sign()}.AAAA`],
    ['that is too long', async () => issuer.sign({ padding: 'x'.repeat(connectionLimits.tokenCharactersMax) })],
    ['whose claims are no object', async () => withPart(1, encode([]))],
    ['whose expiry is a text', async () => withPart(1, encode({ ...goodClaims, exp: 'never' }))],
    [
      'that is expired, with a signature of nobody',
      async () => Promise.resolve(unsigned({ alg: 'RS256', kid: 'key-RS256' }, 'AAAA', { exp: 1 })),
    ],
  ];

  it.each(forged)('is invalid: %s', async (_, forge) => {
    expect(await verifier().verify(await forge(), nowMs)).toMatchObject({ verdict: 'invalid' });
  });

  it.each(forged)('leaves nothing of itself in the reason: %s', async (_, forge) => {
    const token = await forge();
    const verdict = await verifier().verify(token, nowMs);
    const reason = verdict.verdict === 'invalid' ? verdict.reason : '';
    for (const part of [...token.split('.'), issuerName, audience, 'user-1', 'hotel-1', 'key-']) {
      if (part !== '') expect(reason).not.toContain(part);
    }
  });

  it('causes no fetch unless only the key can tell', async () => {
    const verdicts = [];
    for (const [what, forge] of forged) {
      const before = issuer.fetches();
      verdicts.push([what, (await verifier().verify(await forge(), nowMs)).verdict, issuer.fetches() - before]);
    }
    const fetched = verdicts.filter(([, , fetches]) => fetches !== 0).map(([what]) => what);
    expect(fetched).toEqual([
      'with another claim under a true signature',
      'with a changed header',
      'with a changed signature',
      'signed by a key of the issuer that it does not name',
      'with another algorithm than its key',
      'with an unknown key',
      'that brings its own key',
      'that is expired, with a signature of nobody',
    ]);
  });

  function unsigned(header: object, signature: string, claims: object = {}): string {
    return `${encode(header)}.${encode({ ...goodClaims, ...claims })}.${signature}`;
  }

  async function withPart(number: number, part: string): Promise<string> {
    const parts = (await issuer.sign()).split('.');
    parts[number] = part;
    return parts.join('.');
  }
});

describe('when the keys cannot be had', () => {
  it('is unavailable, which is no verdict on the token', async () => {
    issuer.answerWith((_, response) => response.writeHead(503).end());
    await expect(verifier().verify(await issuer.sign(), nowMs)).rejects.toMatchObject({
      code: 'unavailable',
      detail: { retryAfterSeconds: 1 },
    });
  });

  it('verifies again as soon as they can', async () => {
    const tokens = verifier();
    const token = await issuer.sign();
    issuer.answerWith((_, response) => response.destroy());
    await expect(tokens.verify(token, nowMs)).rejects.toMatchObject({ code: 'unavailable' });
    issuer.publish(await issuer.publicKey('RS256'));
    expect(await tokens.verify(token, nowMs + keySetLimits.waitAfterFailureMs)).toMatchObject({ verdict: 'valid' });
  });
});
