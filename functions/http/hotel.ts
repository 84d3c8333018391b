// /api/communications: the hotel's back office tells its guests, sees who is there, and guests without a socket poll.
import {
  communicationAnswer,
  communicationsAnswer,
  guestConnectionsAnswer,
  guestTestAnswer,
  mustBeOwn,
  toCommunicationCommand,
  toGuestTestCommand,
} from '../../shared/dialects/hotel.ts';
import {
  createCommunicationBody,
  listCommunicationsQuery,
  sendGuestTestBody,
} from '../../shared/protocol/hotel-bodies.ts';
import { writeInboxMark } from '../../shared/protocol/inbox-mark.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { getInbox } from '../../shared/usecases/get-inbox.ts';
import { listPresent } from '../../shared/usecases/list-present.ts';
import { createBroadcastPorts, officePorts, presentPorts, standingPorts, userAdmissionPorts } from '../ports.ts';
import { acceptedHeaders, endpoint, frontDoor, repeatable } from './endpoint.ts';

const office = officePorts();
const broadcasting = createBroadcastPorts();
const standing = standingPorts();
const present = presentPorts();

export const handler = frontDoor('http/hotel', {
  createCommunication: endpoint('createCommunication', office, async (request) => {
    const { tenant } = request.caller;
    const { broadcast, replayed } = await createBroadcast(broadcasting, {
      tenant,
      command: toCommunicationCommand(validate(createCommunicationBody, request.json(), 'body'), tenant),
      ...repeatable(request),
    });
    return {
      status: 201,
      body: communicationAnswer(broadcast),
      headers: acceptedHeaders(`/api/broadcasts/${broadcast.id}/deliveries`, replayed),
    };
  }),

  listCommunications: endpoint('listCommunications', userAdmissionPorts(), async (request) => {
    const { guestId, ...query } = validate(listCommunicationsQuery, request.query, 'query');
    mustBeOwn(guestId, request.caller.user);
    const inbox = await getInbox(standing, request.caller, query);
    return { status: 200, body: communicationsAnswer(inbox, writeInboxMark(inbox.positions)) };
  }),

  getGuestConnections: endpoint('getGuestConnections', office, async (request) => ({
    status: 200,
    body: guestConnectionsAnswer(await listPresent(present, request.caller.tenant)),
  })),

  sendGuestTest: endpoint('sendGuestTest', office, async (request) => {
    const { tenant } = request.caller;
    const body = validate(sendGuestTestBody, request.json(), 'body');
    const { broadcast } = await createBroadcast(broadcasting, {
      tenant,
      command: toGuestTestCommand(body, tenant),
      ...repeatable(request),
    });
    return { status: 200, body: guestTestAnswer(body, broadcast) };
  }),
});
