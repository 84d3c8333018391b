// POST /api/notifications/broadcast: the contractor CRM tells its contractors something.
import { acceptedAnswer, toBroadcastCommand } from '../../shared/dialects/contractors.ts';
import { contractorBroadcastBody } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { admissionPorts, createBroadcastPorts } from '../ports.ts';
import { acceptedHeaders, endpoint, repeatable } from './endpoint.ts';

const ports = createBroadcastPorts();

export const handler = endpoint('createBroadcast', admissionPorts(), async (request) => {
  const { broadcast, replayed } = await createBroadcast(ports, {
    tenant: request.caller.tenant,
    command: toBroadcastCommand(validate(contractorBroadcastBody, request.json(), 'body')),
    ...repeatable(request),
  });
  return {
    status: 202,
    body: acceptedAnswer(broadcast),
    headers: acceptedHeaders(`/api/notifications/broadcasts/${broadcast.id}`, replayed),
  };
});
