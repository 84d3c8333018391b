// The WebSocket API: three routes, chosen by the gateway alone, and the address where posts to connections go.
import { Aws, Stack } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketApi as Api, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ConnectionMethod } from './function-needs.ts';
import type { CallbackAddress } from './grants.ts';
import { pinLogicalId } from './logical-id.ts';

const stageName = 'live';

/**
 * Connections and frames together, a second. With that of the HTTP API it stays below the smallest quota that an account
 * has in any Region, 2,500 with a burst of 1,250: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
const throttle: ThrottleSettings = { rateLimit: 2_000, burstLimit: 1_000 };

export class WebSocketApi extends Construct implements CallbackAddress {
  private readonly api: Api;
  private readonly stage: WebSocketStage;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.api = new Api(this, 'Api', {
      apiName: `${Aws.STACK_NAME}-websocket`,
      // A static choice: every frame goes to $default, whatever is in it. Nothing is guaranteed of `$request.body.action`
      // for a frame that is a JSON scalar or no JSON at all.
      routeSelectionExpression: '\\$default',
    });
    // No access log: it would need a role in the settings of API Gateway that all APIs of the account and Region share,
    // and one stack must not set that. The functions log what a connection did; no token ever reaches a log.
    this.stage = new WebSocketStage(this, 'Stage', { webSocketApi: this.api, stageName, autoDeploy: true, throttle });
    pinLogicalId(this.api, 'WebSocketApi');
    pinLogicalId(this.stage, 'WebSocketStage');
  }

  /** One way: what the function returns for a frame is not sent back, because answers are posts like all others. */
  addRoute(routeKey: string, handler: IFunction): void {
    this.api.addRoute(routeKey, { integration: new WebSocketLambdaIntegration('Integration', handler) });
  }

  /** Where clients connect without the front door. */
  get clientUrl(): string {
    return this.stage.url;
  }

  get hostName(): string {
    return `${this.api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`;
  }

  /** The only path that the gateway takes sockets at. */
  get stagePath(): string {
    return `/${stageName}`;
  }

  /** The gateway's own name, never that of a custom domain: posts to the latter are refused with 403. */
  get callbackUrl(): string {
    return this.stage.callbackUrl;
  }

  /** The one wildcard among all grants: a connection's id is not known before it connects. */
  callbackArn(method: ConnectionMethod): string {
    return Stack.of(this).formatArn({
      service: 'execute-api',
      resource: this.api.apiId,
      resourceName: `${stageName}/${method}/@connections/*`,
    });
  }
}
