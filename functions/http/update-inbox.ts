// PATCH /api/inbox: acknowledges what was shown and marks what was read, for clients that cannot have a socket.
import { inboxChange } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { updateInbox } from '../../shared/usecases/update-inbox.ts';
import { updateInboxPorts, userAdmissionPorts } from '../ports.ts';
import { endpoint } from './endpoint.ts';

const ports = updateInboxPorts();

export const handler = endpoint('updateInbox', userAdmissionPorts(), async (request) => {
  const change = validate(inboxChange, request.json(), 'body');
  return { status: 200, body: { unread: await updateInbox(ports, request.caller, change, request.goOn) } };
});
