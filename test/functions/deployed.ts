// The environment of a deployed function, and an ear on what it logs.
import { afterEach, beforeEach, vi } from 'vitest';
import type { SettingName } from '../../shared/protocol/environment-names.ts';
import { queueVariables, settingVariables, tableVariables } from '../../shared/protocol/environment-names.ts';
import { digest } from '../../shared/system/digest.ts';

export const apiKey = 'the-secret-api-key';

const settings: Readonly<Record<SettingName, string>> = {
  callbackUrl: 'https://socket.example.com/live',
  openerFunction: 'opener-function',
  apiKeyDigests: digest.sha256Hex(apiKey),
  allowedSources: '',
  rateLimitPerMinute: '600',
  allowedOrigins: 'https://app.example.com, https://admin.example.com',
  tokenIssuer: 'https://issuer.example',
  tokenAudience: 'bellhop',
  tokenJwksUri: 'http://127.0.0.1:1/jwks.json',
  tokenUserClaim: 'sub',
  tokenTenantClaim: 'tenant',
  tokenRolesClaim: 'roles',
  jwtSecretParameter: '',
  jwtSecretIssuer: '',
  defaultTenant: 'default',
  logEra: '1',
  lookBackHours: '0',
  sensitiveFields: '',
  teams: '',
};

/** To be called before a handler is imported, which reads its environment then. Tables are called after their names. */
export function deploy(given: Partial<Record<SettingName, string>> = {}): void {
  process.env['AWS_REGION'] = 'eu-central-1';
  for (const [name, variable] of Object.entries(tableVariables)) process.env[variable] = name;
  for (const [name, variable] of Object.entries(queueVariables)) {
    process.env[variable] = `https://sqs.eu-central-1.amazonaws.com/1/${name}`;
  }
  for (const [name, value] of Object.entries({ ...settings, ...given })) {
    process.env[settingVariables[name as SettingName]] = value;
  }
}

/** Keeps what is written to the standard output during a test, and gives it back as one text. */
export function listenToLogs(): () => string {
  let written = '';
  beforeEach(() => {
    written = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  return () => written;
}

/** An error as the SDK throws it: told apart by its name, with the status of the answer. */
export function sdkError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(`${name} from the SDK`), { name, $metadata: { httpStatusCode } });
}
