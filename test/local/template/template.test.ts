// What a synthesized template becomes, and how each thing that cannot be served is refused.
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { TemplateError } from '../../../local/template/template-error.ts';
import { readStack, stackResources, stackTemplate, writeAssembly, type Json } from './stack-template.ts';

let assembly: string;

beforeAll(async () => {
  assembly = await mkdtemp(path.join(tmpdir(), 'local-assembly-'));
  await writeAssembly(assembly);
});

afterAll(() => rm(assembly, { recursive: true, force: true }));

/** The template with some resources changed or added. */
function withResources(changes: Record<string, object>): object {
  return { ...stackTemplate(), Resources: { ...stackResources(), ...changes } };
}

/** The template with properties of one resource changed. */
function withProperties(logicalId: keyof ReturnType<typeof stackResources>, properties: Json): object {
  const resource = stackResources()[logicalId];
  return withResources({ [logicalId]: { ...resource, Properties: { ...resource?.Properties, ...properties } } });
}

function refusal(template: object, parameters: Readonly<Record<string, string>> = {}): string {
  try {
    readStack(assembly, template, parameters);
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
  throw new Error('The template was not refused.');
}

describe('a template', () => {
  it('names its functions with code, environment and role', async () => {
    expect(await readdir(assembly)).toEqual(['asset.a1b2c3']);
    const { functions, webSocketApi } = readStack(assembly);
    const apiId = webSocketApi?.apiId ?? '';
    expect(functions).toEqual([
      {
        logicalId: 'Worker',
        name: 'Worker',
        arn: 'arn:aws:lambda:us-east-1:000000000000:function:Worker',
        codeDirectory: path.join(assembly, 'asset.a1b2c3'),
        handler: 'index.handler',
        timeoutMs: 10_000,
        memoryMegabytes: 256,
        concurrencyMax: null,
        asynchronous: { retriesMax: 0, ageMaxMs: 60_000 },
        environment: {
          TABLE: 'Table',
          QUEUE_URL: 'http://127.0.0.1:4001/000000000000/Jobs',
          SELF: 'arn:aws:lambda:us-east-1:000000000000:function:Worker',
          CALLBACK_URL: `http://127.0.0.1:4001/execute-api/${apiId}/live`,
          GREETING: 'hello',
        },
        permissions: [
          {
            effect: 'Allow',
            actions: ['dynamodb:PutItem', 'dynamodb:Query'],
            resources: [
              'arn:aws:dynamodb:us-east-1:000000000000:table/Table',
              'arn:aws:dynamodb:us-east-1:000000000000:table/Table/index/*',
            ],
          },
          {
            effect: 'Allow',
            actions: ['sqs:SendMessage'],
            resources: ['arn:aws:sqs:us-east-1:000000000000:Jobs'],
          },
        ],
      },
    ]);
  });

  it('names its tables, queues and event sources', () => {
    const { tables, queues, eventSources } = readStack(assembly);
    expect(tables).toMatchObject([
      { name: 'Table', expiryAttribute: 'expiresAt', key: [{ KeyType: 'HASH' }, { KeyType: 'RANGE' }] },
    ]);
    expect(queues).toMatchObject([
      { name: 'DeadLetters', retentionMs: 1_209_600_000, visibilityTimeoutMs: 30_000, deadLetters: null },
      {
        name: 'Jobs',
        url: 'http://127.0.0.1:4001/000000000000/Jobs',
        visibilityTimeoutMs: 60_000,
        deadLetters: { queueArn: 'arn:aws:sqs:us-east-1:000000000000:DeadLetters', receivesMax: 3 },
      },
    ]);
    expect(eventSources).toEqual([
      {
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:Jobs',
        functionName: 'Worker',
        batchSize: 5,
        batchWindowMs: 1_000,
        concurrencyMax: 7,
        reportsItemFailures: true,
      },
    ]);
  });

  it('names its APIs, and its outputs are local addresses', () => {
    const { httpApi, webSocketApi, outputs } = readStack(assembly);
    const route = { method: 'GET', path: '/api/things/{id}', functionName: 'Worker', timeoutMs: 20_000 };
    expect(httpApi).toMatchObject({ stage: '$default', routes: [route] });
    expect(webSocketApi).toMatchObject({
      stage: 'live',
      routeSelectionExpression: '\\$default',
      routes: { $connect: { functionName: 'Worker', timeoutMs: 29_000 } },
    });
    expect(outputs).toEqual({
      HttpUrl: 'http://127.0.0.1:4000',
      HttpUrlWithSlash: 'http://127.0.0.1:4000/',
      SocketsUrl: 'ws://127.0.0.1:4000/live',
    });
  });

  it('gives the same names and ids at every reading', () => {
    expect(readStack(assembly)).toEqual(readStack(assembly));
  });

  it('needs no API, table or queue', () => {
    expect(readStack(assembly, { Resources: {} })).toEqual({
      functions: [],
      tables: [],
      queues: [],
      eventSources: [],
      schedules: [],
      httpApi: null,
      webSocketApi: null,
      frontDoor: null,
      webSocketPath: null,
      outputs: {},
    });
  });
});

describe('what is refused, in one line that names the place', () => {
  it.each([
    ['an unknown type', withResources({ Topic: { Type: 'AWS::SNS::Topic' } }), 'Resource Topic (AWS::SNS::Topic)'],
    [
      'an unknown property',
      withProperties('Jobs', { FifoQueue: true }),
      'Resource Jobs (AWS::SQS::Queue): the local runtime does not know the property FifoQueue',
    ],
    [
      'an unknown intrinsic',
      withProperties('Jobs', { VisibilityTimeout: { 'Fn::Length': [1] } }),
      'Resource Jobs (AWS::SQS::Queue): VisibilityTimeout uses Fn::Length',
    ],
    [
      'a reference to nothing',
      withProperties('Jobs', { VisibilityTimeout: { Ref: 'Gone' } }),
      'VisibilityTimeout refers to Gone',
    ],
    [
      'an unknown attribute',
      withProperties('Worker', { Handler: { 'Fn::GetAtt': ['Table', 'StreamArn'] } }),
      'asks for Table.StreamArn',
    ],
    [
      'a value of another kind',
      withProperties('Jobs', { VisibilityTimeout: 'soon' }),
      'VisibilityTimeout must be a number',
    ],
    ['missing code', withProperties('Worker', { Code: { S3Key: 'ffff.zip' } }), 'asset.ffff is missing'],
    ['a missing handler', withProperties('Worker', { Handler: 'main.handler' }), 'for the handler main.handler'],
    ['another runtime', withProperties('Worker', { Runtime: 'python3.13' }), 'the runtime python3.13'],
    [
      'a role from elsewhere',
      withProperties('Worker', { Role: 'arn:aws:iam::1:role/x' }),
      'its role is not in the template',
    ],
    [
      'a managed policy',
      withProperties('WorkerRole', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
      'AdministratorAccess is not known here',
    ],
    [
      'a condition in a policy',
      withProperties('WorkerPolicy', {
        PolicyDocument: { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: {} } },
      }),
      'Condition in a statement',
    ],
    [
      'a queue that hides its messages too briefly',
      withProperties('Jobs', { VisibilityTimeout: 5 }),
      "shorter than the function's time limit",
    ],
    [
      'an event source from elsewhere',
      withProperties('WorkerSource', { EventSourceArn: 'arn:aws:kinesis:x' }),
      'only queues of this template',
    ],
    [
      'dead letters from elsewhere',
      withProperties('Jobs', { RedrivePolicy: { deadLetterTargetArn: 'arn:x', maxReceiveCount: 1 } }),
      'its dead-letter queue is not in the template',
    ],
    ['a protected route', withProperties('HttpRoute', { AuthorizationType: 'JWT' }), 'the authorization JWT'],
    ['an API key', withProperties('HttpRoute', { ApiKeyRequired: true }), 'API keys are not served'],
    [
      'another payload format',
      withProperties('HttpIntegration', { PayloadFormatVersion: '1.0' }),
      'payload format 2.0',
    ],
    ['a second HTTP API', withResources({ Other: stackResources()['Http'] ?? {} }), 'serves one HTTP API'],
    [
      'a function from elsewhere',
      withProperties('HttpIntegration', { IntegrationUri: 'arn:aws:lambda:us-east-1:1:function:Else' }),
      'the function Else is not in the template',
    ],
  ])('%s', (_, template, message) => {
    const refused = refusal(template);
    expect(refused).toContain(message);
    expect(refused).not.toContain('\n');
  });
});

describe('a resource with a condition', () => {
  const conditional = (value: string): object => ({
    ...withResources({ Extra: { Type: 'AWS::SQS::Queue', Condition: 'WithExtra' } }),
    Conditions: { WithExtra: { 'Fn::Equals': [{ Ref: 'Greeting' }, value] } },
  });

  it('is there while the condition holds', () => {
    expect(readStack(assembly, conditional('hello')).queues.map(({ name }) => name)).toContain('Extra');
    expect(readStack(assembly, conditional('bye')).queues.map(({ name }) => name)).not.toContain('Extra');
  });
});

describe('a switched-off event source', () => {
  it('is left out', () => {
    expect(readStack(assembly, withProperties('WorkerSource', { Enabled: false })).eventSources).toEqual([]);
  });
});
