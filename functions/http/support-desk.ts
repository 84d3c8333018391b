// The support desk's fourteen routes: eleven that tell a client, a room or everybody something, and three about who is there.
import type { DeskMessageName } from '../../shared/dialects/support-desk.ts';
import {
  clientOf,
  clientsAnswer,
  clientStatusAnswer,
  deskMessageAnswer,
  statusAnswer,
  toDeskMessage,
} from '../../shared/dialects/support-desk.ts';
import { listClientsQuery } from '../../shared/protocol/support-desk-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { listPresent, presentConnections } from '../../shared/usecases/list-present.ts';
import { connectionsOfPorts, createBroadcastPorts, officePorts } from '../ports.ts';
import { acceptedHeaders, endpoint, frontDoor, repeatable } from './endpoint.ts';

const office = officePorts();
const sending = createBroadcastPorts();
const presence = connectionsOfPorts();

export const handler = frontDoor('http/support-desk', {
  notifyClient: send('notifyClient'),
  notifyRoom: send('notifyRoom'),
  notifyEverybody: send('notifyEverybody'),
  chatWithClient: send('chatWithClient'),
  chatWithRoom: send('chatWithRoom'),
  sendEventToClient: send('sendEventToClient'),
  sendEventToRoom: send('sendEventToRoom'),
  sendEventToEverybody: send('sendEventToEverybody'),
  sendWhatsappStatus: send('sendWhatsappStatus'),
  sendWhatsappMessage: send('sendWhatsappMessage'),
  sendConversation: send('sendConversation'),

  getDeskStatus: endpoint('getDeskStatus', office, async ({ caller }) => ({
    status: 200,
    body: statusAnswer(await listPresent(presence, caller.tenant), presence.clock.nowMs()),
  })),

  listClients: endpoint('listClients', office, async ({ caller, query }) => {
    const { after } = validate(listClientsQuery, query, 'query');
    return { status: 200, body: clientsAnswer(await listPresent(presence, caller.tenant), after) };
  }),

  getClientStatus: endpoint('getClientStatus', office, async ({ caller, pathParameters }) => {
    const client = clientOf(pathParameters);
    const connections = await presentConnections(presence, caller.tenant, client);
    return { status: 200, body: clientStatusAnswer(client, connections) };
  }),
});

function send(name: DeskMessageName) {
  return endpoint(name, office, async (request) => {
    const { command, subject } = toDeskMessage(name, request.pathParameters, request.query, request.json());
    const { broadcast, replayed } = await createBroadcast(sending, {
      tenant: request.caller.tenant,
      command,
      ...repeatable(request),
    });
    const body = deskMessageAnswer(broadcast.id, subject);
    return { status: 202, body, headers: acceptedHeaders(body.links.deliveries, replayed) };
  });
}
