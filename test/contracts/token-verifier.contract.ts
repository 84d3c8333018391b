// What every verifier of tokens must do.
import { expect, it } from 'vitest';
import type { Identity } from '../../shared/domain/connection.ts';
import type { TokenVerifier } from '../../shared/ports.ts';
import { anIdentity } from '../builders/identity.ts';

export interface VerifierUnderTest {
  readonly tokens: TokenVerifier;
  /** Makes a good token for this identity. */
  readonly issue: (identity: Identity) => Promise<string>;
}

const nowMs = Date.UTC(2026, 10, 21, 8, 30);

export function tokenVerifierContract(make: () => VerifierUnderTest): void {
  it('says whom a token names', async () => {
    const { tokens, issue } = make();
    const identity = anIdentity({ roles: ['guest', 'late'], tokenExpiresAtMs: nowMs + 60_000 });
    expect(await tokens.verify(await issue(identity), nowMs)).toEqual({ verdict: 'valid', identity });
  });

  it.each([
    ['a millisecond before it expires', -1, 'valid'],
    ['when it expires', 0, 'expired'],
    ['a day later', 24 * 60 * 60_000, 'expired'],
  ])('compares with the given time: %s', async (_, afterMs, verdict) => {
    const { tokens, issue } = make();
    const token = await issue(anIdentity({ tokenExpiresAtMs: nowMs }));
    expect(await tokens.verify(token, nowMs + afterMs)).toMatchObject({ verdict });
  });

  it.each([
    ['nothing', ''],
    ['a word', 'junk'],
    ['three parts', 'a.b.c'],
    ['three empty parts', '..'],
    ['a control character', '\u0000'],
    ['very much', 'x'.repeat(100_000)],
  ])('calls junk invalid: %s', async (_, token) => {
    expect(await make().tokens.verify(token, nowMs)).toMatchObject({ verdict: 'invalid' });
  });
}
