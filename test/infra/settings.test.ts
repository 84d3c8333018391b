// The parameters of the stack: which there are, what they default to, and which values CloudFormation refuses.
import { describe, expect, it } from 'vitest';
import { synthesizedTemplate } from './template.ts';

const { Parameters } = synthesizedTemplate();

describe('parameters', () => {
  it('are these, with these defaults', () => {
    const defaults = Object.entries(Parameters).map(([name, { Default }]) => [name, Default ?? 'required']);
    expect(Object.fromEntries(defaults)).toEqual({
      ApiKeyDigests: 'required',
      TokenIssuer: 'required',
      TokenAudience: 'required',
      TokenJwksUri: '',
      TokenUserClaim: 'sub',
      TokenTenantClaim: 'tenant',
      TokenRolesClaim: 'roles',
      DefaultTenant: '',
      AllowedSources: '',
      AllowedOrigins: '',
      RateLimitPerMinute: 600,
    });
  });

  it.each(Object.entries(Parameters))(
    '%s says what it is, with an example that it accepts',
    (name, { Description }) => {
      const example = / Example: (\S+)$/.exec(Description)?.[1];
      if (example === undefined) throw new Error(`${name} has no example`);
      expect(accepts(name, example)).toBe(true);
    },
  );

  const digest = 'a'.repeat(64);

  it.each([
    ['ApiKeyDigests', digest],
    ['ApiKeyDigests', `${digest},hotel:${digest}`],
    ['TokenIssuer', 'http://127.0.0.1:4000/issuer'],
    ['TokenIssuer', 'http://localhost:4000'],
    ['TokenJwksUri', ''],
    ['AllowedSources', ''],
    ['AllowedSources', '203.0.113.7'],
    ['AllowedOrigins', ''],
    ['AllowedOrigins', 'http://localhost:5173'],
  ])('%s accepts %j', (name, value) => {
    expect(accepts(name, value)).toBe(true);
  });

  it.each([
    ['ApiKeyDigests', ''],
    ['ApiKeyDigests', 'my-secret-key'],
    ['ApiKeyDigests', digest.toUpperCase()],
    ['ApiKeyDigests', `${digest},`],
    ['ApiKeyDigests', `:${digest}`],
    ['TokenIssuer', ''],
    ['TokenIssuer', 'http://login.example.com'],
    ['TokenIssuer', 'http://localhost.example.com'],
    ['TokenIssuer', 'login.example.com'],
    ['TokenAudience', ''],
    ['TokenJwksUri', 'http://login.example.com/keys'],
    ['TokenUserClaim', ''],
    ['AllowedSources', 'office'],
    ['AllowedSources', '203.0.113.0/24,'],
    ['AllowedOrigins', 'app.example.com'],
    ['AllowedOrigins', 'https://app.example.com/path'],
    ['AllowedOrigins', '*'],
  ])('%s refuses %j', (name, value) => {
    expect(accepts(name, value)).toBe(false);
  });
});

/** As CloudFormation does: the pattern has to match the whole value. */
function accepts(name: string, value: string): boolean {
  const parameter = Parameters[name];
  if (parameter === undefined) throw new Error(`there is no parameter ${name}`);
  if (parameter.Type === 'Number') return Number.isFinite(Number(value));
  return new RegExp(`^(?:${parameter.AllowedPattern ?? '.*'})$`).test(value);
}
