// The HTTP API: its routes, its throttle, which web pages may call it, and an access log that holds no query strings.
import { Aws, CfnCondition, Duration, Fn, RemovalPolicy, Token } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import type { CorsPreflightOptions, ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  CorsHttpMethod,
  HttpApi as Api,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { HttpMethod as RouteMethod, Route } from '../shared/protocol/routes.ts';
import { routes } from '../shared/protocol/routes.ts';
import { pinLogicalId } from './logical-id.ts';

/** Requests a second of all callers together, before any function runs; behind it each key has a limit of its own. */
const throttle: ThrottleSettings = { rateLimit: 200, burstLimit: 200 };

/** What a page may send, and what it may read of an answer, beyond what CORS always allows. */
const requestHeaders = ['authorization', 'content-type', 'idempotency-key', 'x-internal-api-key', 'x-api-key'];
const answerHeaders = [
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'location',
  'idempotent-replayed',
  'apigw-requestid',
];

// Neither path nor query: tokens and ids travel there. The route key says as much as an operator needs.
const accessLogFields = {
  requestId: '$context.requestId',
  atMs: '$context.requestTimeEpoch',
  sourceIp: '$context.identity.sourceIp',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
};

export interface HttpApiProps {
  /** The origins of the web pages that may call, comma-separated; empty for all. */
  readonly allowedOrigins: string;
}

export class HttpApi extends Construct {
  private readonly api: Api;

  constructor(scope: Construct, id: string, { allowedOrigins }: HttpApiProps) {
    super(scope, id);
    this.api = new Api(this, 'Api', {
      apiName: `${Aws.STACK_NAME}-http`,
      createDefaultStage: false,
      corsPreflight: this.corsFor(allowedOrigins),
    });
    const logGroup = new LogGroup(this, 'AccessLogs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
    pinLogicalId(this.api, 'HttpApi');
    pinLogicalId(stage, 'HttpStage');
    pinLogicalId(logGroup, 'HttpAccessLogs');
  }

  addRoute(method: RouteMethod, path: string, handler: IFunction): void {
    new HttpRoute(this, `${method}${path}`, {
      httpApi: this.api,
      routeKey: HttpRouteKey.with(path, HttpMethod[method]),
      integration: new HttpLambdaIntegration('Integration', handler),
    });
  }

  /** Where the API is, without a slash at the end. */
  get url(): string {
    return this.api.apiEndpoint;
  }

  /** The host of the same address. */
  get hostName(): string {
    return `${this.api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`;
  }

  /**
   * No credentials in the sense of CORS: who calls is said by a header that the page sets, never by a cookie. So "all
   * origins" is safe, and may be `*`.
   */
  private corsFor(allowedOrigins: string): CorsPreflightOptions {
    const allAllowed = new CfnCondition(this, 'AllOrigins', { expression: Fn.conditionEquals(allowedOrigins, '') });
    allAllowed.overrideLogicalId('AllOriginsAllowed');
    const origins = Fn.conditionIf(allAllowed.logicalId, ['*'], Fn.split(',', allowedOrigins));
    return {
      allowOrigins: Token.asList(origins),
      allowMethods: routeMethods().map((method) => CorsHttpMethod[method]),
      allowHeaders: requestHeaders,
      exposeHeaders: answerHeaders,
      maxAge: Duration.days(1),
    };
  }
}

function routeMethods(): readonly RouteMethod[] {
  const methods = Object.values<Route>(routes).flatMap((route) => (route.kind === 'http' ? [route.method] : []));
  return [...new Set(methods)].sort();
}
