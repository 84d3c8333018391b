// The one table of every way in. Infrastructure, dispatch, the API documents and the tests loop over it.
import { outboxLimits } from './limits.ts';

/**
 * `file` is the handler below functions/, without its ending; it is also where the Lambda's name comes from. Routes of one
 * file are served by one function. `callers` says who may call: see docs/dialects.md.
 */
export const routes = {
  connect: { kind: 'websocket', routeKey: '$connect', file: 'websocket/connect' },
  disconnect: { kind: 'websocket', routeKey: '$disconnect', file: 'websocket/disconnect' },
  message: { kind: 'websocket', routeKey: '$default', file: 'websocket/message' },
  opener: { kind: 'invoke', file: 'websocket/opener' },

  publish: http('POST', '/api/broadcasts', 'key', 'http/publish'),
  getDeliveries: http('GET', '/api/broadcasts/{id}/deliveries', 'office', 'http/get-deliveries'),
  getInbox: http('GET', '/api/inbox', 'person', 'http/get-inbox'),
  updateInbox: http('PATCH', '/api/inbox', 'person', 'http/update-inbox'),

  // Contractors
  createBroadcast: http('POST', '/api/notifications/broadcast', 'key', 'http/create-broadcast'),
  createBatch: http('POST', '/api/notifications/batch', 'key', 'http/create-batch'),
  getBroadcast: http('GET', '/api/notifications/broadcasts/{id}', 'office', 'http/get-broadcast'),
  sendTest: http('POST', '/api/notifications/test', 'key', 'http/send-test'),
  getStatus: http('GET', '/api/notifications/status', 'key', 'http/get-status'),

  // Hotel
  createCommunication: http('POST', '/api/communications', 'office', 'http/hotel'),
  listCommunications: http('GET', '/api/communications', 'person', 'http/hotel'),
  getGuestConnections: http('GET', '/api/communications/websocket/stats', 'office', 'http/hotel'),
  sendGuestTest: http('POST', '/api/communications/websocket/test', 'office', 'http/hotel'),

  // Repair shop
  getShopStats: http('GET', '/api/websocket/stats', 'admin', 'http/repair-shop'),
  getShopHealth: http('GET', '/api/websocket/health', 'anyone', 'http/repair-shop'),
  getUserRooms: http('GET', '/api/websocket/user/{id}/rooms', 'admin', 'http/repair-shop'),
  emitToUser: http('POST', '/api/websocket/emit/{userId}', 'admin', 'http/repair-shop'),
  emitToRoom: http('POST', '/api/websocket/emit/room/{roomName}', 'admin', 'http/repair-shop'),
  emitToRole: http('POST', '/api/websocket/emit/role/{role}', 'admin', 'http/repair-shop'),
  notifyStaff: http('POST', '/api/websocket/notifications', 'office', 'http/repair-shop'),
  updateWorkOrder: http('POST', '/api/websocket/work-orders/{id}/update', 'office', 'http/repair-shop'),
  assignWorkOrder: http('POST', '/api/websocket/work-orders/{id}/assignment', 'office', 'http/repair-shop'),
  updateTicket: http('POST', '/api/websocket/tickets/{id}/update', 'office', 'http/repair-shop'),

  // Leads
  broadcastToTeam: http('POST', '/api/ws/broadcast', 'person', 'http/leads'),
  announceLead: http('POST', '/api/ws/lead-update', 'person', 'http/leads'),
  announceForm: http('POST', '/api/ws/form-submission', 'person', 'http/leads'),
  announceSync: http('POST', '/api/ws/crm-sync', 'person', 'http/leads'),

  // Support desk
  notifyClient: http('POST', '/websocket/notify/client/{clientId}', 'office', 'http/support-desk'),
  notifyRoom: http('POST', '/websocket/notify/room/{roomName}', 'office', 'http/support-desk'),
  notifyEverybody: http('POST', '/websocket/notify/broadcast', 'office', 'http/support-desk'),
  chatWithClient: http('POST', '/websocket/chat/client/{clientId}', 'office', 'http/support-desk'),
  chatWithRoom: http('POST', '/websocket/chat/room/{roomName}', 'office', 'http/support-desk'),
  sendEventToClient: http('POST', '/websocket/event/client/{clientId}/{eventName}', 'office', 'http/support-desk'),
  sendEventToRoom: http('POST', '/websocket/event/room/{roomName}/{eventName}', 'office', 'http/support-desk'),
  sendEventToEverybody: http('POST', '/websocket/event/broadcast/{eventName}', 'office', 'http/support-desk'),
  getDeskStatus: http('GET', '/websocket/status', 'office', 'http/support-desk'),
  listClients: http('GET', '/websocket/clients', 'office', 'http/support-desk'),
  getClientStatus: http('GET', '/websocket/clients/{clientId}/status', 'office', 'http/support-desk'),
  sendWhatsappStatus: http('POST', '/websocket/whatsapp/status/{clientId}', 'office', 'http/support-desk'),
  sendWhatsappMessage: http('POST', '/websocket/whatsapp/message/{clientId}', 'office', 'http/support-desk'),
  sendConversation: http('POST', '/websocket/conversation/{clientId}', 'office', 'http/support-desk'),

  // The documents of the API
  getOpenApi: http('GET', '/openapi.json', 'anyone', 'http/documents'),
  getAsyncApi: http('GET', '/asyncapi.json', 'anyone', 'http/documents'),
  getDocs: http('GET', '/docs', 'anyone', 'http/documents'),

  sweepOutbox: { kind: 'schedule', everyMinutes: outboxLimits.sweepEveryMinutes, file: 'schedule/sweep-outbox' },
  fanOut: { kind: 'queue', queue: 'broadcasts', file: 'queue/fan-out' },
  enforceDeadline: { kind: 'queue', queue: 'deadlines', file: 'queue/enforce-deadline' },
} as const satisfies Record<string, Route>;

