// The front door: one address before both APIs, and the function at the edge that leads a socket to its stage.
import { Aws } from 'aws-cdk-lib';
import type { AddBehaviorOptions, IOrigin } from 'aws-cdk-lib/aws-cloudfront';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginRequestPolicy,
  PriceClass,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import type { SocketDoor } from '../shared/protocol/doors.ts';
import { dialectParameter, httpPathPatterns, pathPatternsOf, socketDoors } from '../shared/protocol/doors.ts';
import { pinLogicalId } from './logical-id.ts';

export interface FrontDoorProps {
  readonly http: { readonly hostName: string };
  readonly webSocket: { readonly hostName: string; readonly stagePath: string };
}

/**
 * Nothing is cached: every answer is about one person and one moment. The origins get everything that the client sent but
 * its `Host`, by which API Gateway would look for an API that does not exist.
 */
const passedOn: AddBehaviorOptions = {
  cachePolicy: CachePolicy.CACHING_DISABLED,
  originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  compress: false,
};

export class FrontDoor extends Construct {
  private readonly distribution: Distribution;

  constructor(scope: Construct, id: string, { http, webSocket }: FrontDoorProps) {
    super(scope, id);
    const toHttp = { origin: new HttpOrigin(http.hostName, { originId: 'http' }) };
    const rewrite = this.rewriteTo(webSocket.stagePath);
    const toSockets = {
      origin: new HttpOrigin(webSocket.hostName, { originId: 'websocket' }),
      functionAssociations: [{ function: rewrite, eventType: FunctionEventType.VIEWER_REQUEST }],
    };
    // No log of requests: it would hold query strings, and tokens travel there.
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `${Aws.STACK_NAME}: one address for the HTTP API and the sockets`,
      priceClass: PriceClass.PRICE_CLASS_100,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: { ...passedOn, ...toHttp, allowedMethods: AllowedMethods.ALLOW_ALL },
      additionalBehaviors: Object.fromEntries([
        ...socketDoors
          .flatMap((door) => pathPatternsOf(door))
          .map((pattern) => [pattern, { ...passedOn, ...toSockets, allowedMethods: AllowedMethods.ALLOW_GET_HEAD }]),
        ...httpPathPatterns.map((pattern) => [
          pattern,
          { ...passedOn, ...toHttp, allowedMethods: AllowedMethods.ALLOW_ALL },
        ]),
      ]) as Readonly<Record<string, AddBehaviorOptions & { readonly origin: IOrigin }>>,
    });
    pinLogicalId(this.distribution, 'FrontDoor');
    pinLogicalId(rewrite, 'FrontDoorRewrite');
  }

  /** Where everything is, without a slash at the end. */
  get url(): string {
    return `https://${this.distribution.distributionDomainName}`;
  }

  private rewriteTo(stagePath: string): EdgeFunction {
    return new EdgeFunction(this, 'Rewrite', {
      // Such a function has no Region, so its name must tell two stacks of the same name apart.
      functionName: `${Aws.STACK_NAME}-${Aws.REGION}-doors`,
      comment: 'Leads sockets to the stage of their API',
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromInline(rewriteCode(socketDoors, stagePath)),
    });
  }
}

/**
 * The code of the function at the edge. It leads every socket to the stage, as the gateway answers 403 to any other path,
 * and puts the dialect of its door into the query. CloudFront matches a path in its normal form but hands it over as it
 * came, so what the code does not recognise is refused rather than guessed at. Names in the query come percent-encoded.
 * The runtime knows ECMAScript 5.1 and parts of later ones; it has no `for of`:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
export function rewriteCode(doors: readonly SocketDoor[], stagePath: string): string {
  return `// Generated from shared/protocol/doors.ts.
const doors = ${JSON.stringify(doors, null, 2)};

function handler(event) {
  const request = event.request;
  const path = request.uri.replace(/[/]+/g, '/');
  const door = doors.find((candidate) => isAt(candidate, path));
  if (!door) return { statusCode: 403, statusDescription: 'Forbidden' };
  const query = request.querystring;
  Object.keys(query).forEach((name) => {
    if (decoded(name) === '${dialectParameter}') delete query[name];
  });
  if (door.dialect !== null) query['${dialectParameter}'] = { value: door.dialect };
  request.uri = '${stagePath}';
  return request;
}

function isAt(door, path) {
  return path === door.path || path === door.path + '/' || (door.includesBelow && path.startsWith(door.path + '/'));
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    return name;
  }
}
`;
}
