// GET /openapi.json, /asyncapi.json and /docs: the documents of the API, made once by each instance of the function.
import { createHash } from 'node:crypto';
import { asyncApi } from '../../shared/protocol/asyncapi.ts';
import { docsPage } from '../../shared/protocol/docs-page.ts';
import { docsStyle } from '../../shared/protocol/docs-style.ts';
import { openApi } from '../../shared/protocol/openapi.ts';
import { visitorPorts } from '../ports.ts';
import type { EndpointAnswer } from './endpoint.ts';
import { endpoint, frontDoor } from './endpoint.ts';

const ports = visitorPorts();

/** They change with a deployment only. */
const kept = { 'cache-control': 'public, max-age=300', 'x-content-type-options': 'nosniff' } as const;

/** The page holds nothing but itself: no script, no address of another host, and one style sheet, allowed by its hash. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(docsStyle).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const openApiText = once(() => JSON.stringify(openApi()));
const asyncApiText = once(() => JSON.stringify(asyncApi()));
const page = once(() => docsPage(openApi(), asyncApi()));

export const handler = frontDoor('http/documents', {
  getOpenApi: endpoint('getOpenApi', ports, () => answer(openApiText(), 'application/json; charset=utf-8')),
  getAsyncApi: endpoint('getAsyncApi', ports, () => answer(asyncApiText(), 'application/json; charset=utf-8')),
  getDocs: endpoint('getDocs', ports, () =>
    answer(page(), 'text/html; charset=utf-8', { 'content-security-policy': policy }),
  ),
});

async function answer(
  body: string,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EndpointAnswer> {
  return Promise.resolve({ status: 200, body, headers: { 'content-type': contentType, ...kept, ...headers } });
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}
