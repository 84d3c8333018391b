// Events of one route of the table: API Gateway tells the route by its template and the path as it came.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HttpRoute, HttpRouteName } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';
import type { GivenRequest } from './events.ts';
import { httpEvent } from './events.ts';

/** @param path the parameters of the path, decoded. */
export function routeEvent(
  name: HttpRouteName,
  path: Readonly<Record<string, string>> = {},
  given: Omit<GivenRequest, 'method' | 'path' | 'pathParameters'> = {},
): APIGatewayProxyEventV2 {
  const { method, path: template } = routes[name];
  const rawPath = template.replace(/\{(\w+)\}/g, (_, parameter: string) => encodeURIComponent(path[parameter] ?? ''));
  return { ...httpEvent({ ...given, method, path: template, pathParameters: path }), rawPath };
}

/** The HTTP routes that one file serves. */
export function routesOf(file: string): readonly HttpRouteName[] {
  return Object.entries(routes).flatMap(([name, route]) =>
    route.kind === 'http' && (route as HttpRoute).file === file ? [name as HttpRouteName] : [],
  );
}
