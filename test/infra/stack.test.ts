// What must hold of functions and APIs whatever else changes: one function for each file of handlers, with what it uses.
import { describe, expect, it } from 'vitest';
import { capitalized } from '../../infra/logical-id.ts';
import type { Route } from '../../shared/protocol/routes.ts';
import { functionNameOf, routes } from '../../shared/protocol/routes.ts';
import { readable, resourceOf, resourcesOf, synthesizedTemplate } from './template.ts';

const template = synthesizedTemplate();
const functions = resourcesOf(template, 'AWS::Lambda::Function');
/** The functions whose answer somebody waits for. */
const awaited = new Set(
  Object.values<Route>(routes).flatMap((route) =>
    route.kind === 'http' || route.kind === 'websocket' ? [functionIdOf(route)] : [],
  ),
);

describe('functions', () => {
  it('are one for each file of handlers', () => {
    const files = new Set(Object.values<Route>(routes).map(({ file }) => file));
    const expected = new Set(Object.values<Route>(routes).map(functionIdOf));
    expect(Object.keys(functions).sort()).toEqual([...expected].sort());
    // Two files of one name would be one function, with the code of either.
    expect(expected.size).toBe(files.size);
  });

  it.each(Object.entries(functions))(
    '%s runs on arm64 and Node 24, with a log of its own for a month',
    (id, { Properties }) => {
      expect(Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x', Handler: 'index.handler' });
      const log = id.replace(/Function$/, 'Logs');
      expect(Properties['LoggingConfig']).toEqual({ LogGroup: { Ref: log } });
      expect(resourceOf(template, log)).toMatchObject({
        DeletionPolicy: 'Delete',
        Properties: { RetentionInDays: 30 },
      });
    },
  );

  it.each([...awaited])('%s ends before the gateway stops waiting for it', (id) => {
    expect(resourceOf(template, id).Properties['Timeout']).toBeLessThanOrEqual(29);
  });

  it.each(['OpenerFunction', 'SweepOutboxFunction'])('ask %s once, and within a minute', (id) => {
    const configurations = Object.values(resourcesOf(template, 'AWS::Lambda::EventInvokeConfig'));
    const own = configurations.filter(({ Properties }) => readable(Properties['FunctionName']) === id);
    expect(own.map(({ Properties }) => Properties)).toEqual([
      {
        FunctionName: { Ref: id },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 60,
      },
    ]);
  });

  it('may call themselves through their queue only where pages do, and looks after connections', () => {
    const looping = Object.entries(functions).filter(([, { Properties }]) => Properties['RecursiveLoop'] === 'Allow');
    expect(looping.map(([id]) => id).sort()).toEqual(['EnforceDeadlineFunction', 'FanOutFunction']);
  });
});

describe('environments', () => {
  const tokens = [
    'TOKEN_ISSUER',
    'TOKEN_AUDIENCE',
    'TOKEN_JWKS_URI',
    'TOKEN_USER_CLAIM',
    'TOKEN_TENANT_CLAIM',
    'TOKEN_ROLES_CLAIM',
    'JWT_SECRET_PARAMETER',
    'JWT_SECRET_ISSUER',
    'DEFAULT_TENANT',
  ];
  const callers = ['API_KEY_DIGESTS', 'ALLOWED_SOURCES', 'RATE_LIMIT_PER_MINUTE'];
  const rows = ['CONNECTIONS_TABLE', 'SUBSCRIPTIONS_TABLE'];
  const standing = ['LOGS_TABLE', 'CURSORS_TABLE', 'LOG_ERA', 'LOOK_BACK_HOURS'];
  const accepting = ['BROADCASTS_TABLE', 'BROADCAST_QUEUE_URL', 'SENSITIVE_FIELDS'];
  const sending = ['GUARDS_TABLE', ...accepting, ...callers];
  const sockets = [...rows, ...standing, ...accepting, 'GUARDS_TABLE', 'DEADLINE_QUEUE_URL', 'CALLBACK_URL'];
  const reporting = [
    ...callers,
    ...tokens,
    'GUARDS_TABLE',
    'BROADCASTS_TABLE',
    'CURSORS_TABLE',
    'LOGS_TABLE',
    'LOG_ERA',
  ];

  const environments: Readonly<Record<string, readonly string[]>> = {
    ConnectFunction: [...rows, ...tokens, ...standing, 'DEADLINE_QUEUE_URL', 'ALLOWED_ORIGINS', 'OPENER_FUNCTION'],
    DisconnectFunction: [...rows, 'DEADLINE_QUEUE_URL'],
    MessageFunction: [...sockets, ...tokens, 'TEAMS'],
    OpenerFunction: sockets,
    EnforceDeadlineFunction: sockets,
    CreateBroadcastFunction: sending,
    CreateBatchFunction: sending,
    PublishFunction: sending,
    GetDeliveriesFunction: reporting,
    GetBroadcastFunction: reporting,
    GetInboxFunction: [...tokens, ...standing, 'GUARDS_TABLE'],
    UpdateInboxFunction: [...rows, ...tokens, ...standing, 'GUARDS_TABLE', 'CALLBACK_URL'],
    SendTestFunction: [...sending, 'DEAD_LETTER_QUEUE_URL', 'SUBSCRIPTIONS_TABLE'],
    GetStatusFunction: [
      ...callers,
      'GUARDS_TABLE',
      'SUBSCRIPTIONS_TABLE',
      'BROADCAST_QUEUE_URL',
      'DEAD_LETTER_QUEUE_URL',
    ],
    HotelFunction: [...sending, ...tokens, ...standing, 'SUBSCRIPTIONS_TABLE'],
    RepairShopFunction: [...sending, ...tokens, ...rows],
    SupportDeskFunction: [...sending, ...tokens, ...rows],
    LeadsFunction: [...accepting, ...tokens, 'GUARDS_TABLE', 'TEAMS'],
    DocumentsFunction: ['GUARDS_TABLE'],
    SweepOutboxFunction: ['BROADCASTS_TABLE', 'BROADCAST_QUEUE_URL'],
    FanOutFunction: [
      ...rows,
      'BROADCASTS_TABLE',
      'LOGS_TABLE',
      'CURSORS_TABLE',
      'BROADCAST_QUEUE_URL',
      'CALLBACK_URL',
      'LOG_ERA',
    ],
  };

  it.each(Object.entries(environments))('%s knows what it uses, and no more', (id, names) => {
    expect(Object.keys(environmentOf(id)).sort()).toEqual([...names].sort());
  });

  it('are listed here for every function that there is', () => {
    expect(Object.keys(environments).sort()).toEqual(Object.keys(functions).sort());
  });

  it('give each variable the resource or the parameter of its name', () => {
    const all = Object.assign({}, ...Object.keys(functions).map(environmentOf)) as Record<string, unknown>;
    const read = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, readable(value)]));
    expect(read).toEqual({
      CONNECTIONS_TABLE: 'ConnectionsTable',
      SUBSCRIPTIONS_TABLE: 'SubscriptionsTable',
      LOGS_TABLE: 'LogsTable',
      CURSORS_TABLE: 'CursorsTable',
      BROADCASTS_TABLE: 'BroadcastsTable',
      GUARDS_TABLE: 'GuardsTable',
      BROADCAST_QUEUE_URL: 'BroadcastQueue',
      DEAD_LETTER_QUEUE_URL: 'BroadcastDeadLetters',
      DEADLINE_QUEUE_URL: 'DeadlineQueue',
      CALLBACK_URL: 'https://${WebSocketApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live',
      OPENER_FUNCTION: 'OpenerFunction',
      API_KEY_DIGESTS: 'ApiKeyDigests',
      ALLOWED_SOURCES: 'AllowedSources',
      ALLOWED_ORIGINS: 'AllowedOrigins',
      RATE_LIMIT_PER_MINUTE: 'RateLimitPerMinute',
      TOKEN_ISSUER: 'TokenIssuer',
      TOKEN_AUDIENCE: 'TokenAudience',
      TOKEN_JWKS_URI: 'TokenJwksUri',
      TOKEN_USER_CLAIM: 'TokenUserClaim',
      TOKEN_TENANT_CLAIM: 'TokenTenantClaim',
      TOKEN_ROLES_CLAIM: 'TokenRolesClaim',
      JWT_SECRET_PARAMETER: 'JwtSecretParameter',
      JWT_SECRET_ISSUER: 'JwtSecretIssuer',
      DEFAULT_TENANT: 'DefaultTenant',
      SENSITIVE_FIELDS: 'SensitiveFields',
      TEAMS: 'Teams',
      LOG_ERA: 'LogEra',
      LOOK_BACK_HOURS: 'LookBackHours',
    });
  });
});

