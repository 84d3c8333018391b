// A template as CDK synthesizes one, with an assembly that holds the code; tests change what they are about.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readTemplate, type TemplateOptions } from '../../../local/template/template.ts';
import type { TemplateModel } from '../../../local/contracts.ts';

export type Json = Record<string, unknown>;

const asset = 'a1b2c3';

/** Writes the code that the template below names. */
export async function writeAssembly(folder: string): Promise<void> {
  await mkdir(path.join(folder, `asset.${asset}`), { recursive: true });
  await writeFile(path.join(folder, `asset.${asset}`, 'index.cjs'), 'exports.handler = async () => 1;\n');
}

const basicExecution = {
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']],
};
/** What follows an API's id in its host. */
export const host = ['.execute-api.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }];
const invocation = [
  'arn:',
  { Ref: 'AWS::Partition' },
  ':apigateway:',
  { Ref: 'AWS::Region' },
  ':lambda:path/2015-03-31/functions/',
];

export type Resources = Record<string, { Type: string; Properties: Json; Condition?: string }>;

/** New at every call, so that a test may change it. */
export function stackResources(): Resources {
  return { ...stores(), ...role(), ...worker(), ...httpApi(), ...webSocketApi() };
}

function stores(): Resources {
  return {
    Table: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'N' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        Replicas: [{ Region: { Ref: 'AWS::Region' } }],
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
    },
    DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1_209_600 } },
    Jobs: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 60,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] }, maxReceiveCount: 3 },
      },
    },
  };
}

function role(): Resources {
  return {
    WorkerRole: {
      Type: 'AWS::IAM::Role',
      Properties: { AssumeRolePolicyDocument: {}, ManagedPolicyArns: [basicExecution] },
    },
    WorkerPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'WorkerPolicy',
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: ['dynamodb:PutItem', 'dynamodb:Query'],
              Resource: [
                { 'Fn::GetAtt': ['Table', 'Arn'] },
                { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Table', 'Arn'] }, '/index/*']] },
              ],
            },
            { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': ['Jobs', 'Arn'] } },
          ],
          Version: '2012-10-17',
        },
        Roles: [{ Ref: 'WorkerRole' }],
      },
    },
  };
}

function worker(): Resources {
  return {
    WorkerLogs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } },
    Worker: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Architectures: ['arm64'],
        Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}-${AWS::Region}' }, S3Key: `${asset}.zip` },
        Environment: {
          Variables: {
            TABLE: { Ref: 'Table' },
            QUEUE_URL: { Ref: 'Jobs' },
            SELF: { 'Fn::GetAtt': ['Worker', 'Arn'] },
            CALLBACK_URL: { 'Fn::Join': ['', ['https://', { Ref: 'Sockets' }, ...host, '/live']] },
            GREETING: { Ref: 'Greeting' },
          },
        },
        Handler: 'index.handler',
        LoggingConfig: { LogGroup: { Ref: 'WorkerLogs' } },
        MemorySize: 256,
        Role: { 'Fn::GetAtt': ['WorkerRole', 'Arn'] },
        Runtime: 'nodejs24.x',
        Timeout: 10,
      },
    },
    WorkerInvokeConfig: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'Worker' },
        MaximumEventAgeInSeconds: 60,
        MaximumRetryAttempts: 0,
        Qualifier: '$LATEST',
      },
    },
    WorkerSource: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        BatchSize: 5,
        EventSourceArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
        FunctionName: { Ref: 'Worker' },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumBatchingWindowInSeconds: 1,
        ScalingConfig: { MaximumConcurrency: 7 },
      },
    },
  };
}

function httpApi(): Resources {
  return {
    Http: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'Http', ProtocolType: 'HTTP' } },
    HttpStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'Http' }, AutoDeploy: true, StageName: '$default' },
    },
    HttpIntegration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Http' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Worker', 'Arn'] },
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 20_000,
      },
    },
    HttpRoute: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Http' },
        AuthorizationType: 'NONE',
        RouteKey: 'GET /api/things/{id}',
        Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'HttpIntegration' }]] },
      },
    },
    HttpPermission: { Type: 'AWS::Lambda::Permission', Properties: { Action: 'lambda:InvokeFunction' } },
  };
}

function webSocketApi(): Resources {
  return {
    Sockets: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Name: 'Sockets', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '\\$default' },
    },
    SocketsStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'Sockets' }, AutoDeploy: true, StageName: 'live' },
    },
    ConnectIntegration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Sockets' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::Join': ['', [...invocation, { 'Fn::GetAtt': ['Worker', 'Arn'] }, '/invocations']] },
      },
    },
    ConnectRoute: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Sockets' },
        AuthorizationType: 'NONE',
        RouteKey: '$connect',
        Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'ConnectIntegration' }]] },
      },
    },
  };
}

/** What CDK adds to the stack for a `Schedule` whose target is `LambdaInvoke`; the schedule itself can be changed. */
export function scheduleResources(properties: Json = {}, target: Json = {}): Resources {
  const worker = { 'Fn::GetAtt': ['Worker', 'Arn'] };
  return {
    Tick: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        FlexibleTimeWindow: { Mode: 'OFF' },
        ScheduleExpression: 'rate(1 minute)',
        ScheduleExpressionTimezone: 'Etc/UTC',
        State: 'ENABLED',
        Target: {
          Arn: worker,
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
          RoleArn: { 'Fn::GetAtt': ['SchedulerRole', 'Arn'] },
          ...target,
        },
        ...properties,
      },
    },
    SchedulerRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Action: 'sts:AssumeRole',
              Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
              Effect: 'Allow',
              Principal: { Service: 'scheduler.amazonaws.com' },
            },
          ],
        },
      },
    },
    SchedulerPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyDocument: {
          Statement: [
            {
              Action: 'lambda:InvokeFunction',
              Effect: 'Allow',
              Resource: [worker, { 'Fn::Join': ['', [worker, ':*']] }],
            },
          ],
        },
        PolicyName: 'SchedulerPolicy',
        Roles: [{ Ref: 'SchedulerRole' }],
      },
    },
  };
}

export function stackTemplate(): Json & { Resources: Resources } {
  return {
    Parameters: {
      Greeting: { Type: 'String', Default: 'hello' },
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/version' },
    },
    Resources: stackResources(),
    Outputs: {
      HttpUrl: { Value: { 'Fn::GetAtt': ['Http', 'ApiEndpoint'] } },
      HttpUrlWithSlash: { Value: { 'Fn::Join': ['', ['https://', { Ref: 'Http' }, ...host, '/']] } },
      SocketsUrl: { Value: { 'Fn::Join': ['', ['wss://', { Ref: 'Sockets' }, ...host, '/live']] } },
    },
    Rules: { CheckBootstrapVersion: { Assertions: [] } },
  };
}

export const addresses: TemplateOptions['addresses'] = {
  publicUrl: 'http://127.0.0.1:4000',
  awsEndpoint: 'http://127.0.0.1:4001',
};

export function readStack(
  assemblyDirectory: string,
  template: object = stackTemplate(),
  parameters: Readonly<Record<string, string>> = {},
): TemplateModel {
  return readTemplate({ template, assemblyDirectory, parameters, addresses });
}
