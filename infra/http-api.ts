// The HTTP API: its routes, its throttle, and an access log that holds no query strings.
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import {
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
import type { HttpMethod as RouteMethod } from '../shared/protocol/routes.ts';
import { pinLogicalId } from './logical-id.ts';

/** Requests a second of all callers together, before any function runs; behind it each key has a limit of its own. */
const throttle: ThrottleSettings = { rateLimit: 200, burstLimit: 200 };

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

export class HttpApi extends Construct {
  private readonly api: Api;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.api = new Api(this, 'Api', { apiName: `${Aws.STACK_NAME}-http`, createDefaultStage: false });
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
}