describe('APIs', () => {
  it('have the routes of the table, each leading to the function of its file, and no other', () => {
    const served = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Route')).map(({ Properties }) => [
      readable(Properties['ApiId']),
      Properties['RouteKey'],
      functionBehind(Properties['Target']),
    ]);
    const named = Object.values<Route>(routes).flatMap((route) => {
      if (route.kind === 'websocket') return [['WebSocketApi', route.routeKey, functionIdOf(route)]];
      return route.kind === 'http' ? [['HttpApi', `${route.method} ${route.path}`, functionIdOf(route)]] : [];
    });
    expect(served.sort()).toEqual(named.sort());
  });

  it('send every frame to $default, one way', () => {
    expect(resourceOf(template, 'WebSocketApi').Properties['RouteSelectionExpression']).toBe('\\$default');
    expect(resourcesOf(template, 'AWS::ApiGatewayV2::RouteResponse')).toEqual({});
  });

  it.each(['WebSocketStage', 'HttpStage'])('bound what %s lets through', (id) => {
    expect(resourceOf(template, id).Properties).toMatchObject({
      AutoDeploy: true,
      DefaultRouteSettings: {
        ThrottlingRateLimit: expect.any(Number) as number,
        ThrottlingBurstLimit: expect.any(Number) as number,
      },
    });
  });

  it('log requests without what callers put into paths and queries', () => {
    const { DestinationArn, Format } = resourceOf(template, 'HttpStage').Properties['AccessLogSettings'] as Record<
      string,
      unknown
    >;
    expect(readable(DestinationArn)).toBe('HttpAccessLogs.Arn');
    expect(Object.values(JSON.parse(String(Format)) as object).sort()).toEqual([
      '$context.error.message',
      '$context.identity.sourceIp',
      '$context.integrationErrorMessage',
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.routeKey',
      '$context.status',
    ]);
    expect(resourceOf(template, 'HttpAccessLogs').Properties['RetentionInDays']).toBe(30);
  });

  it('leave the settings that all APIs of the account share alone', () => {
    expect(resourcesOf(template, 'AWS::ApiGateway::Account')).toEqual({});
  });
});

it('puts out the one address, and those of the APIs behind it', () => {
  const outputs = Object.entries(template.Outputs).map(([name, { Value }]) => [name, readable(Value)]);
  expect(Object.fromEntries(outputs)).toEqual({
    Address: 'https://${FrontDoor.DomainName}',
    HttpUrl: 'HttpApi.ApiEndpoint',
    WebSocketUrl: 'wss://${WebSocketApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live',
  });
});

it('leaves room below the 500 resources that CloudFormation takes in one stack', () => {
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
  expect(Object.keys(template.Resources).length).toBeLessThanOrEqual(400);
});

function functionIdOf({ file }: Route): string {
  return `${capitalized(functionNameOf(file))}Function`;
}

function environmentOf(functionId: string): Readonly<Record<string, unknown>> {
  const { Variables } = resourceOf(template, functionId).Properties['Environment'] as {
    readonly Variables: Record<string, unknown>;
  };
  return Variables;
}

function functionBehind(target: unknown): string {
  const integration = /^integrations\/\$\{(\w+)\}$/.exec(readable(target))?.[1] ?? '';
  const uri = readable(resourceOf(template, integration).Properties['IntegrationUri']);
  return /(\w+Function)\.Arn/.exec(uri)?.[1] ?? uri;
}
