// Turns what a function needs into the statements of its role and the variables of its environment, and nothing more.
import { Aws } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { QueueVariable, TableName } from '../shared/protocol/environment-names.ts';
import { queueVariables, settingVariables, tableVariables } from '../shared/protocol/environment-names.ts';
import { entriesOf } from './entries.ts';
import type { ConnectionMethod, FunctionNeeds, ParameterSetting } from './function-needs.ts';
import { indexes } from './tables.ts';

/** Everything of the stack that functions can be allowed to use. */
export interface Resources {
  readonly tables: Readonly<Record<TableName, TableV2>>;
  readonly queues: Readonly<Record<QueueVariable, Queue>>;
  readonly settings: Readonly<Record<ParameterSetting, string>>;
  readonly gateway: CallbackAddress;
}

/** Where the gateway takes posts to connections, for a client and for a policy. */
export interface CallbackAddress {
  readonly callbackUrl: string;
  callbackArn(method: ConnectionMethod): string;
}

/** What Lambda itself calls, with the function's role, to take messages from a queue. */
const consumerActions = ['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'];

export function statementsFor(
  needs: FunctionNeeds,
  resources: Resources,
  opener: IFunction | null,
): readonly PolicyStatement[] {
  const tables = entriesOf(needs.tables ?? {}).map(([name, actions]) =>
    allow('dynamodb', actions, resources.tables[name].tableArn),
  );
  const tableIndexes = entriesOf(needs.indexes ?? {}).map(([name, actions]) =>
    allow('dynamodb', actions, `${resources.tables[name].tableArn}/index/${indexes[name].name}`),
  );
  const queues = entriesOf(needs.queues ?? {}).map(([name, actions]) =>
    allow('sqs', actions, resources.queues[name].queueArn),
  );
  const connections = (needs.connections ?? []).map((method) =>
    allow('execute-api', ['ManageConnections'], resources.gateway.callbackArn(method)),
  );
  const secrets = (needs.settings ?? []).includes('jwtSecretParameter')
    ? [allow('ssm', ['GetParameter'], parameterArn(resources.settings.jwtSecretParameter))]
    : [];
  const invocations = opener === null ? [] : [allow('lambda', ['InvokeFunction'], opener.functionArn)];
  return [...tables, ...tableIndexes, ...queues, ...connections, ...secrets, ...invocations];
}

/** What the role of a queue's consumer needs besides what the function calls itself. */
export function consumerStatement(queue: Queue): PolicyStatement {
  return allow('sqs', consumerActions, queue.queueArn);
}

/** Writing the function's own log, and no making of log groups: a group made by Lambda would be kept for ever. */
export function logStatement(logGroup: ILogGroup): PolicyStatement {
  return allow('logs', ['CreateLogStream', 'PutLogEvents'], logGroup.logGroupArn);
}

export function environmentFor(
  needs: FunctionNeeds,
  resources: Resources,
  opener: IFunction | null,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name] of [...entriesOf(needs.tables ?? {}), ...entriesOf(needs.indexes ?? {})]) {
    environment[tableVariables[name]] = resources.tables[name].tableName;
  }
  for (const [name] of entriesOf(needs.queues ?? {})) {
    environment[queueVariables[name]] = resources.queues[name].queueUrl;
  }
  for (const name of needs.settings ?? []) environment[settingVariables[name]] = resources.settings[name];
  if (needs.connections !== undefined) environment[settingVariables.callbackUrl] = resources.gateway.callbackUrl;
  if (opener !== null) environment[settingVariables.openerFunction] = opener.functionName;
  return environment;
}

/**
 * For a name that begins with a slash. Without a name it is the ARN of no parameter, so that nothing is allowed. A SecureString
 * under the account's own key, aws/ssm, needs no permission besides.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-restrict-decryption.html
 */
function parameterArn(name: string): string {
  return `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${name}`;
}

function allow(service: string, actions: readonly string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((action) => `${service}:${action}`), resources: [resource] });
}
