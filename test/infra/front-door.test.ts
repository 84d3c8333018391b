// What must hold of the front door: which paths lead where, with what, and what the function at the edge does to them.
import vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { httpPathPatterns, socketDoors } from '../../shared/protocol/doors.ts';
import { readable, resourceOf, resourcesOf, synthesizedTemplate } from './template.ts';

const template = synthesizedTemplate();
const config = resourceOf(template, 'FrontDoor').Properties['DistributionConfig'] as {
  readonly Origins: readonly Readonly<Record<string, unknown>>[];
  readonly CacheBehaviors: readonly Behaviour[];
  readonly DefaultCacheBehavior: Behaviour;
  readonly Logging?: unknown;
};

interface Behaviour {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly AllowedMethods: readonly string[];
  readonly FunctionAssociations?: readonly { readonly EventType: string; readonly FunctionARN: unknown }[];
}

describe('the distribution', () => {
  it('is one, has both APIs behind it and speaks TLS 1.2 to them', () => {
    expect(Object.keys(resourcesOf(template, 'AWS::CloudFront::Distribution'))).toEqual(['FrontDoor']);
    const origins = config.Origins.map(({ Id, DomainName, CustomOriginConfig }) => [
      Id,
      readable(DomainName),
      CustomOriginConfig,
    ]);
    const tls = { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] };
    expect(origins.sort()).toEqual([
      ['http', '${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}', tls],
      ['websocket', '${WebSocketApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}', tls],
    ]);
  });

  it('leads the doors to their APIs, sockets first, and everything else to the HTTP API', () => {
    const ways = config.CacheBehaviors.map(({ PathPattern, TargetOriginId }) => [PathPattern, TargetOriginId]);
    expect(ways).toEqual([
      ['/ws', 'websocket'],
      ['/ws/', 'websocket'],
      ['/ws/notifications', 'websocket'],
      ['/ws/notifications/', 'websocket'],
      ['/socket.io', 'websocket'],
      ['/socket.io/*', 'websocket'],
      ...httpPathPatterns.map((pattern) => [pattern, 'http']),
    ]);
    expect(config.DefaultCacheBehavior).toMatchObject({ TargetOriginId: 'http' });
  });

  it.each([...config.CacheBehaviors, config.DefaultCacheBehavior].map((way) => [way.PathPattern ?? '*', way] as const))(
    'caches nothing at %s, and passes on everything but the host, over TLS alone',
    (_, behaviour) => {
      expect(behaviour).toMatchObject({
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
        ViewerProtocolPolicy: 'https-only',
      });
      const isSocket = behaviour.TargetOriginId === 'websocket';
      expect([...behaviour.AllowedMethods].sort()).toEqual(
        isSocket ? ['GET', 'HEAD'] : ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
      );
      const functions = behaviour.FunctionAssociations?.map((one) => [one.EventType, readable(one.FunctionARN)]);
      expect(functions).toEqual(isSocket ? [['viewer-request', 'FrontDoorRewrite.FunctionARN']] : undefined);
    },
  );

  it('is cheap and logs no query strings', () => {
    expect(config).toMatchObject({ Enabled: true, PriceClass: 'PriceClass_100', HttpVersion: 'http2and3' });
    expect(config.Logging).toBeUndefined();
  });

  it('has its address among the outputs', () => {
    expect(readable(template.Outputs['Address']?.Value)).toBe('https://${FrontDoor.DomainName}');
  });
});

