// POST /api/broadcasts: accepts any event for any audience.
import { publishedAnswer, toPublishCommand } from '../../shared/dialects/broadcasts.ts';
import { publishBody } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { admissionPorts, createBroadcastPorts } from '../ports.ts';
import { acceptedHeaders, endpoint, repeatable } from './endpoint.ts';

const ports = createBroadcastPorts();

export const handler = endpoint('publish', admissionPorts(), async (request) => {
  const { broadcast, replayed } = await createBroadcast(ports, {
    tenant: request.caller.tenant,
    command: toPublishCommand(validate(publishBody, request.json(), 'body')),
    ...repeatable(request),
  });
  return {
    status: 202,
    body: publishedAnswer(broadcast),
    headers: acceptedHeaders(`/api/broadcasts/${broadcast.id}/deliveries`, replayed),
  };
});
