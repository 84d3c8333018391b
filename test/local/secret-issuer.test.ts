// Tokens signed with a shared secret, as an independent verifier sees them.
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { signWithSecret } from '../../local/secret-issuer.ts';

const secret = 'a-secret-that-is-long-enough-for-it';
const nowMs = Date.UTC(2026, 10, 21, 8, 30);
const claims = { user: 'guest-1', tenant: 'hotel-1', roles: ['guest'], lifetimeMs: 60_000 };

async function read(token: string) {
  const key = new TextEncoder().encode(secret);
  return jwtVerify(token, key, { algorithms: ['HS256'], currentDate: new Date(nowMs) });
}

describe('a token with a shared secret', () => {
  it('says who, for how long, and nothing about issuer and audience', async () => {
    const { payload, protectedHeader } = await read(await signWithSecret(secret, '', claims, nowMs));
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(payload).toEqual({
      sub: 'guest-1',
      tenant: 'hotel-1',
      roles: ['guest'],
      iat: nowMs / 1_000,
      exp: nowMs / 1_000 + 60,
    });
  });

  it('names the issuer that it is given', async () => {
    const { payload } = await read(await signWithSecret(secret, 'hotel-backend', claims, nowMs));
    expect(payload.iss).toBe('hotel-backend');
  });
});
