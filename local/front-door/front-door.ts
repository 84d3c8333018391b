// The front door on the public port: what CloudFront does with a request before one of the APIs gets it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiHost } from '../account.ts';
import type { BehaviourModel, FrontDoorModel, Report } from '../contracts.ts';
import { refuseUpgrade } from '../gateway/websocket-handshake.ts';
import { edgeFunction, type EdgeFunction } from './edge-function.ts';
import { pathMatcher } from './path-pattern.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;
/** Takes over the socket of an upgrade, with what came after its head. */
export type UpgradeHandler = (request: IncomingMessage, head: Buffer) => void;

export interface Handlers {
  readonly request: RequestHandler;
  readonly upgrade: UpgradeHandler;
}

interface Behaviour extends BehaviourModel {
  readonly matches: (path: string) => boolean;
  readonly run: EdgeFunction | null;
}

/** Where a request goes with which address, or the status that it is refused with. */
type Passage =
  | { readonly api: BehaviourModel['api']; readonly apiId: string; readonly url: string }
  | { readonly api: null; readonly status: number };

/**
 * What answers the public port. Without a distribution in the template the HTTP API takes every request, and the WebSocket
 * API every upgrade, as they come. With one, an upgrade that leads to the HTTP API is 403, and so is a plain request that
 * leads to the WebSocket API; what the latter is on AWS, no public record shows.
 */
export function frontDoor(model: FrontDoorModel | null, { request, upgrade }: Handlers, report: Report): Handlers {
  if (model === null) return { request, upgrade };
  const behaviours = model.behaviours.map((behaviour): Behaviour => {
    const { pathPattern, viewerRequest } = behaviour;
    const run = viewerRequest === null ? null : edgeFunction(viewerRequest, model);
    return { ...behaviour, matches: pathMatcher(pathPattern), run };
  });
  return {
    request: (incoming, response) => {
      const passage = passageOf(behaviours, incoming, report);
      if (passage.api === 'http') request(atOrigin(incoming, passage), response);
      else refuse(response, passage.api === null ? passage.status : 403);
    },
    upgrade: (incoming, head) => {
      const passage = passageOf(behaviours, incoming, report);
      if (passage.api === 'websocket') upgrade(atOrigin(incoming, passage), head);
      else refuseUpgrade(incoming.socket, passage.api === null ? passage.status : 403);
    },
  };
}

function passageOf(behaviours: readonly Behaviour[], request: IncomingMessage, report: Report): Passage {
  const { method = '', url = '' } = request;
  const path = url.split('?', 1)[0] ?? '';
  const behaviour = behaviours.find(({ matches }) => matches(path));
  // The behaviour takes the path, but not the method: CloudFront answers that itself.
  if (behaviour?.methods.includes(method) !== true) return { api: null, status: 403 };
  const { api, apiId, run } = behaviour;
  if (run === null) return { api, apiId, url };
  const result = run(request);
  switch (result.outcome) {
    case 'forward':
      return { api, apiId, url: result.url };
    case 'answer':
      return { api: null, status: result.status };
    case 'failed':
      report(`The CloudFront function for ${behaviour.pathPattern}: ${result.message}`);
      return { api: null, status: 503 };
  }
}

/** The request as the origin gets it: with the path and query for it, and with its own host. */
function atOrigin(request: IncomingMessage, { url, apiId }: { url: string; apiId: string }): IncomingMessage {
  const host = apiHost(apiId);
  request.url = url;
  request.headers.host = host;
  request.headersDistinct['host'] = [host];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === 'host') request.rawHeaders[index + 1] = host;
  }
  return request;
}

function refuse(response: ServerResponse, status: number): void {
  const body = JSON.stringify({ message: status === 403 ? 'Forbidden' : 'Refused' });
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
