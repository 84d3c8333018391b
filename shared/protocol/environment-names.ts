// The names of the environment variables that infrastructure sets and functions/environment.ts reads.

/** One variable a table; a function is given only those of the tables that it may use. */
export const tableVariables = {
  connections: 'CONNECTIONS_TABLE',
  subscriptions: 'SUBSCRIPTIONS_TABLE',
  logs: 'LOGS_TABLE',
  cursors: 'CURSORS_TABLE',
  broadcasts: 'BROADCASTS_TABLE',
  guards: 'GUARDS_TABLE',
} as const;

export const queueVariables = {
  broadcasts: 'BROADCAST_QUEUE_URL',
  deadLetters: 'DEAD_LETTER_QUEUE_URL',
  deadlines: 'DEADLINE_QUEUE_URL',
} as const;

export const settingVariables = {
  /** `https://{api}.execute-api.{region}.amazonaws.com/{stage}`: where posts to connections go. Never built from an event's domain name. */
  callbackUrl: 'CALLBACK_URL',
  openerFunction: 'OPENER_FUNCTION',
  /** Comma-separated `sha256-hex` or `tenant:sha256-hex`. Digests, never keys. */
  apiKeyDigests: 'API_KEY_DIGESTS',
  /** Comma-separated CIDR blocks; empty allows every source. */
  allowedSources: 'ALLOWED_SOURCES',
  rateLimitPerMinute: 'RATE_LIMIT_PER_MINUTE',
  /** Comma-separated origins that browsers may connect from; empty allows every origin. */
  allowedOrigins: 'ALLOWED_ORIGINS',
  tokenIssuer: 'TOKEN_ISSUER',
  tokenAudience: 'TOKEN_AUDIENCE',
  tokenJwksUri: 'TOKEN_JWKS_URI',
  tokenUserClaim: 'TOKEN_USER_CLAIM',
  tokenTenantClaim: 'TOKEN_TENANT_CLAIM',
  tokenRolesClaim: 'TOKEN_ROLES_CLAIM',
  /** The name of the SecureString in Parameter Store that holds the secret of HS256 tokens; empty refuses such tokens. */
  jwtSecretParameter: 'JWT_SECRET_PARAMETER',
  /** The `iss` of HS256 tokens; empty when they have none. */
  jwtSecretIssuer: 'JWT_SECRET_ISSUER',
  /** Comma-separated names of fields that are dropped from what is sent, at any depth. */
  sensitiveFields: 'SENSITIVE_FIELDS',
  /** Comma-separated tenants whose members may tell each other anything; `*` is every tenant. */
  teams: 'TEAMS',
  /** Which life of the logs this is: a text never used before after the table of logs was restored, so that every client is told. */
  logEra: 'LOG_ERA',
  /** How many hours of a wide topic's past a newcomer gets; 0 for none. */
  lookBackHours: 'LOOK_BACK_HOURS',
  /** The tenant of a token without a tenant claim; empty refuses such tokens. */
  defaultTenant: 'DEFAULT_TENANT',
} as const;

export type QueueVariable = keyof typeof queueVariables;
export type TableName = keyof typeof tableVariables;
export type SettingName = keyof typeof settingVariables;
