// What each function needs: its size, its time limit, and exactly what it may do. Grants and variables follow from it.
import type { QueueVariable, SettingName, TableName } from '../shared/protocol/environment-names.ts';
import type { FunctionName } from '../shared/protocol/routes.ts';
import type { IndexedTable } from './tables.ts';

/** Actions of DynamoDB that a function may be granted. `Scan` is missing on purpose. */
export type TableAction =
  'BatchGetItem' | 'BatchWriteItem' | 'DeleteItem' | 'GetItem' | 'PutItem' | 'Query' | 'UpdateItem';

/** An index can only be read, and only by key. */
export type IndexAction = 'Query';

/** Actions that a function calls itself. What Lambda calls to feed it from its queue is granted with the event source. */
export type QueueAction = 'ChangeMessageVisibility' | 'GetQueueAttributes' | 'SendMessage';

/** Methods of the gateway's `@connections`. */
export type ConnectionMethod = 'DELETE' | 'POST';

/** Settings whose values are parameters of the stack. The others follow from what a function may do. */
export type ParameterSetting = Exclude<SettingName, 'callbackUrl' | 'openerFunction'>;

export interface FunctionNeeds {
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly tables?: Readonly<Partial<Record<TableName, readonly TableAction[]>>>;
  /** What the function may do with the index of a table; the table itself is a grant of its own. */
  readonly indexes?: Readonly<Partial<Record<IndexedTable, readonly IndexAction[]>>>;
  readonly queues?: Readonly<Partial<Record<QueueVariable, readonly QueueAction[]>>>;
  readonly connections?: readonly ConnectionMethod[];
  readonly settings?: readonly ParameterSetting[];
  readonly startsOpener?: boolean;
  /** The function sends messages to the queue that feeds it. */
  readonly feedsItself?: boolean;
}

const tokenSettings = [
  'tokenIssuer',
  'tokenAudience',
  'tokenJwksUri',
  'tokenUserClaim',
  'tokenTenantClaim',
  'tokenRolesClaim',
  'jwtSecretParameter',
  'jwtSecretIssuer',
  'defaultTenant',
] as const satisfies readonly ParameterSetting[];

const callerSettings = [
  'apiKeyDigests',
  'allowedSources',
  'rateLimitPerMinute',
] as const satisfies readonly ParameterSetting[];

/** What finding out where a person stands takes: logs may begin, and newcomers become members. */
const standing = {
  logs: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
  cursors: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
} as const satisfies FunctionNeeds['tables'];

/** The same, and telling others that somebody has come or said something: a broadcast that nobody asked for over HTTP. */
const telling = {
  ...standing,
  broadcasts: ['PutItem', 'UpdateItem'],
} as const satisfies FunctionNeeds['tables'];

const standingSettings = ['logEra', 'lookBackHours'] as const satisfies readonly ParameterSetting[];

// One broadcast is accepted in several dialects, and reported in several.
const acceptance = {
  memoryMegabytes: 512,
  timeoutSeconds: 15,
  tables: {
    guards: ['GetItem', 'PutItem', 'UpdateItem'],
    broadcasts: ['GetItem', 'PutItem', 'UpdateItem'],
  },
  queues: { broadcasts: ['SendMessage'] },
  settings: [...callerSettings, 'sensitiveFields'],
} as const satisfies FunctionNeeds;

/** A back office that comes with a key, or as an admin with a token. */
const officeSettings = [...callerSettings, ...tokenSettings, 'sensitiveFields'] as const;

const report = {
  memoryMegabytes: 512,
  timeoutSeconds: 15,
  tables: {
    guards: ['UpdateItem'],
    broadcasts: ['GetItem', 'Query'],
    cursors: ['BatchGetItem', 'Query'],
    logs: ['GetItem', 'PutItem', 'Query'],
  },
  settings: [...callerSettings, ...tokenSettings, 'logEra'],
} as const satisfies FunctionNeeds;

