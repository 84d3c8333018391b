// The secret of HS256 tokens as it is given to npm start.
import { describe, expect, it } from 'vitest';
import { jwtSecrets, storedSecrets } from '../../commands/jwt-secret.ts';

const long = 'x'.repeat(32);

describe('JWT_SECRET', () => {
  it.each([
    ['is not set', {}, []],
    ['is empty', { JWT_SECRET: '' }, []],
    ['is long enough', { JWT_SECRET: long }, [long]],
    ['holds a new one and an old one', { JWT_SECRET: `${long}1\n${long}2\n` }, [`${long}1`, `${long}2`]],
  ])('%s', (_, environment, secrets) => {
    expect(jwtSecrets(environment)).toEqual(secrets);
    const stored = secrets.length === 0 ? {} : { '/bellhop/jwt-secret': secrets.join('\n') };
    expect(storedSecrets(environment)).toEqual(stored);
  });

  it.each(['changeme', 'x'.repeat(31), `${long}\nchangeme`])('is refused in one line when it is short: %j', (text) => {
    expect(() => jwtSecrets({ JWT_SECRET: text })).toThrow(/^JWT_SECRET is (?:8|31) bytes long: .* at least 32.*$/);
  });
});
