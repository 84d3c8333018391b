// The repair shop's ten routes: what admins watch and try, what its back office tells its staff, and whether all is well.
import type { ShopMessage, TestName } from '../../shared/dialects/repair-shop.ts';
import {
  assignmentAnswer,
  healthAnswer,
  roomsAnswer,
  shopMessageAnswer,
  statsAnswer,
  toAssignment,
  toStaffNotification,
  toTestMessage,
  toTicketUpdate,
  toWorkOrderUpdate,
  userOf,
} from '../../shared/dialects/repair-shop.ts';
import type { BroadcastCommand } from '../../shared/domain/broadcast.ts';
import type { RateCounter } from '../../shared/ports.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import {
  assignWorkOrderBody,
  emitBody,
  notifyStaffBody,
  shopStatsQuery,
  updateTicketBody,
  updateWorkOrderBody,
} from '../../shared/protocol/repair-shop-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import type { Accepted } from '../../shared/usecases/create-broadcast.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { listPresent, presentConnections } from '../../shared/usecases/list-present.ts';
import { connectionsOfPorts, createBroadcastPorts, officePorts } from '../ports.ts';
import type { EndpointAnswer, EndpointRequest } from './endpoint.ts';
import { acceptedHeaders, endpoint, frontDoor, repeatable } from './endpoint.ts';

// For all callers, so that tokens are checked with one set of keys.
const callers = officePorts();
const sending = createBroadcastPorts();
const presence = connectionsOfPorts();

export const handler = frontDoor('http/repair-shop', {
  getShopStats: endpoint('getShopStats', callers, async ({ caller, query }) => {
    const { after } = validate(shopStatsQuery, query, 'query');
    const present = await listPresent(presence, caller.tenant);
    return { status: 200, body: statsAnswer(present, after, presence.clock.nowMs()) };
  }),

  // Admitting the request has counted it in a table: that is the check.
  getShopHealth: endpoint('getShopHealth', { ...callers, rates: orUnavailable(callers.rates) }, () =>
    Promise.resolve({ status: 200, body: healthAnswer(callers.clock.nowMs()) }),
  ),

  getUserRooms: endpoint('getUserRooms', callers, async ({ caller, pathParameters }) => {
    const user = userOf(pathParameters);
    return { status: 200, body: roomsAnswer(user, await presentConnections(presence, caller.tenant, user)) };
  }),

  emitToUser: emit('emitToUser'),
  emitToRoom: emit('emitToRoom'),
  emitToRole: emit('emitToRole'),

  notifyStaff: endpoint('notifyStaff', callers, async (request) =>
    answerTo(request, toStaffNotification(validate(notifyStaffBody, request.json(), 'body'))),
  ),

  updateWorkOrder: endpoint('updateWorkOrder', callers, async (request) => {
    const body = validate(updateWorkOrderBody, request.json(), 'body');
    return answerTo(request, toWorkOrderUpdate(request.pathParameters, body));
  }),

  assignWorkOrder: endpoint('assignWorkOrder', callers, async (request) => {
    const body = validate(assignWorkOrderBody, request.json(), 'body');
    const assignment = toAssignment(request.pathParameters, body);
    // One after the other: what is wrong with the request refuses the first, before anything is stored.
    const technicians = await accept(request, assignment.technicians, 'technicians');
    const room = await accept(request, assignment.room, 'room');
    const answer = assignmentAnswer(technicians.broadcast.id, room.broadcast.id, assignment.subject);
    const replayed = technicians.replayed && room.replayed;
    return { status: 202, body: answer, headers: acceptedHeaders(answer.links.deliveries, replayed) };
  }),

  updateTicket: endpoint('updateTicket', callers, async (request) => {
    const body = validate(updateTicketBody, request.json(), 'body');
    return answerTo(request, toTicketUpdate(request.pathParameters, body));
  }),
});

function emit(name: TestName) {
  return endpoint(name, callers, async (request) =>
    answerTo(request, toTestMessage(name, request.pathParameters, validate(emitBody, request.json(), 'body'))),
  );
}

type FromTenant = EndpointRequest<{ readonly tenant: string }>;

async function answerTo(request: FromTenant, { command, subject }: ShopMessage): Promise<EndpointAnswer> {
  const { broadcast, replayed } = await accept(request, command);
  const body = shopMessageAnswer(broadcast.id, subject);
  return { status: 202, body, headers: acceptedHeaders(body.links.deliveries, replayed) };
}

/** @param part which of several broadcasts of one request it is: each has a key of its own, so that a repetition repeats none. */
async function accept(request: FromTenant, command: BroadcastCommand, part?: string): Promise<Accepted> {
  const { idempotencyKey, requestText } = repeatable(request);
  // An empty key stays one, and is refused.
  const isPart = part !== undefined && idempotencyKey !== undefined && idempotencyKey !== '';
  return createBroadcast(sending, {
    tenant: request.caller.tenant,
    command,
    idempotencyKey: isPart ? `${idempotencyKey}#${part}` : idempotencyKey,
    requestText,
  });
}

/** Whoever asks for our health shall hear that a table cannot be reached, rather than that something went wrong. */
function orUnavailable(rates: RateCounter): RateCounter {
  return {
    count: async (key, windowMs, nowMs) => {
      try {
        return await rates.count(key, windowMs, nowMs);
      } catch (error) {
        throw new Failure(
          'unavailable',
          { message: 'the tables cannot be reached', remedy: 'Ask again in a moment.', retryAfterSeconds: 5 },
          error,
        );
      }
    },
  };
}