// Memory buys processor time (1,769 MB are one core), so what a person waits for gets more of it than it would fill.
export const functionNeeds = {
  connect: {
    memoryMegabytes: 512,
    timeoutSeconds: 10,
    tables: {
      connections: ['GetItem', 'PutItem'],
      subscriptions: ['DeleteItem', 'PutItem'],
      logs: ['GetItem', 'PutItem', 'Query'],
      cursors: ['BatchGetItem', 'GetItem', 'PutItem'],
    },
    queues: { deadlines: ['SendMessage'] },
    settings: [...tokenSettings, ...standingSettings, 'allowedOrigins'],
    startsOpener: true,
  },
  disconnect: {
    memoryMegabytes: 256,
    timeoutSeconds: 10,
    tables: { connections: ['UpdateItem'], subscriptions: ['DeleteItem'] },
    queues: { deadlines: ['SendMessage'] },
  },
  message: {
    memoryMegabytes: 512,
    timeoutSeconds: 29,
    tables: {
      connections: ['GetItem', 'PutItem', 'UpdateItem'],
      subscriptions: ['DeleteItem', 'PutItem', 'Query', 'UpdateItem'],
      ...telling,
      cursors: [...standing.cursors, 'DeleteItem'],
      guards: ['DeleteItem', 'GetItem', 'UpdateItem'],
    },
    queues: { broadcasts: ['SendMessage'], deadlines: ['SendMessage'] },
    connections: ['DELETE', 'POST'],
    settings: [...tokenSettings, ...standingSettings, 'sensitiveFields', 'teams'],
  },
  opener: {
    memoryMegabytes: 512,
    timeoutSeconds: 60,
    tables: {
      connections: ['GetItem', 'UpdateItem'],
      subscriptions: ['DeleteItem'],
      ...telling,
      guards: ['UpdateItem'],
    },
    queues: { broadcasts: ['SendMessage'], deadlines: ['SendMessage'] },
    connections: ['DELETE', 'POST'],
    settings: [...standingSettings, 'sensitiveFields'],
  },
  createBroadcast: acceptance,
  publish: acceptance,
  getDeliveries: report,
  getInbox: {
    memoryMegabytes: 512,
    timeoutSeconds: 15,
    tables: { guards: ['UpdateItem'], ...standing },
    settings: [...tokenSettings, ...standingSettings],
  },
  updateInbox: {
    memoryMegabytes: 512,
    timeoutSeconds: 15,
    tables: {
      guards: ['UpdateItem'],
      connections: ['UpdateItem'],
      subscriptions: ['DeleteItem', 'Query'],
      ...standing,
    },
    connections: ['POST'],
    settings: [...tokenSettings, ...standingSettings],
  },
  getBroadcast: report,
  sendTest: {
    memoryMegabytes: 256,
    timeoutSeconds: 15,
    tables: {
      guards: ['GetItem', 'PutItem', 'UpdateItem'],
      broadcasts: ['GetItem', 'PutItem', 'UpdateItem'],
      subscriptions: ['Query'],
    },
    queues: { broadcasts: ['GetQueueAttributes', 'SendMessage'], deadLetters: ['GetQueueAttributes'] },
    settings: [...callerSettings, 'sensitiveFields'],
  },
  getStatus: {
    memoryMegabytes: 256,
    timeoutSeconds: 15,
    tables: { guards: ['UpdateItem'], subscriptions: ['Query'] },
    queues: { broadcasts: ['GetQueueAttributes'], deadLetters: ['GetQueueAttributes'] },
    settings: callerSettings,
  },
  sweepOutbox: {
    memoryMegabytes: 256,
    timeoutSeconds: 30,
    tables: { broadcasts: ['GetItem', 'UpdateItem'] },
    indexes: { broadcasts: ['Query'] },
    queues: { broadcasts: ['SendMessage'] },
  },
  createBatch: { ...acceptance, timeoutSeconds: 29 },
  hotel: {
    ...acceptance,
    tables: { ...acceptance.tables, subscriptions: ['Query'], ...standing },
    settings: [...officeSettings, ...standingSettings],
  },
  repairShop: {
    ...acceptance,
    tables: { ...acceptance.tables, subscriptions: ['Query'], connections: ['GetItem'] },
    settings: officeSettings,
  },
  leads: { ...acceptance, settings: [...tokenSettings, 'sensitiveFields', 'teams'] },
  supportDesk: {
    ...acceptance,
    tables: { ...acceptance.tables, subscriptions: ['Query'], connections: ['GetItem'] },
    settings: officeSettings,
  },
  documents: {
    memoryMegabytes: 256,
    timeoutSeconds: 10,
    tables: { guards: ['UpdateItem'] },
  },
  fanOut: {
    memoryMegabytes: 1_024,
    timeoutSeconds: 30,
    tables: {
      broadcasts: ['GetItem', 'PutItem', 'UpdateItem'],
      logs: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
      cursors: ['BatchGetItem', 'GetItem', 'UpdateItem'],
      subscriptions: ['DeleteItem', 'Query'],
      connections: ['UpdateItem'],
    },
    queues: { broadcasts: ['ChangeMessageVisibility', 'SendMessage'] },
    connections: ['POST'],
    settings: ['logEra'],
    feedsItself: true,
  },
  enforceDeadline: {
    memoryMegabytes: 512,
    timeoutSeconds: 29,
    tables: {
      connections: ['GetItem', 'UpdateItem'],
      subscriptions: ['DeleteItem', 'Query', 'UpdateItem'],
      ...telling,
      guards: ['DeleteItem', 'GetItem', 'UpdateItem'],
    },
    queues: { broadcasts: ['SendMessage'], deadlines: ['ChangeMessageVisibility', 'SendMessage'] },
    connections: ['DELETE', 'POST'],
    settings: [...standingSettings, 'sensitiveFields'],
    feedsItself: true,
  },
} as const satisfies Record<FunctionName, FunctionNeeds>;
