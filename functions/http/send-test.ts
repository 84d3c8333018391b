// POST /api/notifications/test: tries the whole path with a notification that leaves nothing behind.
import { testAnswer, toTestCommand } from '../../shared/dialects/contractors.ts';
import { contractorTestBody } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { sendTest } from '../../shared/usecases/send-test.ts';
import { admissionPorts, sendTestPorts } from '../ports.ts';
import { endpoint, repeatable } from './endpoint.ts';

const ports = sendTestPorts();

export const handler = endpoint('sendTest', admissionPorts(), async (request) => {
  const { broadcast, status } = await sendTest(ports, {
    tenant: request.caller.tenant,
    command: toTestCommand(validate(contractorTestBody, request.json(), 'body')),
    ...repeatable(request),
  });
  return { status: 200, body: testAnswer(broadcast, status) };
});
