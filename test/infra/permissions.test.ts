// What each function may do, read from the template and held against this table: nobody gets more without a change here.
import { describe, expect, it } from 'vitest';
import { routes } from '../../shared/protocol/routes.ts';
import { permissionsOf, readable, resourceOf, resourcesOf, synthesizedTemplate } from './template.ts';

const posts = connections('POST');
const closes = connections('DELETE');
const secret = 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${JwtSecretParameter}';

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
  },
  MessageFunction: {
    'ConnectionsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'LogsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    [posts]: ['execute-api:ManageConnections'],
    [closes]: ['execute-api:ManageConnections'],
    [secret]: ['ssm:GetParameter'],
  },
  OpenerFunction: {
    'ConnectionsTable.Arn': ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem'],
    'LogsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    [posts]: ['execute-api:ManageConnections'],
    [closes]: ['execute-api:ManageConnections'],
  },
  CreateBroadcastFunction: {
    'GuardsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'BroadcastQueue.Arn': ['sqs:SendMessage'],
  },
  PublishFunction: {
    'GuardsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'BroadcastQueue.Arn': ['sqs:SendMessage'],
  },
  GetDeliveriesFunction: {
    'GuardsTable.Arn': ['dynamodb:UpdateItem'],
    'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:Query'],
    'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:Query'],
    'LogsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
  },
  GetInboxFunction: {
    'GuardsTable.Arn': ['dynamodb:UpdateItem'],
    'LogsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    [secret]: ['ssm:GetParameter'],
  },
  UpdateInboxFunction: {
    'GuardsTable.Arn': ['dynamodb:UpdateItem'],
    'ConnectionsTable.Arn': ['dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:Query'],
    'LogsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    [posts]: ['execute-api:ManageConnections'],
    [secret]: ['ssm:GetParameter'],
  },
  GetBroadcastFunction: {
    'GuardsTable.Arn': ['dynamodb:UpdateItem'],
    'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:Query'],
    'CursorsTable.Arn': ['dynamodb:BatchGetItem', 'dynamodb:Query'],
    'LogsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
  },
  SendTestFunction: {
    'GuardsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
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
  SweepOutboxFunction: {
    'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    '${BroadcastsTable.Arn}/index/Outbox': ['dynamodb:Query'],
    'BroadcastQueue.Arn': ['sqs:SendMessage'],
  },
  FanOutFunction: {
    'BroadcastsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'LogsTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem', 'dynamodb:Query'],
    'ConnectionsTable.Arn': ['dynamodb:UpdateItem'],
    'BroadcastQueue.Arn': [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ],
    [posts]: ['execute-api:ManageConnections'],
  },
  EnforceDeadlineFunction: {
    'ConnectionsTable.Arn': ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'SubscriptionsTable.Arn': ['dynamodb:DeleteItem'],
    'DeadlineQueue.Arn': [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    ],
    [posts]: ['execute-api:ManageConnections'],
    [closes]: ['execute-api:ManageConnections'],
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
    expect(Object.keys(granted)).toHaveLength(Object.keys(routes).length);
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
