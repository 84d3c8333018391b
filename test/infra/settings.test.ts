// The parameters of the stack: which there are, what they default to, and which values CloudFormation refuses.
import { describe, expect, it } from 'vitest';
import { readable, resourceOf, resourcesOf, synthesizedTemplate } from './template.ts';

const template = synthesizedTemplate();
const { Parameters } = template;

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
      JwtSecretParameter: '',
      JwtSecretIssuer: '',
      DefaultTenant: '',
      AllowedSources: '',
      AllowedOrigins: '',
      RateLimitPerMinute: 600,
      SensitiveFields: '',
      Teams: '',
      LogEra: '1',
      LookBackHours: 0,
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
    ['JwtSecretParameter', ''],
    ['JwtSecretParameter', '/a/Deep-er/na_me.1'],
    ['JwtSecretIssuer', ''],
    ['JwtSecretIssuer', 'https://hotel.example.com/'],
    ['AllowedSources', ''],
    ['AllowedSources', '203.0.113.7'],
    ['AllowedOrigins', ''],
    ['AllowedOrigins', 'http://localhost:5173'],
    ['RateLimitPerMinute', '1'],
    ['SensitiveFields', ''],
    ['SensitiveFields', 'password'],
    ['SensitiveFields', 'größe,card-number'],
    ['Teams', ''],
    ['Teams', '*'],
    ['Teams', 'sales-north'],
    ['LogEra', '1'],
    ['LogEra', 'restored-2031-05-17'],
    ['LookBackHours', '0'],
    ['LookBackHours', '720'],
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
    ['TokenIssuer', `https://login.example.com/${'x'.repeat(192)}`],
    ['TokenIssuer', 'https://login.example.com/"'],
    ['TokenUserClaim', ''],
    ['TokenUserClaim', 'a claim'],
    ['TokenUserClaim', 'claim\\'],
    ['TokenUserClaim', 'größe'],
    ['JwtSecretParameter', 'bellhop/jwt-secret'],
    ['JwtSecretParameter', '/'],
    ['JwtSecretParameter', '/bellhop/'],
    ['JwtSecretParameter', '/bellhop/*'],
    ['JwtSecretParameter', '/bellhop/?'],
    ['JwtSecretParameter', '/bellhop/${aws:username}'],
    ['JwtSecretParameter', 'arn:aws:ssm:eu-central-1:123456789012:parameter/bellhop'],
    ['JwtSecretParameter', `/${'x'.repeat(128)}`],
    ['JwtSecretIssuer', 'hotel backend'],
    ['AllowedSources', 'office'],
    ['AllowedSources', '203.0.113.0/24,'],
    ['AllowedOrigins', 'app.example.com'],
    ['AllowedOrigins', 'https://app.example.com/path'],
    ['AllowedOrigins', '*'],
    ['SensitiveFields', 'password, cardNumber'],
    ['SensitiveFields', 'password,'],
    ['SensitiveFields', 'f'.repeat(361)],
    ['Teams', 'sales-north,*'],
    ['Teams', 'sales*'],
    ['Teams', 'sales north'],
    ['RateLimitPerMinute', '0'],
    ['RateLimitPerMinute', 'many'],
    ['LogEra', ''],
    ['LogEra', 'second life'],
    ['LogEra', 'e'.repeat(33)],
    ['LookBackHours', '-1'],
    ['LookBackHours', '721'],
  ])('%s refuses %j', (name, value) => {
    expect(accepts(name, value)).toBe(false);
  });
});

describe('environments', () => {
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  const environmentBytesMax = 4_096;

  it.each(Object.entries(resourcesOf(template, 'AWS::Lambda::Function')))(
    '%s has room for the longest of every setting',
    (_, { Properties }) => {
      const { Variables } = Properties['Environment'] as { readonly Variables: Readonly<Record<string, unknown>> };
      const longest = Object.entries(Variables).map(([name, value]) => [name, 'x'.repeat(longestOf(readable(value)))]);
      // Lambda measures names and values together, as JSON: whoever is refused is shown the text that it has measured.
      expect(JSON.stringify(Object.fromEntries(longest)).length).toBeLessThanOrEqual(environmentBytesMax);
    },
  );
});

/** How long a value in an environment can get: the bound of a parameter, or the form of what AWS names. */
function longestOf(value: string): number {
  const parameter = Parameters[value];
  if (parameter?.Type === 'Number') return '1.7976931348623157e+308'.length;
  if (parameter !== undefined) {
    if (parameter.MaxLength === undefined) throw new Error(`${value} has no longest value`);
    return parameter.MaxLength;
  }
  const region = 'ap-northeast-1';
  if (value.startsWith('https://')) return `https://abcdefghij.execute-api.${region}.amazonaws.com.cn/live`.length;
  const name = `Bellhop-${value}-1234567890123`;
  const isQueue = resourceOf(template, value).Type === 'AWS::SQS::Queue';
  return (isQueue ? `https://sqs.${region}.amazonaws.com.cn/123456789012/${name}` : name).length;
}

/** As CloudFormation does: the pattern has to match the whole value, and both ends of a range belong to it. */
function accepts(name: string, value: string): boolean {
  const parameter = Parameters[name];
  if (parameter === undefined) throw new Error(`there is no parameter ${name}`);
  const { Type, MinValue = -Infinity, MaxValue = Infinity, MaxLength = Infinity } = parameter;
  if (Type === 'Number') return Number(value) >= MinValue && Number(value) <= MaxValue;
  if (value.length > MaxLength) return false;
  return new RegExp(`^(?:${parameter.AllowedPattern ?? '.*'})$`).test(value);
}
