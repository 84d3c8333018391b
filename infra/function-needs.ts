// What each function needs: its size, its time limit, and exactly what it may do. Grants and variables follow from it.
import type { QueueVariable, SettingName, TableName } from '../shared/protocol/environment-names.ts';
import type { RouteName } from '../shared/protocol/routes.ts';

/** Actions of DynamoDB that a function may be granted. `Scan` is missing on purpose. */
export type TableAction =
  'BatchGetItem' | 'BatchWriteItem' | 'DeleteItem' | 'GetItem' | 'PutItem' | 'Query' | 'UpdateItem';

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
  'defaultTenant',
] as const satisfies readonly ParameterSetting[];

const callerSettings = [
  'apiKeyDigests',
  'allowedSources',
  'rateLimitPerMinute',
] as const satisfies readonly ParameterSetting[];

// Memory buys processor time (1,769 MB are one core), so what a person waits for gets more of it than it would fill.
export const functionNeeds = {
  connect: {
    memoryMegabytes: 512,
    timeoutSeconds: 10,
    tables: {
      connections: ['GetItem', 'PutItem'],
      subscriptions: ['DeleteItem', 'PutItem'],
      logs: ['GetItem', 'PutItem'],
      cursors: ['BatchGetItem', 'GetItem', 'PutItem'],
    },
    queues: { deadlines: ['SendMessage'] },
    settings: [...tokenSettings, 'allowedOrigins'],
    startsOpener: true,
  },
  disconnect: {
    memoryMegabytes: 256,
    timeoutSeconds: 10,
    tables: { connections: ['UpdateItem'], subscriptions: ['DeleteItem'] },
  },
  message: {
    memoryMegabytes: 512,
    timeoutSeconds: 29,
    tables: {
      connections: ['GetItem', 'PutItem', 'UpdateItem'],
      subscriptions: ['DeleteItem', 'PutItem'],
      logs: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
      cursors: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
    },
    connections: ['DELETE', 'POST'],
    settings: tokenSettings,
  },
  opener: {
    memoryMegabytes: 512,
    timeoutSeconds: 60,
    tables: {
      connections: ['GetItem', 'UpdateItem'],
      subscriptions: ['DeleteItem'],
      logs: ['Query'],
      cursors: ['BatchGetItem'],
    },
    connections: ['DELETE', 'POST'],
  },
  createBroadcast: {
    memoryMegabytes: 512,
    timeoutSeconds: 15,
    tables: {
      guards: ['GetItem', 'PutItem', 'UpdateItem'],
      broadcasts: ['GetItem', 'PutItem', 'UpdateItem'],
    },
    queues: { broadcasts: ['SendMessage'] },
    settings: callerSettings,
  },
  getBroadcast: {
    memoryMegabytes: 512,
    timeoutSeconds: 15,
    tables: { guards: ['UpdateItem'], broadcasts: ['GetItem', 'Query'], cursors: ['BatchGetItem', 'Query'] },
    settings: callerSettings,
  },
  sendTest: {
    memoryMegabytes: 256,
    timeoutSeconds: 15,
    tables: {
      guards: ['GetItem', 'PutItem', 'UpdateItem'],
      broadcasts: ['GetItem', 'PutItem', 'UpdateItem'],
      subscriptions: ['Query'],
    },
    queues: { broadcasts: ['GetQueueAttributes', 'SendMessage'], deadLetters: ['GetQueueAttributes'] },
    settings: callerSettings,
  },
  getStatus: {
    memoryMegabytes: 256,
    timeoutSeconds: 15,
    tables: { guards: ['UpdateItem'], subscriptions: ['Query'] },
    queues: { broadcasts: ['GetQueueAttributes'], deadLetters: ['GetQueueAttributes'] },
    settings: callerSettings,
  },
  fanOut: {
    memoryMegabytes: 1_024,
    timeoutSeconds: 30,
    tables: {
      broadcasts: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
      logs: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
      subscriptions: ['DeleteItem', 'Query'],
      connections: ['UpdateItem'],
    },
    queues: { broadcasts: ['ChangeMessageVisibility', 'SendMessage'] },
    connections: ['POST'],
    feedsItself: true,
  },
  enforceDeadline: {
    memoryMegabytes: 256,
    timeoutSeconds: 10,
    tables: { connections: ['GetItem', 'UpdateItem'], subscriptions: ['DeleteItem'] },
    queues: { deadlines: ['ChangeMessageVisibility'] },
    connections: ['DELETE', 'POST'],
  },
} as const satisfies Record<RouteName, FunctionNeeds>;
