// A distribution before the APIs of the stack template, as CDK synthesizes one; tests change what they are about.
import { host, type Json, type Resources } from './stack-template.ts';

const edgeCode = `function handler(event) {
  event.request.uri = '/live';
  event.request.querystring.door = { value: 'one' };
  return event.request;
}`;

/** A distribution before both APIs as CDK synthesizes one, with a function that leads sockets to the stage. */
export function frontDoorResources(config: Json = {}, behaviour: Json = {}, rewrite: Json = {}): Resources {
  const origin = (id: string, api: string): Json => ({
    Id: id,
    DomainName: { 'Fn::Join': ['', [{ Ref: api }, ...host]] },
    CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
  });
  const common = {
    CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
    OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
    ViewerProtocolPolicy: 'https-only',
    Compress: false,
  };
  const socket = {
    ...common,
    TargetOriginId: 'sockets',
    AllowedMethods: ['GET', 'HEAD'],
    FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': ['Rewrite', 'FunctionARN'] } }],
  };
  const http = { ...common, TargetOriginId: 'http', AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'POST'] };
  return {
    Door: {
      Type: 'AWS::CloudFront::Distribution',
      Properties: {
        DistributionConfig: {
          Enabled: true,
          HttpVersion: 'http2and3',
          IPV6Enabled: true,
          Origins: [origin('http', 'Http'), origin('sockets', 'Sockets')],
          CacheBehaviors: [
            { ...socket, PathPattern: '/in/*' },
            { ...socket, PathPattern: '/in', ...behaviour },
            { ...http, PathPattern: '/api/*' },
          ],
          DefaultCacheBehavior: http,
          ...config,
        },
      },
    },
    Rewrite: {
      Type: 'AWS::CloudFront::Function',
      Properties: {
        AutoPublish: true,
        FunctionCode: edgeCode,
        FunctionConfig: { Comment: '', Runtime: 'cloudfront-js-2.0' },
        Name: { 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '-doors']] },
        ...rewrite,
      },
    },
  };
}
