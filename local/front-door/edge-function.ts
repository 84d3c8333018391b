// Runs the code of a CloudFront Function on a viewer's request, as the edge does: in a context with nothing in it.
import type { IncomingMessage } from 'node:http';
import vm from 'node:vm';
import type { EdgeFunctionModel, FrontDoorModel } from '../contracts.ts';
import { newGatewayId, sourceIpOf } from '../gateway/gateway-request.ts';
import { TemplateError } from '../template/template-error.ts';

/** CloudFront allows about one millisecond of its own machines; this only ends what would never end. */
const RUN_MS_MAX = 500;

/** What a function made of a request: another address for it, an answer in its place, or nothing that could be used. */
export type EdgeOutcome =
  | { readonly outcome: 'forward'; readonly url: string }
  | { readonly outcome: 'answer'; readonly status: number }
  | { readonly outcome: 'failed'; readonly message: string };

export type EdgeFunction = (request: IncomingMessage) => EdgeOutcome;

type Values = Readonly<Record<string, unknown>>;

/**
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 * @throws TemplateError for code that is no JavaScript
 */
export function edgeFunction({ name, code }: EdgeFunctionModel, door: FrontDoorModel): EdgeFunction {
  const script = compile(name, `${code}\nJSON.stringify(handler(JSON.parse(event)));`);
  return (request) => {
    const sent = eventRequest(request);
    const event = JSON.stringify({
      version: '1.0',
      context: {
        distributionDomainName: door.domainName,
        distributionId: door.distributionId,
        eventType: 'viewer-request',
        requestId: newGatewayId(),
      },
      viewer: { ip: sourceIpOf(request.socket) },
      request: sent,
    });
    try {
      // Text goes in and text comes out, so neither side can touch an object of the other.
      const returned: unknown = script.runInNewContext({ event }, { timeout: RUN_MS_MAX });
      return readOutcome(sent, typeof returned === 'string' ? JSON.parse(returned) : undefined);
    } catch (error) {
      return { outcome: 'failed', message: String(error) };
    }
  };
}

function compile(name: string, code: string): vm.Script {
  try {
    return new vm.Script(code, { filename: name });
  } catch (error) {
    throw new TemplateError(`The CloudFront function ${name} does not compile: ${String(error)}.`);
  }
}

/** The path and the query are handed over as they were sent, percent-encoded. */
function eventRequest(request: IncomingMessage): Values {
  const url = request.url ?? '';
  const cut = url.includes('?') ? url.indexOf('?') : url.length;
  const pairs = url
    .slice(cut + 1)
    .split('&')
    .filter((pair) => pair !== '');
  const headers = Object.entries(request.headersDistinct).filter(([name]) => name !== 'cookie');
  const cookies = (request.headersDistinct['cookie'] ?? []).flatMap((line) => line.split(/;\s*/));
  return {
    method: request.method ?? '',
    uri: url.slice(0, cut),
    querystring: grouped(pairs.map(nameAndValue)),
    headers: grouped(headers.flatMap(([name, values = []]) => values.map((value) => [name, value] as const))),
    cookies: grouped(cookies.filter((cookie) => cookie !== '').map(nameAndValue)),
  };
}

function nameAndValue(pair: string): readonly [string, string] {
  const cut = pair.indexOf('=');
  return cut === -1 ? [pair, ''] : [pair.slice(0, cut), pair.slice(cut + 1)];
}

/** What is there once has a `value`, what is there several times has `multiValue` as well. */
function grouped(pairs: readonly (readonly [string, string])[]): Values {
  const values = new Map<string, { value: string }[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), { value }]);
  return Object.fromEntries(
    [...values].map(([name, all]) => [name, all.length === 1 ? all[0] : { ...all[0], multiValue: all }]),
  );
}

function readOutcome(sent: Values, returned: unknown): EdgeOutcome {
  if (!isRecord(returned)) return { outcome: 'failed', message: 'it returned neither a request nor a response' };
  const { statusCode: status, uri } = returned;
  if (typeof status === 'number') return { outcome: 'answer', status };
  // A change that were lost here would be one that works on AWS alone.
  const changed = ['method', 'headers', 'cookies'].find(
    (field) => JSON.stringify(returned[field]) !== JSON.stringify(sent[field]),
  );
  if (changed !== undefined)
    return { outcome: 'failed', message: `it changed the ${changed}, which is not served here` };
  const query = queryOf(returned['querystring']);
  if (typeof uri !== 'string' || !uri.startsWith('/') || query === null) {
    return { outcome: 'failed', message: 'it returned a request without a path or a query' };
  }
  return { outcome: 'forward', url: query === '' ? uri : `${uri}?${query}` };
}

function queryOf(fields: unknown): string | null {
  if (!isRecord(fields)) return null;
  const pairs: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (!isRecord(field)) return null;
    const all: unknown = field['multiValue'] ?? [field];
    if (!Array.isArray(all)) return null;
    for (const one of all as unknown[]) {
      if (!isRecord(one) || typeof one['value'] !== 'string') return null;
      pairs.push(`${name}=${one['value']}`);
    }
  }
  return pairs.join('&');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
