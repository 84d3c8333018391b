// Turns a token into an identity.
import type { Identity } from '../domain/connection.ts';
import type { TokenVerifier } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';

const tokenField = 'token';

/** The identity behind a token; throws `token_expired` or `token_invalid`, with nothing of the token in the text. */
export async function verifyToken(tokens: TokenVerifier, token: string, nowMs: number): Promise<Identity> {
  const result = await tokens.verify(token, nowMs);
  switch (result.verdict) {
    case 'valid':
      return result.identity;
    case 'expired':
      throw new Failure('token_expired', {
        message: 'the token has expired',
        field: tokenField,
        remedy: 'Get a new token from your identity provider and connect again.',
      });
    case 'invalid':
      throw new Failure('token_invalid', {
        message: `the token is not valid: ${result.reason}`,
        field: tokenField,
        remedy: 'Send a current token of the configured issuer and audience.',
      });
  }
}