export type Route = WebSocketRoute | HttpRoute | QueueRoute | ScheduleRoute | InvokeRoute;

export interface WebSocketRoute {
  readonly kind: 'websocket';
  readonly routeKey: '$connect' | '$disconnect' | '$default';
  readonly file: string;
}

export interface HttpRoute {
  readonly kind: 'http';
  readonly method: HttpMethod;
  readonly path: `/${string}`;
  readonly callers: Callers;
  readonly file: string;
}

interface QueueRoute {
  readonly kind: 'queue';
  readonly queue: QueueName;
  readonly file: string;
}

interface ScheduleRoute {
  readonly kind: 'schedule';
  readonly everyMinutes: number;
  readonly file: string;
}

interface InvokeRoute {
  readonly kind: 'invoke';
  readonly file: string;
}

/**
 * Who may call a route. `key`: a back office with an API key. `office`: the same, or an admin with a Bearer token. `admin`: an
 * admin with a Bearer token. `person`: whoever has a valid Bearer token, for their own tenant. `anyone`: no credentials.
 */
export type Callers = 'key' | 'office' | 'admin' | 'person' | 'anyone';
export type HttpMethod = 'GET' | 'POST' | 'PATCH';
export type QueueName = 'broadcasts' | 'deadlines';
export type RouteName = keyof typeof routes;
export type HttpRouteName = {
  [Name in RouteName]: (typeof routes)[Name] extends { readonly kind: 'http' } ? Name : never;
}[RouteName];

/** The name of the function that serves a route: the last part of its file in camel case, `http/create-broadcast` -> `createBroadcast`. */
export type FunctionName = CamelCase<LastPart<(typeof routes)[RouteName]['file']>>;

type LastPart<File extends string> = File extends `${string}/${infer Name}` ? Name : never;
type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

export function functionNameOf(file: string): FunctionName {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) as FunctionName;
}

function http<
  const Method extends HttpMethod,
  const Path extends HttpRoute['path'],
  const Caller extends Callers,
  const File extends string,
>(method: Method, path: Path, callers: Caller, file: File) {
  return { kind: 'http', method, path, callers, file } as const;
}
