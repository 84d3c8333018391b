// DynamoDB: the tables of the template in dynalite, and its API with the permission checks of each caller.

import { arnOf } from '../account.ts';
import type { AwsRequest, AwsResponse, TableModel } from '../contracts.ts';
import { RuntimeError } from '../runtime-error.ts';
import { failure, json, type AwsService, type Caller } from './caller.ts';
import {
  DynamoFault,
  openStore,
  operationNames,
  run,
  unknownParameter,
  type OperationName,
  type Store,
  type StoredIndex,
  type StoredTable,
} from './dynalite.ts';

type Parameters = Record<string, unknown>;

export interface DynamoDb {
  readonly serve: AwsService;
  /** Runs an operation for the runtime itself, without a permission check. */
  execute(operation: OperationName, parameters: Parameters): Promise<Parameters>;
  close(): Promise<void>;
}

/**
 * Opens the database in a folder and makes the tables that it lacks.
 * @throws RuntimeError when a table that is there does not fit the template; LevelDB's error when the folder is in use
 */
export async function openDynamoDb(directory: string, tables: readonly TableModel[]): Promise<DynamoDb> {
  const store = await openStore(directory);
  try {
    const ready = new Map<string, StoredTable>();
    for (const table of tables) ready.set(table.name, await prepareTable(store, table, directory));
    // Tables never change while the runtime runs, and dynalite asks for the table in every call.
    const getTable = store.getTable.bind(store);
    store.getTable = (name, checkStatus, answer) => {
      const table = ready.get(name);
      const done = typeof checkStatus === 'function' ? checkStatus : answer;
      if (table === undefined || done === undefined) getTable(name, checkStatus, answer);
      else done(null, table);
    };
  } catch (error) {
    await store.db.close();
    throw error;
  }
  return {
    serve: (request, caller) => serve(store, request, caller),
    execute: (operation, parameters) => run(store, operation, parameters),
    close: () => store.db.close(),
  };
}

async function prepareTable(store: Store, model: TableModel, directory: string): Promise<StoredTable> {
  const found = await storedTable(store, model.name);
  if (found !== null && shapeOf(found) !== shapeOfModel(model)) {
    throw new RuntimeError(
      `Table ${model.name} in ${directory} has other keys or indexes than the template: ` +
        'use another data folder, or delete this one with everything in it.',
    );
  }
  if (found === null) await createTable(store, model);
  const created = found ?? (await storedTable(store, model.name));
  if (created === null) throw new Error(`Table ${model.name} was not made.`);
  // dynalite makes it active a moment later; a crash in that moment would leave it unusable for ever.
  const active: StoredTable = { ...created, TableStatus: 'ACTIVE' };
  await new Promise<void>((resolve, reject) => {
    store.tableDb.put(model.name, active, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  return active;
}

async function createTable(store: Store, model: TableModel): Promise<void> {
  try {
    await run(store, 'CreateTable', {
      TableName: model.name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: structuredClone(model.attributes),
      KeySchema: structuredClone(model.key),
      ...(model.globalIndexes.length > 0 && { GlobalSecondaryIndexes: structuredClone(model.globalIndexes) }),
      ...(model.localIndexes.length > 0 && { LocalSecondaryIndexes: structuredClone(model.localIndexes) }),
    });
  } catch (error) {
    if (error instanceof DynamoFault) throw new RuntimeError(`Table ${model.name} is refused: ${error.message}`);
    throw error;
  }
}

function storedTable(store: Store, name: string): Promise<StoredTable | null> {
  return new Promise((resolve, reject) => {
    store.getTable(name, false, (error, table) => {
      if (error !== null && error.name !== 'NotFoundError') reject(error);
      else resolve(table ?? null);
    });
  });
}

function shapeOf(table: StoredTable): string {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = table;
  return shape(KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes);
}

function shapeOfModel({ key, attributes, globalIndexes, localIndexes }: TableModel): string {
  return shape(key, attributes, globalIndexes, localIndexes);
}

type IndexShape = Pick<StoredIndex, 'IndexName' | 'KeySchema' | 'Projection'>;

function shape(key: unknown, attributes: unknown, ...indexes: readonly (readonly IndexShape[])[]): string {
  const definitions = Array.isArray(attributes) ? attributes.map((entry) => JSON.stringify(entry)).sort() : [];
  const kept = indexes.map((list) =>
    list.map(({ IndexName, KeySchema, Projection }) => JSON.stringify([IndexName, KeySchema, Projection])).sort(),
  );
  return JSON.stringify([key, definitions, kept]);
}

async function serve(store: Store, request: AwsRequest, caller: Caller): Promise<AwsResponse> {
  const target = request.headers['x-amz-target'] ?? '';
  const operation = operationNames.find((name) => target === `DynamoDB_20120810.${name}`);
  if (operation === undefined) {
    return failure(400, 'UnknownOperationException', `The local runtime does not serve ${target || 'this request'}.`);
  }
  const parameters = parse(request.body);
  if (parameters === null) return failure(400, 'SerializationException', 'The body is not a JSON object.');
  for (const resource of resourcesOf(operation, parameters)) {
    const refused = caller.refusal(`dynamodb:${operation}`, resource);
    if (refused !== null) return refused;
  }
  const unknown = unknownParameter(operation, parameters);
  if (unknown !== undefined) {
    const body = { __type: 'com.amazon.coral.validate#ValidationException' };
    return json(400, { ...body, message: `The local runtime does not know the parameter ${unknown} of ${operation}.` });
  }
  try {
    return json(200, await run(store, operation, parameters));
  } catch (error) {
    if (error instanceof DynamoFault) return json(error.status, error.body);
    throw error;
  }
}

function parse(body: Buffer): Parameters | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Parameters) : null;
  } catch {
    return null;
  }
}

/** What a call touches, as IAM sees it: every table of a batch, and the index of a query instead of its table. */
function resourcesOf(operation: OperationName, parameters: Parameters): readonly string[] {
  if (operation === 'ListTables') return ['*'];
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
    return Object.keys(parameters['RequestItems'] ?? {}).map((name) => arnOf('dynamodb', `table/${name}`));
  }
  const index = parameters['IndexName'];
  const suffix = typeof index === 'string' ? `/index/${index}` : '';
  return [arnOf('dynamodb', `table/${String(parameters['TableName'])}${suffix}`)];
}
