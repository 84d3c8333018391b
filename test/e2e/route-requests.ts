// A small valid request for every HTTP route; the compiler knows when one is missing.
import type { HttpRouteName } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';

/** Whom the requests tell something: this person, who has these roles and is in these rooms. */
export const target = {
  user: 'target',
  roles: ['guest', 'technician', 'manager', 'admin'],
  rooms: ['lobby', 'work_order_7', 'ticket_9'],
} as const;

/** Stands in a path for the id of a broadcast that there is. */
export const someBroadcast = '{someBroadcast}';

/** What a body says somewhere, by which it is known wherever it is shown, sent or stored. */
type Body = (canary: string) => object;

type ParameterOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterOf<Rest>
  : never;

type PathOf<Name extends HttpRouteName> = ParameterOf<(typeof routes)[Name]['path']>;

type RequestTo<Name extends HttpRouteName> = ([PathOf<Name>] extends [never]
  ? { readonly path?: never }
  : { readonly path: Readonly<Record<PathOf<Name>, string>> }) &
  ((typeof routes)[Name]['method'] extends 'GET' ? { readonly body?: never } : { readonly body: Body });

const user = { userId: target.user } as const;
const client = { clientId: target.user } as const;
const room = { roomName: 'lobby' } as const;
const event = { eventName: 'news' } as const;

const task = (canary: string) => ({
  eventType: 'task:new',
  taskData: { id: 't', canary },
  contractorIds: [target.user],
});
const emitted: Body = (canary) => ({ event: 'news', data: { canary } });
const notification: Body = (canary) => ({ type: 'info', title: 'News', message: canary });
const chat: Body = (message) => ({ message });
const anything: Body = (canary) => ({ canary });

const requests: { readonly [Name in HttpRouteName]: RequestTo<Name> } = {
  publish: { body: (canary) => ({ event: 'news', data: { canary }, audience: { role: 'technician' } }) },
  getDeliveries: { path: { id: someBroadcast } },
  getInbox: {},
  updateInbox: { body: () => ({ readAll: true }) },

  createBroadcast: { body: task },
  createBatch: { body: (canary) => ({ broadcasts: [task(canary)] }) },
  getBroadcast: { path: { id: someBroadcast } },
  sendTest: { body: (message) => ({ message, contractorIds: [target.user] }) },
  getStatus: {},

  createCommunication: {
    body: (message) => ({ hotel_id: 1, type: 'notification', title: 'News', message, recipient_type: 'all' }),
  },
  listCommunications: {},
  getGuestConnections: {},
  sendGuestTest: { body: (message) => ({ guestId: target.user, message }) },

  getShopStats: {},
  getShopHealth: {},
  getUserRooms: { path: { id: target.user } },
  emitToUser: { path: user, body: emitted },
  emitToRoom: { path: room, body: emitted },
  emitToRole: { path: { role: 'technician' }, body: emitted },
  notifyStaff: { body: (message) => ({ everyone: true, notification: { title: 'News', message } }) },
  updateWorkOrder: { path: { id: '7' }, body: (canary) => ({ workOrder: { canary } }) },
  assignWorkOrder: { path: { id: '7' }, body: (canary) => ({ technicianId: target.user, workOrder: { canary } }) },
  updateTicket: { path: { id: '9' }, body: (canary) => ({ ticket: { canary } }) },

  broadcastToTeam: { body: (canary) => ({ type: 'news', data: { canary } }) },
  announceLead: { body: (canary) => ({ leadId: 'l', leadData: { canary }, action: 'created' }) },
  announceForm: { body: (canary) => ({ formId: 'f', submissionData: { canary } }) },
  announceSync: { body: (message) => ({ provider: 'hubspot', action: 'created', success: true, message }) },

  notifyClient: { path: client, body: notification },
  notifyRoom: { path: room, body: notification },
  notifyEverybody: { body: notification },
  chatWithClient: { path: client, body: chat },
  chatWithRoom: { path: room, body: chat },
  sendEventToClient: { path: { ...client, ...event }, body: anything },
  sendEventToRoom: { path: { ...room, ...event }, body: anything },
  sendEventToEverybody: { path: event, body: anything },
  getDeskStatus: {},
  listClients: {},
  getClientStatus: { path: client },
  sendWhatsappStatus: { path: client, body: anything },
  sendWhatsappMessage: { path: client, body: anything },
  sendConversation: { path: client, body: anything },

  getOpenApi: {},
  getAsyncApi: {},
  getDocs: {},
};

export const httpRouteNames = Object.keys(requests) as readonly HttpRouteName[];

export interface RouteRequest {
  readonly method: string;
  readonly path: string;
  /** Absent for what asks only. */
  readonly body: object | undefined;
  /** Whether the target hears the canary when the request is obeyed. */
  readonly isHeard: boolean;
  /** Whether it asks for the broadcast. */
  readonly isOfBroadcast: boolean;
}

export function requestTo(name: HttpRouteName, canary: string, broadcastId: string): RouteRequest {
  const { method, path: template } = routes[name];
  const request: { readonly path?: Readonly<Record<string, string>>; readonly body?: Body } = requests[name];
  const path = template.replace(/\{(\w+)\}/g, (_, parameter: string) => request.path?.[parameter] ?? '');
  const body = request.body?.(canary);
  return {
    method,
    path: path.replace(someBroadcast, broadcastId),
    body,
    isHeard: body !== undefined && JSON.stringify(body).includes(canary),
    isOfBroadcast: path.includes(someBroadcast),
  };
}
