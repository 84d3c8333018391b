// The one table of every way in. Infrastructure, bundling and the tests loop over it.
import { outboxLimits } from './limits.ts';

/** `file` is the handler below functions/, without its ending; it is also where the Lambda's name comes from. */
export const routes = {
  connect: { kind: 'websocket', routeKey: '$connect', file: 'websocket/connect' },
  disconnect: { kind: 'websocket', routeKey: '$disconnect', file: 'websocket/disconnect' },
  message: { kind: 'websocket', routeKey: '$default', file: 'websocket/message' },
  opener: { kind: 'invoke', file: 'websocket/opener' },
  createBroadcast: {
    kind: 'http',
    method: 'POST',
    path: '/api/notifications/broadcast',
    file: 'http/create-broadcast',
  },
  publish: { kind: 'http', method: 'POST', path: '/api/broadcasts', file: 'http/publish' },
  getDeliveries: { kind: 'http', method: 'GET', path: '/api/broadcasts/{id}/deliveries', file: 'http/get-deliveries' },
  getInbox: { kind: 'http', method: 'GET', path: '/api/inbox', file: 'http/get-inbox' },
  updateInbox: { kind: 'http', method: 'PATCH', path: '/api/inbox', file: 'http/update-inbox' },
  getBroadcast: { kind: 'http', method: 'GET', path: '/api/notifications/broadcasts/{id}', file: 'http/get-broadcast' },
  sendTest: { kind: 'http', method: 'POST', path: '/api/notifications/test', file: 'http/send-test' },
  getStatus: { kind: 'http', method: 'GET', path: '/api/notifications/status', file: 'http/get-status' },
  sweepOutbox: { kind: 'schedule', everyMinutes: outboxLimits.sweepEveryMinutes, file: 'schedule/sweep-outbox' },
  fanOut: { kind: 'queue', queue: 'broadcasts', file: 'queue/fan-out' },
  enforceDeadline: { kind: 'queue', queue: 'deadlines', file: 'queue/enforce-deadline' },
} as const satisfies Record<string, Route>;

export type Route =
  | { readonly kind: 'websocket'; readonly routeKey: '$connect' | '$disconnect' | '$default'; readonly file: string }
  | { readonly kind: 'http'; readonly method: HttpMethod; readonly path: `/api/${string}`; readonly file: string }
  | { readonly kind: 'queue'; readonly queue: QueueName; readonly file: string }
  | { readonly kind: 'schedule'; readonly everyMinutes: number; readonly file: string }
  | { readonly kind: 'invoke'; readonly file: string };

export type HttpMethod = 'GET' | 'POST' | 'PATCH';
export type QueueName = 'broadcasts' | 'deadlines';
export type RouteName = keyof typeof routes;
