// The AWS endpoint with tables, queues and functions of a test's own, and what its clients need to reach it.
import { onTestFinished } from 'vitest';
import { openRootIdentity, functionIdentity, type Credentials } from '../../../local/aws/identities.ts';
import { openDynamoDb, type DynamoDb } from '../../../local/aws/dynamodb.ts';
import { listenForAws } from '../../../local/aws/endpoint.ts';
import { executeApiService } from '../../../local/aws/execute-api.ts';
import { lambdaService } from '../../../local/aws/lambda.ts';
import { ssmService } from '../../../local/aws/ssm.ts';
import type {
  AwsRequest,
  AwsResponse,
  Functions,
  QueueModel,
  Statement,
  TableModel,
} from '../../../local/contracts.ts';
import { createGuard, type Guard } from '../../../local/permissions.ts';
import { sqsService } from '../../../local/sqs/api.ts';
import { openQueues, type Queues } from '../../../local/sqs/queues.ts';
import { functionModel } from '../function-model.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly maxAttempts: number;
}

export interface AwsStand {
  readonly endpoint: string;
  readonly queues: Queues;
  readonly database: DynamoDb;
  readonly guard: Guard;
  /** What went wrong inside, which should be nothing. */
  readonly errors: readonly unknown[];
  /** For clients of the operator, who may do everything. */
  readonly operator: ClientSettings;
  /** For clients of the function `Caller`, who has the permissions of the options. */
  readonly caller: ClientSettings;
}

export interface StandOptions {
  readonly tables?: readonly TableModel[];
  readonly queues?: readonly QueueModel[];
  readonly functions?: Functions;
  readonly functionNames?: readonly string[];
  /** What the one function that calls may do. */
  readonly permissions?: readonly Statement[];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly manage?: (request: AwsRequest) => Promise<AwsResponse>;
}

const noFunctions: Functions = {
  invoke: () => Promise.resolve({ outcome: 'error', message: 'There are no functions here.' }),
  invokeLater: () => undefined,
};

export async function startAws(options: StandOptions = {}): Promise<AwsStand> {
  const folder = await temporaryFolder();
  const errors: unknown[] = [];
  const onError = (error: unknown): void => {
    errors.push(error);
  };
  const endpoint = await listenForAws(onError);
  const database = await openDynamoDb(`${folder}/tables`, options.tables ?? []);
  const queues = await openQueues(`${folder}/queues`, options.queues ?? [], onError);
  const root = await openRootIdentity(folder);
  const caller = functionIdentity(functionModel('Caller', { permissions: options.permissions ?? [] }));
  const guard = createGuard([root, caller]);
  const models = (options.functionNames ?? []).map((name) => functionModel(name));
  endpoint.open(guard, {
    dynamodb: database.serve,
    sqs: sqsService(queues),
    lambda: lambdaService(models, options.functions ?? noFunctions),
    ssm: ssmService(options.secrets ?? {}),
    'execute-api': executeApiService('api1', options.manage ?? (() => Promise.resolve({ status: 200 }))),
  });
  onTestFinished(async () => {
    await endpoint.close();
    await queues.close();
    await database.close();
  });
  const settings = ({ accessKeyId, secretAccessKey }: Credentials): ClientSettings => ({
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  return {
    endpoint: endpoint.url,
    queues,
    database,
    guard,
    errors,
    operator: settings(root),
    caller: settings(caller),
  };
}
