// CORS as an HTTP API does it when it is configured: it answers preflights by itself and adds headers to answers.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
import type { IncomingMessage } from 'node:http';
import type { CorsModel } from '../contracts.ts';
import type { HttpAnswer } from './http-answers.ts';

/** The answer to a preflight, which needs no route and reaches no function; null for every other request. */
export function preflightAnswer(cors: CorsModel | null, request: IncomingMessage): HttpAnswer | null {
  const { origin } = request.headers;
  const asked = request.headers['access-control-request-method'];
  if (cors === null || request.method !== 'OPTIONS' || origin === undefined || asked === undefined) return null;
  const lists = [
    ['access-control-allow-methods', cors.allowMethods],
    ['access-control-allow-headers', cors.allowHeaders],
  ] as const;
  const headers = new Map(allowance(cors, origin));
  // A page of another origin is told nothing, and its browser stops there.
  if (headers.size > 0) {
    for (const [name, values] of lists) if (values.length > 0) headers.set(name, values.join(','));
    if (cors.maxAgeSeconds !== null) headers.set('access-control-max-age', String(cors.maxAgeSeconds));
  }
  return { status: 204, headers, body: '' };
}

/**
 * An answer as a page of the request's origin may read it. What the function itself says of CORS is ignored, as documented.
 * Whether AWS adds the headers to answers of its own, such as a 404, is not; here they are on every answer.
 */
export function withCors(cors: CorsModel | null, origin: string | undefined, answer: HttpAnswer): HttpAnswer {
  if (cors === null) return answer;
  const headers = new Map([...answer.headers].filter(([name]) => !name.startsWith('access-control-')));
  if (origin !== undefined) {
    const allowed = allowance(cors, origin);
    for (const [name, value] of allowed) headers.set(name, value);
    if (allowed.length > 0 && cors.exposeHeaders.length > 0) {
      headers.set('access-control-expose-headers', cors.exposeHeaders.join(','));
    }
  }
  return { ...answer, headers };
}

function allowance({ allowOrigins }: CorsModel, origin: string): readonly (readonly [string, string])[] {
  if (allowOrigins.includes('*')) return [['access-control-allow-origin', '*']];
  const scheme = `${origin.split('://', 1)[0] ?? ''}://*`;
  const isAllowed = allowOrigins.includes(origin) || allowOrigins.includes(scheme);
  return isAllowed ? [['access-control-allow-origin', origin]] : [];
}
