// Which route of a WebSocket API a message takes: the route selection expression, evaluated on the message's body.
import type { WebSocketApiModel } from '../contracts.ts';
import type { Integration } from './integration.ts';

export interface WebSocketRoute {
  readonly routeKey: string;
  readonly integration: Integration;
}

/** A reference to the body, plain or in braces, or an escaped dollar sign. */
const PART = /\$\{request\.body\.([^}]+)\}|\$request\.body\.([\w.[\]-]+)|\\\$/g;

/**
 * The route for a message; null when there is none. A key that no custom route has, and a body that is not JSON, go to
 * `$default`. Nothing in a body can select `$connect` or `$disconnect`.
 */
export function selectRoute(api: WebSocketApiModel, body: string): WebSocketRoute | null {
  const key = evaluate(api.routeSelectionExpression, body);
  return (key.startsWith('$') ? null : routeOf(api, key)) ?? routeOf(api, '$default');
}

export function routeOf(api: WebSocketApiModel, routeKey: string): WebSocketRoute | null {
  const integration = Object.hasOwn(api.routes, routeKey) ? api.routes[routeKey] : undefined;
  return integration === undefined ? null : { routeKey, integration };
}

/** `\$default` is the static text `$default`; a path that leads nowhere is the empty text. */
function evaluate(expression: string, body: string): string {
  let parsed: { readonly value: unknown } | undefined;
  return expression.replace(PART, (part, braced: string | undefined, plain: string | undefined) => {
    const path = braced ?? plain;
    if (path === undefined) return part.slice(1);
    parsed ??= { value: parse(body) };
    return toText(valueAt(parsed.value, path));
  });
}

function valueAt(body: unknown, path: string): unknown {
  let value = body;
  for (const name of path.split(/[.[\]]+/).filter((step) => step !== '')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

function toText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
