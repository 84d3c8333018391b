// POST /api/notifications/batch: the contractor CRM tells its contractors several things at once.
import { batchAnswer, toBatchCommands } from '../../shared/dialects/contractors.ts';
import { createBatchBody } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { createBatch } from '../../shared/usecases/create-batch.ts';
import { admissionPorts, createBroadcastPorts } from '../ports.ts';
import { endpoint, repeatable } from './endpoint.ts';

const ports = createBroadcastPorts();

export const handler = endpoint('createBatch', admissionPorts(), async (request) => {
  const batch = {
    tenant: request.caller.tenant,
    commands: toBatchCommands(validate(createBatchBody, request.json(), 'body')),
    ...repeatable(request),
  };
  const { broadcasts, replayed } = await createBatch(ports, batch, request.goOn);
  return {
    status: 202,
    body: batchAnswer(broadcasts),
    ...(replayed ? { headers: { 'idempotent-replayed': 'true' } } : {}),
  };
});
