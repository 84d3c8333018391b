// The stack's own tables in dynalite, in this process, with a meter of DynamoDB's write units in front of them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { bundleFunctions } from '../infra/bundle.ts';
import { synthesize } from '../infra/synthesize.ts';
import type { DynamoDb } from '../local/aws/dynamodb.ts';
import { openDynamoDb } from '../local/aws/dynamodb.ts';
import { DynamoFault } from '../local/aws/dynalite.ts';
import type { TableModel } from '../local/contracts.ts';
import { readTemplate } from '../local/template/template.ts';
import type { TableName } from '../shared/protocol/environment-names.ts';
import type { Item, Write } from './write-units.ts';
import { indexUnits, unitsOfRefusal } from './write-units.ts';

export interface MeteredTables {
  readonly documents: DynamoDBDocumentClient;
  readonly names: Readonly<Record<TableName, string>>;
  /** A table that is none of the stack's, with `pk` and `sk`. */
  readonly extraName: string;
  /** Every write since the last call. */
  take(): readonly Write[];
  close(): Promise<void>;
}

type Operation = Parameters<DynamoDb['execute']>[0];
type Fields = Record<string, unknown>;

const extra: TableModel = {
  logicalId: 'Extra',
  name: 'Extra',
  arn: 'Extra',
  attributes: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  key: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  globalIndexes: [],
  localIndexes: [],
  expiryAttribute: null,
};

const writes: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);
const reads: ReadonlySet<string> = new Set(['BatchGetItem', 'GetItem', 'Query']);

export async function openMeteredTables(): Promise<MeteredTables> {
  // Node 20 develops, the deployed functions run on a newer one; the SDK would say so here.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const directory = await mkdtemp(join(tmpdir(), 'bellhop-writes-'));
  const models = [...(await tablesOfTheStack(directory)), extra];
  const database = await openDynamoDb(join(directory, 'tables'), models);
  let taken: Write[] = [];
  const run = async (operation: Operation, parameters: Fields): Promise<Fields> => {
    if (reads.has(operation)) return database.execute(operation, parameters);
    if (!writes.has(operation)) throw new Error(`the meter does not know ${operation}`);
    const model = models.find(({ name }) => name === parameters['TableName']);
    if (model === undefined) throw new Error(`there is no table ${String(parameters['TableName'])}`);
    return metered(database, model, operation, parameters, (write) => taken.push(write));
  };
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler: { handle: async (request: WireRequest) => ({ response: await answer(run, request) }) },
  });
  const nameOf = (logicalId: string): string => models.find((model) => model.logicalId === logicalId)?.name ?? '';
  return {
    documents: DynamoDBDocumentClient.from(client),
    names: {
      connections: nameOf('ConnectionsTable'),
      subscriptions: nameOf('SubscriptionsTable'),
      logs: nameOf('LogsTable'),
      cursors: nameOf('CursorsTable'),
      broadcasts: nameOf('BroadcastsTable'),
      guards: nameOf('GuardsTable'),
    },
    extraName: extra.name,
    take: () => {
      const all = taken;
      taken = [];
      return all;
    },
    close: async () => {
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** From the template, so that what deploys is what is counted. */
async function tablesOfTheStack(directory: string): Promise<readonly TableModel[]> {
  const bundleDirectory = join(directory, 'functions');
  await bundleFunctions(bundleDirectory);
  const { template, assemblyDirectory } = synthesize({ bundleDirectory, outDirectory: join(directory, 'assembly') });
  const nowhere = 'http://127.0.0.1';
  return readTemplate({
    template,
    assemblyDirectory,
    parameters: { ApiKeyDigests: '0'.repeat(64), TokenIssuer: 'https://bench.example', TokenAudience: 'bench' },
    addresses: { publicUrl: nowhere, awsEndpoint: nowhere },
  }).tables;
}

/** What of an HTTP request the SDK hands to its transport. */
interface WireRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

async function answer(
  run: (operation: Operation, parameters: Fields) => Promise<Fields>,
  { headers, body }: WireRequest,
): Promise<object> {
  const operation = (headers['x-amz-target'] ?? '').replace('DynamoDB_20120810.', '') as Operation;
  try {
    return response(200, await run(operation, JSON.parse(new TextDecoder().decode(body)) as Fields));
  } catch (error) {
    if (error instanceof DynamoFault) return response(error.status, error.body);
    throw error;
  }
}

function response(statusCode: number, body: object): object {
  return {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** Runs one write, and notes what DynamoDB would charge for it: the item, its places in indexes, and a refusal as well. */
async function metered(
  database: DynamoDb,
  model: TableModel,
  operation: Operation,
  parameters: Fields,
  note: (write: Write) => void,
): Promise<Fields> {
  const TableName = model.name;
  const given = (parameters['Item'] ?? parameters['Key']) as Item;
  const Key = Object.fromEntries(model.key.map(({ AttributeName }) => [AttributeName, given[AttributeName]]));
  const read = async (): Promise<Item | null> => {
    const found = await database.execute('GetItem', { TableName, Key: structuredClone(Key), ConsistentRead: true });
    return (found['Item'] as Item | undefined) ?? null;
  };
  const isIndexed = model.globalIndexes.length > 0;
  const before = isIndexed ? await read() : null;
  const noted = { table: model.logicalId, operation, key: given };
  try {
    const result = await database.execute(operation, { ...parameters, ReturnConsumedCapacity: 'INDEXES' });
    const { ConsumedCapacity, ...rest } = result;
    note({ ...noted, to: 'item', units: (ConsumedCapacity as { readonly CapacityUnits: number }).CapacityUnits });
    // dynalite does not count what an index costs.
    const units = isIndexed ? indexUnits(model, before, await read()) : 0;
    if (units > 0) note({ ...noted, to: 'index', units });
    return rest;
  } catch (error) {
    if (error instanceof DynamoFault && error.message.includes('ConditionalCheckFailed'))
      note({ ...noted, to: 'refused', units: unitsOfRefusal(before ?? (await read())) });
    throw error;
  }
}
