// What whoever deploys the stack decides, as parameters: the same template runs on one machine and in an account.
import type { CfnParameterProps, Stack } from 'aws-cdk-lib';
import { CfnParameter, Validations } from 'aws-cdk-lib';
import { nameLimits, retention } from '../shared/protocol/limits.ts';
import { mapValues } from './entries.ts';
import type { ParameterSetting } from './function-needs.ts';
import { capitalized } from './logical-id.ts';

const digest = '([^\\s,:]+:)?[0-9a-f]{64}';
const origin = 'https?://[^\\s,/]+';
const block = '[0-9a-fA-F.:]+(/\\d{1,3})?';

// What can be seen of ASCII, and stands in JSON as it is: one character is one byte of an environment.
const plain = '[!#-\\[\\]-~]';
const claim = `^${plain}+$`;

// Tokens are checked with keys that are fetched from there, so plain http is for one machine alone.
const trustedAddress = `(https://${plain}+|http://(127\\.0\\.0\\.1|localhost)(:\\d+)?(/${plain}*)?)`;

// Together the lengths keep each function's environment below Lambda's 4 KB. Names of tenants and fields that are beyond
// ASCII take more bytes than they have characters: where they are many as well, Lambda refuses the deployment.
const addressCharactersMax = 192;
const audienceCharactersMax = 128;
const claimCharactersMax = 96;
const secretNameCharactersMax = 128;
const digestsCharactersMax = 1_300;
const sourcesCharactersMax = 400;
const fieldsCharactersMax = 360;
const originsCharactersMax = 1_000;
const teamsCharactersMax = 1_000;