describe('the function at the edge', () => {
  const { FunctionCode, FunctionConfig, AutoPublish } = resourceOf(template, 'FrontDoorRewrite').Properties;
  const code = String(FunctionCode);
  const script = new vm.Script(`${code}\nJSON.stringify(handler(JSON.parse(event)));`);

  type Query = Readonly<Record<string, { readonly value: string; readonly multiValue?: readonly object[] }>>;

  function eventFor(uri: string, querystring: Query): object {
    const headers = { upgrade: { value: 'websocket' }, 'sec-websocket-version': { value: '13' } };
    return {
      version: '1.0',
      context: {
        eventType: 'viewer-request',
        requestId: 'r',
        distributionId: 'E1',
        distributionDomainName: 'd.example',
      },
      viewer: { ip: '192.0.2.1' },
      request: { method: 'GET', uri, querystring, headers, cookies: { session: { value: 's' } } },
    };
  }

  function run(uri: string, querystring: Query = {}): Record<string, unknown> {
    const event = JSON.stringify(eventFor(uri, querystring));
    return JSON.parse(String(script.runInNewContext({ event }))) as Record<string, unknown>;
  }

  it('is published, for a runtime that has what it uses, and within the limit of 10 KB', () => {
    expect(AutoPublish).toBe(true);
    expect(FunctionConfig).toMatchObject({ Runtime: 'cloudfront-js-2.0' });
    expect(Buffer.byteLength(code)).toBeLessThan(10_240);
    // None of these is among the features of that runtime.
    expect(code).not.toMatch(/\bof\b|\bclass\b|\?\.|\?\?|\.\.\.|catch \{/);
  });

  const token = { token: { value: 'a%3Db' } };
  const spoofed = { dialect: { value: 'x' } };
  it.each<[uri: string, sent: Query, arrived: Query]>([
    ['/ws', {}, {}],
    ['/ws/', token, token],
    ['/ws', { ...spoofed, ...token }, token],
    ['/ws', { dialect: { value: 'a', multiValue: [{ value: 'a' }, { value: 'b' }] } }, {}],
    ['/ws', { '%64ialect': { value: 'hotel' }, 'di%61lec%74': { value: '' } }, {}],
    ['/ws', { Dialect: { value: 'x' }, '100%': { value: 'y' } }, { Dialect: { value: 'x' }, '100%': { value: 'y' } }],
    ['//ws', {}, {}],
    ['/ws/notifications', token, { ...token, dialect: { value: 'hotel' } }],
    ['/ws/notifications/', spoofed, { dialect: { value: 'hotel' } }],
    ['/ws//notifications', {}, { dialect: { value: 'hotel' } }],
    [
      '/socket.io/',
      { EIO: { value: '4' }, transport: { value: 'websocket' }, ...spoofed },
      { EIO: { value: '4' }, transport: { value: 'websocket' }, dialect: { value: 'socketio' } },
    ],
    ['/socket.io', {}, { dialect: { value: 'socketio' } }],
    ['/socket.io/below', {}, { dialect: { value: 'socketio' } }],
    ['/socket.io/', { '%64ialect': { value: 'hotel' } }, { dialect: { value: 'socketio' } }],
  ])('leads %s with %j to the stage, with %j', (uri, sent, arrived) => {
    const { request } = eventFor('/live', arrived) as { request: object };
    expect(run(uri, sent)).toEqual(request);
  });

  it.each(['/', '/live', '/wss', '/WS', '/ws/other', '/%77s', '/ws/notifications/x', '/socket.iox', '/../ws'])(
    'refuses %s, which it does not know',
    (uri) => {
      expect(run(uri)).toEqual({ statusCode: 403, statusDescription: 'Forbidden' });
    },
  );

  it('lets no dialect of the client through, however it is written, and nothing else be lost', () => {
    const letters = fc.constantFrom(...Array.from('dialectDIALECT%6419+&'));
    const name = fc.oneof(
      fc.string(),
      fc.array(letters).map((all) => all.join('')),
      encodings('dialect'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...socketDoors), fc.dictionary(name, fc.string()), (door, values) => {
        const sent = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }]));
        const arrived = run(door.path, sent)['querystring'] as Query;
        const others = Object.entries(sent).filter(([key]) => !isDialect(key));
        const own = door.dialect === null ? [] : [['dialect', { value: door.dialect }] as const];
        expect(arrived).toEqual(Object.fromEntries([...others, ...own]));
      }),
    );
  });
});

/** A text with some of its characters percent-encoded. */
function encodings(text: string): fc.Arbitrary<string> {
  const encoded = (character: string): string => `%${character.charCodeAt(0).toString(16)}`;
  const choices = Array.from(text).map((character) => fc.constantFrom(character, encoded(character)));
  return fc.tuple(...choices).map((characters) => characters.join(''));
}

/** As API Gateway reads a query, by other means than the code has. */
function isDialect(name: string): boolean {
  return [...new URLSearchParams(`${name.replaceAll('&', '%26').replaceAll('=', '%3D')}=x`).keys()][0] === 'dialect';
}
