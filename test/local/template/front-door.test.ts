// What becomes of a distribution in a template, and how each thing that is not served is refused.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TemplateError } from '../../../local/template/template-error.ts';
import { frontDoorResources } from './front-door-resources.ts';
import { readStack, stackResources, stackTemplate, writeAssembly, type Json } from './stack-template.ts';

let assembly: string;

beforeAll(async () => {
  assembly = await mkdtemp(path.join(tmpdir(), 'local-assembly-'));
  await writeAssembly(assembly);
});

afterAll(() => rm(assembly, { recursive: true, force: true }));

function withDoor(...changes: Parameters<typeof frontDoorResources>): Json {
  return { ...stackTemplate(), Resources: { ...stackResources(), ...frontDoorResources(...changes) } };
}

describe('a distribution', () => {
  it('is its behaviours in order, each with its API, and last the default', () => {
    const { frontDoor, httpApi, webSocketApi } = readStack(assembly, withDoor());
    const code = expect.stringContaining('function handler') as string;
    const socket = {
      api: 'websocket',
      apiId: webSocketApi?.apiId,
      methods: ['GET', 'HEAD'],
      viewerRequest: { name: 'local-doors', code },
    };
    const http = {
      api: 'http',
      apiId: httpApi?.apiId,
      methods: ['GET', 'HEAD', 'OPTIONS', 'POST'],
      viewerRequest: null,
    };
    expect(frontDoor).toEqual({
      distributionId: expect.stringMatching(/^E[0-9A-F]{13}$/) as string,
      domainName: `${frontDoor?.distributionId.toLowerCase() ?? ''}.cloudfront.net`,
      behaviours: [
        { pathPattern: '/in/*', ...socket },
        { pathPattern: '/in', ...socket },
        { pathPattern: '/api/*', ...http },
        { pathPattern: '*', ...http },
      ],
    });
  });

  it('gives sockets their address: the first door without wildcards', () => {
    expect(readStack(assembly, withDoor()).webSocketPath).toBe('/in');
    expect(readStack(assembly).webSocketPath).toBe('/live');
    expect(readStack(assembly, withDoor({ CacheBehaviors: [] })).webSocketPath).toBe('/live');
  });

  it('makes all addresses in the outputs local', () => {
    const domain = { 'Fn::GetAtt': ['Door', 'DomainName'] };
    const Outputs = {
      ...(stackTemplate()['Outputs'] as object),
      Address: { Value: { 'Fn::Join': ['', ['https://', domain]] } },
      Sockets: { Value: { 'Fn::Join': ['', ['wss://', domain, '/in']] } },
    };
    expect(readStack(assembly, { ...withDoor(), Outputs }).outputs).toEqual({
      Address: 'http://127.0.0.1:4000',
      Sockets: 'ws://127.0.0.1:4000/in',
      HttpUrl: 'http://127.0.0.1:4000',
      HttpUrlWithSlash: 'http://127.0.0.1:4000/',
      SocketsUrl: 'ws://127.0.0.1:4000/in',
    });
  });

  it('that is switched off is none', () => {
    expect(readStack(assembly, withDoor({ Enabled: false })).frontDoor).toBeNull();
  });
});

describe('refused, in one line that names the place, is', () => {
  const origin = { Id: 'sockets', DomainName: 'x.example', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } };
  const viewerResponse = { EventType: 'viewer-response', FunctionARN: 'arn' };
  it.each<[string, object, string]>([
    ['a second distribution', secondDoor(), 'serves one distribution'],
    ['an unknown setting', withDoor({ WebACLId: 'x' }), 'does not know WebACLId'],
    [
      'an unknown setting of a behaviour',
      withDoor({}, { LambdaFunctionAssociations: [] }),
      'LambdaFunctionAssociations',
    ],
    ['an origin from elsewhere', withDoor({ Origins: [origin] }), 'origins here, not x.example'],
    ['an unknown origin', withDoor({}, { TargetOriginId: 'x' }), '/in: its origin is not in the distribution'],
    ['a cache', withDoor({}, { CachePolicyId: 'x' }), '/in: CachePolicyId must be CachingDisabled'],
    ['another request policy', withDoor({}, { OriginRequestPolicyId: 'x' }), 'must be AllViewerExceptHostHeader'],
    ['another event', withDoor({}, { FunctionAssociations: [viewerResponse] }), 'for viewer-request, is served'],
    [
      'a function from elsewhere',
      withDoor({}, { FunctionAssociations: [{ ...viewerResponse, EventType: 'viewer-request' }] }),
      'the function arn is not in the template',
    ],
    ['another runtime', withDoor({}, {}, { FunctionConfig: { Runtime: 'cloudfront-js-1.0' } }), 'cloudfront-js-1.0'],
    ['a function that is not published', withDoor({}, {}, { AutoPublish: false }), 'AutoPublish must be true'],
  ])('%s', (_, template, message) => {
    const refused = refusal(template);
    expect(refused).toContain(message);
    expect(refused).toMatch(/^Resource (?:Door|Rewrite|Other) .*$/);
  });
});

function secondDoor(): object {
  const { Door = { Type: '', Properties: {} } } = frontDoorResources();
  return { ...withDoor(), Resources: { ...stackResources(), ...frontDoorResources(), Other: Door } };
}

function refusal(template: object): string {
  try {
    readStack(assembly, template);
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
  throw new Error('The template was not refused.');
}

describe('the CORS configuration of an HTTP API', () => {
  const AllowOrigins = {
    'Fn::If': ['All', ['*'], { 'Fn::Split': [',', { Ref: 'Greeting' }] }],
  };

  function corsWith(configuration: Json, parameters = {}): unknown {
    const resources = stackResources();
    if (resources['Http'] !== undefined) resources['Http'].Properties['CorsConfiguration'] = configuration;
    const Conditions = { All: { 'Fn::Equals': [{ Ref: 'Greeting' }, ''] } };
    return readStack(assembly, { ...stackTemplate(), Conditions, Resources: resources }, parameters).httpApi?.cors;
  }

  it('follows the condition of a parameter', () => {
    const rest = { allowMethods: ['GET'], allowHeaders: [], exposeHeaders: [], maxAgeSeconds: 60 };
    const configuration = { AllowOrigins, AllowMethods: ['GET'], MaxAge: 60 };
    expect(corsWith(configuration, { Greeting: '' })).toEqual({ allowOrigins: ['*'], ...rest });
    expect(corsWith(configuration, { Greeting: 'https://a.example,http://b.example' })).toEqual({
      allowOrigins: ['https://a.example', 'http://b.example'],
      ...rest,
    });
  });

  it('may be left out, also by a condition', () => {
    expect(readStack(assembly).httpApi?.cors).toBeNull();
    const configuration = { AllowOrigins, MaxAge: { 'Fn::If': ['All', 600, { Ref: 'AWS::NoValue' }] } };
    expect(corsWith(configuration)).toMatchObject({ maxAgeSeconds: null });
  });

  it('may not ask for credentials', () => {
    expect(() => corsWith({ AllowOrigins, AllowCredentials: true })).toThrow(/credentials across origins/);
  });
});
