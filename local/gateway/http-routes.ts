// Which route of an HTTP API a request takes: the most specific one whose method and path match.
import type { HttpRouteModel } from '../contracts.ts';

export interface HttpMatch {
  readonly route: HttpRouteModel;
  /** As in the template: `POST /api/x/{id}`, or `$default`. */
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Finds the route for a method and a decoded path; null when none matches. */
export type HttpRouter = (method: string, path: string) => HttpMatch | null;

interface Candidate {
  readonly route: HttpRouteModel;
  readonly routeKey: string;
  readonly method: string;
  /** The segments after the leading slash; null for `$default`, which takes everything. */
  readonly segments: readonly string[] | null;
  readonly rank: string;
}

/**
 * The documented order: a full match of the path, then greedy variables, then `$default`; among equals, a named method
 * comes before `ANY`. Literal segments come before variables, from left to right.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function httpRouter(routes: readonly HttpRouteModel[]): HttpRouter {
  const candidates = routes.map(candidateOf).sort((a, b) => Number(a.rank > b.rank) - Number(a.rank < b.rank));
  return (method, path) => {
    for (const { route, routeKey, method: wanted, segments } of candidates) {
      if (wanted !== 'ANY' && wanted !== method) continue;
      const pathParameters = segments === null ? {} : matchPath(segments, path);
      if (pathParameters !== null) return { route, routeKey, pathParameters };
    }
    return null;
  };
}

function candidateOf(route: HttpRouteModel): Candidate {
  if (route.method === '$default' || route.path === '$default') {
    return { route, routeKey: '$default', method: 'ANY', segments: null, rank: '~' };
  }
  const segments = route.path.split('/').slice(1);
  const rank = `${segments.map(segmentRank).join('')}:${route.method === 'ANY' ? '1' : '0'}`;
  return { route, routeKey: `${route.method} ${route.path}`, method: route.method, segments, rank };
}

function segmentRank(segment: string): string {
  if (isGreedy(segment)) return '2';
  return isVariable(segment) ? '1' : '0';
}

function matchPath(segments: readonly string[], path: string): Record<string, string> | null {
  if (!path.startsWith('/')) return null;
  const given = path.slice(1).split('/');
  const found: [string, string][] = [];
  for (const [index, segment] of segments.entries()) {
    const rest = isGreedy(segment) ? given.slice(index).join('/') : given[index];
    if (rest === undefined) return null;
    if (!isVariable(segment)) {
      if (segment !== rest) return null;
      continue;
    }
    if (rest === '') return null;
    if (isGreedy(segment)) return Object.fromEntries([...found, [segment.slice(1, -2), rest]]);
    found.push([segment.slice(1, -1), rest]);
  }
  return given.length === segments.length ? Object.fromEntries(found) : null;
}

function isVariable(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('}');
}

function isGreedy(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('+}');
}
