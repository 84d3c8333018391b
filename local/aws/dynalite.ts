// Typed access to the parts of dynalite 4.0.0 that do the work: its store, its checks and its operations.
//
// dynalite's own HTTP server is left out: it would parse every request a second time, and it throws out of its callbacks,
// which would end the whole runtime.

import { createRequire } from 'node:module';
import { Readable } from 'node:stream';

const load = createRequire(import.meta.url);

/** The operations that the local runtime serves; tables themselves belong to the template. */
export const operationNames = [
  'BatchGetItem',
  'BatchWriteItem',
  'DeleteItem',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
] as const;

export type OperationName = (typeof operationNames)[number];
type Parameters = Record<string, unknown>;
type Answer<T> = (error: Error | null, result?: T) => void;

/** A table as dynalite stores it. */
export interface StoredTable extends Parameters {
  readonly TableStatus: string;
  readonly KeySchema: unknown;
  readonly AttributeDefinitions: unknown;
  readonly GlobalSecondaryIndexes?: readonly StoredIndex[];
  readonly LocalSecondaryIndexes?: readonly StoredIndex[];
}

export interface StoredIndex extends Parameters {
  readonly IndexName: string;
  readonly KeySchema: unknown;
  readonly Projection: unknown;
}

interface Level {
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: string, answer: Answer<unknown>): void;
  getSync(key: string): unknown;
  values(options: object): { nextv(count: number): Promise<unknown[]>; close(): Promise<void> };
  createValueStream(options: object): Readable;
}

export interface Store {
  readonly db: Level;
  readonly tableDb: { put(name: string, table: StoredTable, answer: Answer<undefined>): void };
  getTable(name: string, checkStatus: boolean | Answer<StoredTable>, answer?: Answer<StoredTable>): void;
}

type Action = (store: Store, parameters: Parameters, answer: Answer<Parameters>) => void;

interface Operation {
  readonly action: Action;
  readonly validation: { readonly types: Parameters; readonly custom?: unknown };
}

const validations = load('dynalite/validations/index.js') as {
  checkTypes(parameters: Parameters, types: Parameters): Parameters;
  checkValidations(parameters: Parameters, types: Parameters, custom: unknown, store: Store): void;
};
const database = load('dynalite/db/index.js') as { create(options: object): Store };
const operations = new Map<string, Operation>(
  [...operationNames, 'CreateTable'].map((name) => {
    const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
    const action = load(`dynalite/actions/${file}`) as Action;
    return [name, { action, validation: load(`dynalite/validations/${file}`) as Operation['validation'] }];
  }),
);

/** What DynamoDB answers when it refuses a call. */
export class DynamoFault extends Error {
  override readonly name = 'DynamoFault';
  readonly status: number;
  readonly body: object;

  constructor(status: number, body: object) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

/** @throws the error of LevelDB, whose `cause.code` is `LEVEL_LOCKED` while another process has the folder open. */
export async function openStore(directory: string): Promise<Store> {
  const store = database.create({ path: directory, createTableMs: 0 });
  // dynalite opens it lazily and then hides why that failed.
  await store.db.open();
  store.db.get = (key, answer) => {
    process.nextTick(() => {
      let value: unknown;
      try {
        value = store.db.getSync(key);
      } catch (error) {
        answer(error as Error);
        return;
      }
      answer(null, value);
    });
  };
  store.db.createValueStream = (options) => streamValues(store.db, options);
  return store;
}

/** dynalite's own stream fetches entry by entry, and never closes the iterator of a query that stops early. */
function streamValues(db: Level, options: object): Readable {
  const iterator = db.values(options);
  return new Readable({
    objectMode: true,
    highWaterMark: 64,
    read(size) {
      iterator.nextv(Math.max(size, 1)).then(
        (values) => {
          for (const value of values) this.push(value);
          if (values.length === 0) this.push(null);
        },
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy(error, done) {
      iterator.close().then(
        () => {
          done(error);
        },
        () => {
          done(error);
        },
      );
    },
  });
}

/**
 * Runs one operation; `parameters` are changed by it.
 * @throws DynamoFault for what DynamoDB refuses
 */
export async function run(
  store: Store,
  name: OperationName | 'CreateTable',
  parameters: Parameters,
): Promise<Parameters> {
  const operation = operations.get(name);
  if (operation === undefined) throw new Error(`dynalite has no operation ${name}.`);
  const { action, validation } = operation;
  try {
    const checked = validations.checkTypes(parameters, validation.types);
    validations.checkValidations(checked, validation.types, validation.custom, store);
    return await new Promise<Parameters>((resolve, reject) => {
      action(store, checked, (error, result) => {
        if (error === null || (error as unknown) === undefined) resolve(result ?? {});
        else reject(error);
      });
    });
  } catch (error) {
    if (isRefusal(error)) throw new DynamoFault(error.statusCode, error.body);
    throw error;
  }
}

function isRefusal(error: unknown): error is { statusCode: number; body: object } {
  return typeof error === 'object' && error !== null && 'statusCode' in error && 'body' in error;
}

/** The parameters of an operation that dynalite does not know, and would silently leave out. */
export function unknownParameter(name: OperationName, parameters: Parameters): string | undefined {
  const types = operations.get(name)?.validation.types ?? {};
  return Object.keys(parameters).find((parameter) => !Object.hasOwn(types, parameter));
}
