// Reads the HTTP API and the WebSocket API out of a template.

import type { CorsModel, FunctionModel, HttpApiModel, HttpRouteModel, WebSocketApiModel } from '../contracts.ts';
import { functionNameIn } from './functions.ts';
import { apiIdOf, type Resource, type Resources } from './resources.ts';
import { TemplateError } from './template-error.ts';
import { asFields, asFlag, asList, asNumber, asText } from './values.ts';

interface Route {
  readonly key: string;
  readonly functionName: string;
  readonly timeoutMs: number;
  readonly where: string;
}

/** Null when the template has none. */
export function readHttpApi(resources: Resources, functions: readonly FunctionModel[]): HttpApiModel | null {
  const api = apiOf(resources, 'HTTP');
  if (api === null) return null;
  const apiId = apiIdOf(api.logicalId);
  // API Gateway gives up on an HTTP integration after 30 seconds.
  const routes = routesOf(resources, apiId, functions, { timeoutMs: 30_000, payloadFormat: '2.0' });
  return { apiId, stage: stageOf(resources, api), routes: routes.map(httpRoute), cors: corsOf(api) };
}

function corsOf({ properties, where }: Resource): CorsModel | null {
  if (properties['CorsConfiguration'] === undefined) return null;
  const place = `${where}: CorsConfiguration`;
  const fields = asFields(properties['CorsConfiguration'], place);
  if (asFlag(fields['AllowCredentials'], place))
    throw new TemplateError(`${place}: credentials across origins are not served here.`);
  const texts = (name: string): readonly string[] =>
    asList(fields[name], `${place}.${name}`).map((entry) => asText(entry, `${place}.${name}`));
  return {
    allowOrigins: texts('AllowOrigins'),
    allowMethods: texts('AllowMethods'),
    allowHeaders: texts('AllowHeaders'),
    exposeHeaders: texts('ExposeHeaders'),
    maxAgeSeconds: fields['MaxAge'] === undefined ? null : asNumber(fields['MaxAge'], `${place}.MaxAge`),
  };
}

function httpRoute({ key, functionName, timeoutMs, where }: Route): HttpRouteModel {
  const [method, path] = key.split(' ');
  if (method === undefined || path === undefined)
    throw new TemplateError(`${where}: the route ${key} is not known here.`);
  return { method, path, functionName, timeoutMs };
}

/** Null when the template has none. */
export function readWebSocketApi(resources: Resources, functions: readonly FunctionModel[]): WebSocketApiModel | null {
  const api = apiOf(resources, 'WEBSOCKET');
  if (api === null) return null;
  const apiId = apiIdOf(api.logicalId);
  const routes = routesOf(resources, apiId, functions, { timeoutMs: 29_000, payloadFormat: '1.0' });
  return {
    apiId,
    stage: stageOf(resources, api),
    routeSelectionExpression: asText(api.properties['RouteSelectionExpression'], api.where),
    routes: Object.fromEntries(routes.map(({ key, functionName, timeoutMs }) => [key, { functionName, timeoutMs }])),
  };
}

function apiOf({ ofType }: Resources, protocol: 'HTTP' | 'WEBSOCKET'): Resource | null {
  const [api, second] = ofType('AWS::ApiGatewayV2::Api').filter(
    ({ properties }) => properties['ProtocolType'] === protocol,
  );
  if (second !== undefined) throw new TemplateError(`${second.where}: the local runtime serves one ${protocol} API.`);
  return api ?? null;
}

function stageOf({ ofType }: Resources, { logicalId, where }: Resource): string {
  const [stage, second] = ofType('AWS::ApiGatewayV2::Stage').filter(
    ({ properties }) => properties['ApiId'] === apiIdOf(logicalId),
  );
  if (stage === undefined) throw new TemplateError(`${where} has no stage.`);
  if (second !== undefined) throw new TemplateError(`${second.where}: the local runtime serves one stage of an API.`);
  return asText(stage.properties['StageName'], stage.where);
}

function routesOf(
  { ofType }: Resources,
  apiId: string,
  functions: readonly FunctionModel[],
  expected: { readonly timeoutMs: number; readonly payloadFormat: string },
): readonly Route[] {
  const integrations = new Map(ofType('AWS::ApiGatewayV2::Integration').map((entry) => [entry.logicalId, entry]));
  return ofType('AWS::ApiGatewayV2::Route')
    .filter(({ properties }) => properties['ApiId'] === apiId)
    .map(({ properties, where }) => {
      const authorization = properties['AuthorizationType'] ?? 'NONE';
      // A route that is protected on AWS must not be open here.
      if (authorization !== 'NONE') {
        throw new TemplateError(`${where}: the authorization ${asText(authorization, where)} is not served here.`);
      }
      if (asFlag(properties['ApiKeyRequired'], where))
        throw new TemplateError(`${where}: API keys are not served here.`);
      const target = asText(properties['Target'], `${where}: Target`).replace('integrations/', '');
      const integration = integrations.get(target);
      if (integration === undefined) throw new TemplateError(`${where}: its integration is not in the template.`);
      return {
        key: asText(properties['RouteKey'], where),
        ...readIntegration(integration, functions, expected),
        where,
      };
    });
}

function readIntegration(
  { properties, where }: Resource,
  functions: readonly FunctionModel[],
  expected: { readonly timeoutMs: number; readonly payloadFormat: string },
): { readonly functionName: string; readonly timeoutMs: number } {
  const format = asText(properties['PayloadFormatVersion'] ?? '1.0', where);
  if (properties['IntegrationType'] !== 'AWS_PROXY' || format !== expected.payloadFormat) {
    throw new TemplateError(`${where}: only AWS_PROXY with payload format ${expected.payloadFormat} is served here.`);
  }
  return {
    functionName: functionNameIn(properties['IntegrationUri'], functions, where),
    timeoutMs: asNumber(properties['TimeoutInMillis'] ?? expected.timeoutMs, where),
  };
}