const parameters: Readonly<Record<ParameterSetting, CfnParameterProps>> = {
  apiKeyDigests: {
    description:
      'Who may call the HTTP API: the SHA-256 digests of the API keys as hex, comma-separated, each after the name of its tenant ' +
      'and a colon, or alone for the tenant named default. Several may be live at once, so that keys can be rotated. ' +
      'Example: hotel:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    allowedPattern: `^${listOf(digest)}$`,
    maxLength: digestsCharactersMax,
    constraintDescription:
      'must be SHA-256 digests of 64 lower-case hex digits, comma-separated, optionally each with tenant: before it',
  },
  tokenIssuer: {
    description:
      'The issuer of the tokens of people, exactly as in their iss claim. Example: https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc123',
    allowedPattern: `^${trustedAddress}$`,
    maxLength: addressCharactersMax,
    constraintDescription: 'must be an https address',
  },
  tokenAudience: {
    description:
      'The aud claim (in access tokens of Cognito: client_id) that tokens must have. Example: 4qm2a1b2c3d4e5f6g7h8i9j0kl',
    allowedPattern: claim,
    maxLength: audienceCharactersMax,
    constraintDescription: 'must be visible ASCII without quotation marks and backslashes',
  },
  tokenJwksUri: {
    description:
      'Where the public keys of the issuer are; empty for the issuer followed by /.well-known/jwks.json. Example: https://login.example.com/keys',
    default: '',
    allowedPattern: `^${trustedAddress}?$`,
    maxLength: addressCharactersMax,
    constraintDescription: 'must be empty or an https address',
  },
  tokenUserClaim: {
    description: 'The claim that names the user. Example: sub',
    default: 'sub',
    allowedPattern: claim,
    maxLength: claimCharactersMax,
  },
  tokenTenantClaim: {
    description: 'The claim that names the tenant. Example: custom:tenant',
    default: 'tenant',
    allowedPattern: claim,
    maxLength: claimCharactersMax,
  },
  tokenRolesClaim: {
    description: "The claim that holds the user's roles, as a list or as words. Example: cognito:groups",
    default: 'roles',
    allowedPattern: claim,
    maxLength: claimCharactersMax,
  },
  jwtSecretParameter: {
    description:
      'The SecureString in Parameter Store that holds the secret of HS256 tokens, for products that still sign that way; empty refuses such tokens. Example: /bellhop/jwt-secret',
    default: '',
    // It becomes part of a policy, so it can hold no wildcard, and begins with a slash.
    allowedPattern: '^((/[A-Za-z0-9_.-]+)+)?$',
    maxLength: secretNameCharactersMax,
    constraintDescription:
      'must be empty or the name of a parameter that begins with a slash, such as /bellhop/jwt-secret',
  },
  jwtSecretIssuer: {
    description:
      'The iss claim of HS256 tokens; empty when they have none. It must not be the TokenIssuer. Example: hotel-backend',
    default: '',
    allowedPattern: `^${plain}*$`,
    maxLength: secretNameCharactersMax,
    constraintDescription: 'must be empty or visible ASCII without quotation marks and backslashes',
  },
  defaultTenant: {
    description: 'The tenant of tokens without a tenant claim; empty refuses such tokens. Example: default',
    default: '',
    maxLength: nameLimits.tenantCharactersMax,
  },
  allowedSources: {
    description:
      'The networks from which API keys are accepted, as addresses or CIDR blocks, comma-separated; empty allows all. Example: 203.0.113.0/24,2001:db8::/32',
    default: '',
    allowedPattern: `^(${listOf(block)})?$`,
    maxLength: sourcesCharactersMax,
    constraintDescription: 'must be empty or addresses and CIDR blocks such as 203.0.113.0/24, comma-separated',
  },
  allowedOrigins: {
    description:
      'The origins of the web pages that may open a socket or call the HTTP API, comma-separated; empty allows all. Example: https://app.example.com,https://office.example.com',
    default: '',
    allowedPattern: `^(${listOf(origin)})?$`,
    maxLength: originsCharactersMax,
    constraintDescription: 'must be empty or origins such as https://app.example.com without a path, comma-separated',
  },
  rateLimitPerMinute: {
    type: 'Number',
    description: 'How many requests a minute each API key may make. Example: 600',
    default: 600,
    minValue: 1,
  },
  sensitiveFields: {
    description:
      'Names of fields that are dropped from every notification before it is stored, at any depth, comma-separated. Example: password,cardNumber',
    default: '',
    allowedPattern: '^([^\\s,]+(,[^\\s,]+)*)?$',
    maxLength: fieldsCharactersMax,
    constraintDescription: 'must be empty or names without spaces, comma-separated',
  },
  teams: {
    description:
      'The tenants whose members may broadcast to each other (/api/ws/..., messages to everybody), comma-separated; * for every tenant, ' +
      'empty for none. Leave tenants out whose users are customers or guests. Example: sales-north,sales-south',
    default: '',
    allowedPattern: '^(\\*|[^\\s,*]+(,[^\\s,*]+)*)?$',
    maxLength: teamsCharactersMax,
    constraintDescription: 'must be empty, *, or names of tenants, comma-separated',
  },
  logEra: {
    description:
      'Which life of the table of logs this is. After that table was restored it needs a value that it never had: then all logs ' +
      'begin new epochs, so that every client is told. Example: restored-2031-05-17',
    default: '1',
    allowedPattern: '^[A-Za-z0-9-]+$',
    maxLength: 32,
    constraintDescription: 'must be letters, digits and dashes',
  },
  lookBackHours: {
    type: 'Number',
    description: "How many hours of a wide topic's past a newcomer gets; 0 for none. Example: 24",
    default: 0,
    minValue: 0,
    maxValue: retention.notificationMs / retention.lookBackUnitMs,
  },
};

/** The rule goes by names, and findings about parameters belong to the stack as a whole. */
const noSecrets = {
  id: 'CloudFormation-Validate::W2509',
  reason: 'No parameter holds a secret: one says where a secret is, another who has it too.',
};

/** Makes the parameters in the stack; returns what stands for each value in the template. */
export function stackSettings(stack: Stack): Readonly<Record<ParameterSetting, string>> {
  Validations.of(stack).acknowledge(noSecrets);
  return mapValues(parameters, (properties, name) => {
    const parameter = new CfnParameter(stack, capitalized(name), properties);
    return parameter.value.toString();
  });
}

function listOf(entry: string): string {
  return `${entry}(,${entry})*`;
}
