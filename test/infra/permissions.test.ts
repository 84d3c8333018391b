// What each function may do, read from the template and held against this table: nobody gets more without a change here.
import { describe, expect, it } from 'vitest';
import { permissionsOf, readable, resourceOf, resourcesOf, synthesizedTemplate } from './template.ts';

const posts = connections('POST');
const closes = connections('DELETE');
const secret = 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${JwtSecretParameter}';

/** What several functions may do alike. */
const logs = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'];
const standing = {
  'LogsTable.Arn': logs,
  'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
};
const telling = {
  ...standing,
  'BroadcastsTable.Arn': ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
  'BroadcastQueue.Arn': ['sqs:SendMessage'],
};
const accepting = {
  'GuardsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  'BroadcastQueue.Arn': ['sqs:SendMessage'],
};
const reporting = {
  'GuardsTable.Arn': ['dynamodb:UpdateItem'],
  'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:Query'],
  'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:Query'],
  'LogsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
  [secret]: ['ssm:GetParameter'],
};
/** Seeing who is there, and what each of their connections is. */
const looking = {
  'SubscriptionsTable.Arn': ['dynamodb:Query'],
  'ConnectionsTable.Arn': ['dynamodb:GetItem'],
};
const closing = {
  [posts]: ['execute-api:ManageConnections'],
  [closes]: ['execute-api:ManageConnections'],
};
const consuming = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

/** Function by function, resource by resource. Writing its own log, which all may do, is left out. */
const granted: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  ConnectFunction: {
    'ConnectionsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:PutItem'],
    'LogsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
    'DeadlineQueue.Arn': ['sqs:SendMessage'],
    'OpenerFunction.Arn': ['lambda:InvokeFunction'],
    [secret]: ['ssm:GetParameter'],
  },
  DisconnectFunction: {
    'ConnectionsTable.Arn': ['dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem'],
    'DeadlineQueue.Arn': ['sqs:SendMessage'],
  },
  MessageFunction: {
    ...telling,
    ...closing,
    'ConnectionsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'CursorsTable.Arn': [
      'dynamodb:BatchGetItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ],
    'GuardsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'DeadlineQueue.Arn': ['sqs:SendMessage'],
    [secret]: ['ssm:GetParameter'],
  },
  OpenerFunction: {
    ...telling,
    ...closing,
    'ConnectionsTable.Arn': ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem'],
    'GuardsTable.Arn': ['dynamodb:UpdateItem'],
    'DeadlineQueue.Arn': ['sqs:SendMessage'],
  },
  CreateBroadcastFunction: accepting,
  CreateBatchFunction: accepting,
  PublishFunction: accepting,
  GetDeliveriesFunction: reporting,
  GetBroadcastFunction: reporting,
  GetInboxFunction: { ...standing, 'GuardsTable.Arn': ['dynamodb:UpdateItem'], [secret]: ['ssm:GetParameter'] },
  UpdateInboxFunction: {
    ...standing,
    'GuardsTable.Arn': ['dynamodb:UpdateItem'],
    'ConnectionsTable.Arn': ['dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:Query'],
    [posts]: ['execute-api:ManageConnections'],
    [secret]: ['ssm:GetParameter'],
  },
  SendTestFunction: {
    ...accepting,
    'SubscriptionsTable.Arn': ['dynamodb:Query'],
    'BroadcastQueue.Arn': ['sqs:GetQueueAttributes', 'sqs:SendMessage'],
    'BroadcastDeadLetters.Arn': ['sqs:GetQueueAttributes'],
  },
  GetStatusFunction: {
    'GuardsTable.Arn': ['dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:Query'],
    'BroadcastQueue.Arn': ['sqs:GetQueueAttributes'],
    'BroadcastDeadLetters.Arn': ['sqs:GetQueueAttributes'],
  },
  HotelFunction: {
    ...accepting,
    ...standing,
    'SubscriptionsTable.Arn': ['dynamodb:Query'],
    [secret]: ['ssm:GetParameter'],
  },
  RepairShopFunction: { ...accepting, ...looking, [secret]: ['ssm:GetParameter'] },
  SupportDeskFunction: { ...accepting, ...looking, [secret]: ['ssm:GetParameter'] },
  LeadsFunction: { ...accepting, [secret]: ['ssm:GetParameter'] },
  DocumentsFunction: { 'GuardsTable.Arn': ['dynamodb:UpdateItem'] },
  SweepOutboxFunction: {
    'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    '${BroadcastsTable.Arn}/index/Outbox': ['dynamodb:Query'],
    'BroadcastQueue.Arn': ['sqs:SendMessage'],
  },
  FanOutFunction: {
    'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'LogsTable.Arn': logs,
    'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:Query'],
    'ConnectionsTable.Arn': ['dynamodb:UpdateItem'],
    'BroadcastQueue.Arn': [...consuming, 'sqs:SendMessage'],
    [posts]: ['execute-api:ManageConnections'],
  },
  EnforceDeadlineFunction: {
    ...telling,
    ...closing,
    'ConnectionsTable.Arn': ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'GuardsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'DeadlineQueue.Arn': [...consuming, 'sqs:SendMessage'],
  },
};

const template = synthesizedTemplate();
const functions = resourcesOf(template, 'AWS::Lambda::Function');

describe('permissions', () => {
  it.each(Object.keys(functions))('%s may do what the table says, and nothing else', (id) => {
    const { [logOf(id)]: log, ...others } = permissionsOfFunction(id);
    expect(log).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
    expect(others).toEqual(granted[id]);
  });

  it('are listed here for every function that there is', () => {
    expect(Object.keys(granted).sort()).toEqual(Object.keys(functions).sort());
  });

  it('come from one role for each function and each schedule, which nothing else adds to', () => {
    const roles = Object.values(functions).map(({ Properties }) => readable(Properties['Role']));
    const startingRoles = Object.keys(resourcesOf(template, 'AWS::Scheduler::Schedule')).map((id) => `${id}Role.Arn`);
    expect([...roles, ...startingRoles].sort()).toEqual(
      Object.keys(resourcesOf(template, 'AWS::IAM::Role'))
        .map((id) => `${id}.Arn`)
        .sort(),
    );
    expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual({});
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual({});
    for (const role of Object.values(resourcesOf(template, 'AWS::IAM::Role'))) {
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });

  it('name every action in full, and never one that reads a whole table', () => {
    const actions = Object.keys(functions).flatMap((id) => Object.values(permissionsOfFunction(id)).flat());
    expect(actions.filter((action) => !/^[a-z-]+:[A-Z][A-Za-z]+$/.test(action))).toEqual([]);
    expect(actions).not.toContain('dynamodb:Scan');
  });

  it('have one wildcard: the ids of connections, below one method of one stage', () => {
    const wild = Object.keys(functions).flatMap((id) =>
      Object.keys(permissionsOfFunction(id)).filter((resource) => resource.includes('*')),
    );
    expect([...new Set(wild)].sort()).toEqual([closes, posts].sort());
  });
});

function connections(method: string): string {
  return `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${WebSocketApi}/live/${method}/@connections/*`;
}

function logOf(functionId: string): string {
  return `${functionId.replace(/Function$/, 'Logs')}.Arn`;
}

function permissionsOfFunction(id: string): Readonly<Record<string, readonly string[]>> {
  return permissionsOf(template, readable(resourceOf(template, id).Properties['Role']).replace('.Arn', ''));
}
