// GET /api/inbox: what a person has not got yet, for clients that cannot have a socket.
import { inboxQuery } from '../../shared/protocol/http-bodies.ts';
import { writeInboxMark } from '../../shared/protocol/inbox-mark.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { getInbox } from '../../shared/usecases/get-inbox.ts';
import { standingPorts, userAdmissionPorts } from '../ports.ts';
import { endpoint } from './endpoint.ts';

const ports = standingPorts();

export const handler = endpoint('getInbox', userAdmissionPorts(), async (request) => {
  const inbox = await getInbox(ports, request.caller, validate(inboxQuery, request.query, 'query'));
  return { status: 200, body: { ...inbox, next: writeInboxMark(inbox.positions) } };
});
