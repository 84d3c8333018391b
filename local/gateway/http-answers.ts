// What an HTTP API answers: the function's response, read as payload format 2.0 says, or one of the gateway's own.
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { IntegrationResult } from './integration.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  readonly body: string | Buffer;
}

/** The gateway writes these itself, so what a function says about them is not passed on. */
const GATEWAY_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * - A function that failed, or reached its own time limit: 500 (denoland/deno_registry2#87).
 * - An integration over its time limit: 503, not 504 as REST APIs do (serverless/serverless#11222, body and headers in
 *   cortexlabs/cortex#1225). A function out of concurrency: 503 as well.
 * - A malformed response: 500.
 */
export function answerTo(result: IntegrationResult): HttpAnswer {
  switch (result.outcome) {
    case 'returned':
      return readResponse(result.payload) ?? problem(500, 'Internal Server Error');
    case 'error':
    case 'timeout':
      return problem(500, 'Internal Server Error');
    case 'throttled':
    case 'endpoint-timeout':
      return problem(503, 'Service Unavailable');
  }
}

export function problem(status: number, message: string): HttpAnswer {
  return { status, headers: new Map([['content-type', 'application/json']]), body: JSON.stringify({ message }) };
}

/**
 * What a function returned, as an answer; null when it is malformed. Without a `statusCode`, whatever came is the body
 * of a 200 in JSON; with one but without a content type, the body is plain text (as AWS's own LambdaTestTool-v2 has it).
 */
export function readResponse(payload: unknown): HttpAnswer | null {
  if (!isRecord(payload) || !('statusCode' in payload)) {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload ?? null);
    return { status: 200, headers: new Map([['content-type', 'application/json']]), body };
  }
  const { statusCode: status } = payload;
  const headers = readHeaders(payload['headers'] ?? {}, payload['cookies'] ?? []);
  const body = readBody(payload['body'] ?? '', payload['isBase64Encoded'] ?? false);
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) return null;
  return headers === null || body === null ? null : { status, headers, body };
}

function readHeaders(given: unknown, cookies: unknown): Map<string, string | readonly string[]> | null {
  if (!isRecord(given) || !Array.isArray(cookies)) return null;
  const headers = new Map<string, string | readonly string[]>([['content-type', 'text/plain; charset=utf-8']]);
  for (const [key, value] of Object.entries(given)) {
    const name = key.toLowerCase();
    if (GATEWAY_HEADERS.has(name)) continue;
    const text = isScalar(value) ? String(value) : null;
    if (text === null || !isHeader(name, text)) return null;
    headers.set(name, text);
  }
  const lines: string[] = [];
  for (const cookie of cookies as unknown[]) {
    if (typeof cookie !== 'string' || !isHeader('set-cookie', cookie)) return null;
    lines.push(cookie);
  }
  if (lines.length > 0) headers.set('set-cookie', lines);
  return headers;
}

function readBody(body: unknown, isBase64Encoded: unknown): string | Buffer | null {
  if (typeof body !== 'string' || typeof isBase64Encoded !== 'boolean') return null;
  return isBase64Encoded ? Buffer.from(body, 'base64') : body;
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
